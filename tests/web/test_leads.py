"""Leads: the list, registering, one lead, amending, opening again."""

import re
from uuid import uuid4

import pytest

from tests.factories import a_lead, brought_to, busy, sql, value
from webapp.vocabulary import PropertyType, Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
LEADS = "SELECT count(*) FROM leads"


def numbers(answer) -> list[str]:
    """The leads of a list, by the address of their pages."""
    return [link["href"] for link in answer.page.select("#lead-list td a.name")]


@PAGE_AND_FRAGMENT
class TestIndex:
    def test_it_lists_what_the_agent_owns_and_nothing_else(self, browser, aisha, yousef, mariam, lead, htmx):
        mine = browser.sign_in(aisha).get("leads.index", htmx=htmx, target="lead-list")
        assert numbers(mine) == [f"/leads/{lead.lead_id}"]
        assert mine.fills == ("#lead-list" if htmx else None)
        assert bool(mine.page.html) is not htmx

        browser.post("sessions.end")
        assert numbers(browser.sign_in(yousef).get("leads.index", htmx=htmx, target="lead-list")) == []

        browser.post("sessions.end")
        assert len(numbers(browser.sign_in(mariam).get("leads.index", htmx=htmx, target="lead-list"))) == 1

    def test_the_menu_gets_the_whole_main(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).get("leads.index", htmx=htmx)

        assert answer.fills == ("#main" if htmx else None)
        assert answer.page.select_one("main#main #lead-list")
        assert bool(answer.page.html) is not htmx
        assert "HX-Request" in answer.headers["Vary"]

    def test_it_takes_as_many_queries_for_25_as_for_1(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha)
        one = browser.get("leads.index", htmx=htmx, target="lead-list")
        busy(aisha, 24)

        many = browser.get("leads.index", htmx=htmx, target="lead-list")

        assert (len(numbers(one)), len(numbers(many))) == (1, 25)
        assert (one.queries, many.queries) == ((3, 3) if htmx else (4, 4))

    def test_every_lead_is_on_exactly_one_page(self, browser, mariam, aisha, yousef, htmx):
        busy(aisha, 49)
        sql("UPDATE leads SET created_at = now() - interval '1 hour'")  # all at one moment: the id decides
        browser.sign_in(mariam)
        url, seen = "/leads", []
        while url:
            answer = browser.open("GET", url, htmx=htmx, target="lead-list")
            seen += numbers(answer)
            older = answer.page.select_one("a[rel=next]")
            url = older["href"] if older else None

        assert len(seen) == len(set(seen)) == value(LEADS) == 49

    def test_older_leads_keep_the_filters(self, browser, mariam, aisha, htmx):
        busy(aisha, 30)
        a_lead(source=Source.REFERRAL)
        browser.sign_in(mariam)

        first = browser.get("leads.index", htmx=htmx, target="lead-list", source_type="bayut")
        second = browser.open("GET", first.page.select_one("a[rel=next]")["href"], htmx=htmx, target="lead-list")

        assert (len(numbers(first)), len(numbers(second))) == (25, 5)
        assert "30 leads" in second.said("#lead-list")


class TestFilters:
    @pytest.fixture
    def office(self, browser, aisha, yousef, mariam):
        """One lead of each kind, seen by the manager."""
        a_lead("+971501234567", Source.BAYUT, first_name="Owned")
        brought_to(a_lead("+971501234568", Source.REFERRAL, first_name="Contacted"), Status.CONTACTED)
        sql("UPDATE agents SET on_duty = false")
        a_lead("+971521234569", Source.WEBSITE, first_name="Free")
        return browser.sign_in(mariam)

    @pytest.mark.parametrize(
        "query, found",
        [
            ({}, {"Owned", "Contacted", "Free"}),
            ({"status": "contacted"}, {"Contacted"}),
            ({"status": ["contacted", "new"]}, {"Owned", "Contacted", "Free"}),
            ({"source_type": "bayut"}, {"Owned"}),
            ({"owner": "none"}, {"Free"}),
            ({"status": "new", "source_type": "referral"}, set()),
            ({"q": "0501234567"}, {"Owned"}),
            ({"q": "+971 50 123 4567"}, {"Owned"}),
            ({"q": "٠٥٠١٢٣٤٥٦٧"}, {"Owned"}),
            ({"q": "1234"}, {"Owned", "Contacted", "Free"}),
            ({"q": "4569"}, {"Free"}),
            ({"q": "%"}, set()),
            ({"q": "____"}, set()),
            ({"q": "' OR 1=1 --"}, set()),
            ({"status": "nonsense", "owner": "nonsense"}, {"Owned", "Contacted", "Free"}),
            ({"created_from": "2999-01-01"}, set()),
            ({"created_from": "nonsense"}, {"Owned", "Contacted", "Free"}),
            ({"created_to": "2001-01-01"}, set()),
            ({"contacted_from": "2001-01-01"}, set()),
            ({"overdue": "yes"}, set()),
            ({"sort": "phone; DROP TABLE leads", "unknown": "1"}, {"Owned", "Contacted", "Free"}),
        ],
    )
    def test_they_leave_what_fits(self, office, query, found):
        answer = office.get("leads.index", **query)

        assert answer.status_code == 200
        assert set(re.findall("Owned|Contacted|Free", answer.said("#lead-list td a.name"))) == found
        assert f"{len(found)} lead" in answer.said("#lead-list [role=status]")

    def test_a_short_number_is_found(self, office):
        number = value("SELECT number FROM leads WHERE first_name = 'Free'")

        assert "Free" in office.get("leads.index", q=f"#{number}").said("#lead-list td")
        assert len(numbers(office.get("leads.index", q=f"#{number}"))) == 1

    def test_an_owner_is_found(self, office, aisha):
        assert len(numbers(office.get("leads.index", owner=aisha.agent_id))) == 2

    def test_what_was_chosen_is_shown_as_chosen(self, office):
        page = office.get("leads.index", status="contacted", q="0501").page

        assert page.select_one("#filter-status option[selected]")["value"] == "contacted"
        assert page.select_one("#filter-q")["value"] == "0501"

    @pytest.mark.parametrize(
        "after",
        [
            "garbage",
            "_",
            "2026-01-01T00:00:00+00:00_",
            "9999-99-99_x",
            "\x00",
            "%",
            "2026-01-01_0f8fad5b-d9cb-469f-a165-70867728950",
        ],
    )
    def test_an_after_that_is_no_key_is_the_first_page(self, office, after):
        answer = office.get("leads.index", after=after)

        assert answer.status_code == 200
        assert len(numbers(answer)) == 3

    @pytest.mark.parametrize("moment", ["2026-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00-23:59"])
    def test_an_after_without_a_zone_or_at_the_end_of_time_is_no_error(self, office, moment):
        assert office.get("leads.index", after=f"{moment}_{uuid4()}").status_code == 200

    def test_filters_do_not_widen_what_an_agent_sees(self, browser, aisha, yousef, lead):
        browser.sign_in(yousef)
        for query in ({"owner": aisha.agent_id}, {"q": lead.phone}, {"q": f"#{lead.number}"}, {"owner": "none"}):
            assert numbers(browser.get("leads.index", **query)) == []


@PAGE_AND_FRAGMENT
class TestCapture:
    DETAILS = {
        "phone": "050 765 4321",
        "first_name": "Omar",
        "last_name": "Al Suwaidi",
        "source_type": "referral",
        "purpose": "buy",
        "property_type": "villa",
        "bedrooms": "٤",
        "preferred_areas": "JVC, Marina",
        "budget_max": "2.5M",
        "email": "omar@client.example",
        "nationality": "UAE",
        "message": "Wants a garden",
        "consent": "y",
    }

    def test_it_lands_on_the_new_lead(self, browser, aisha, htmx):
        sent = self.DETAILS | {"bedrooms": "4"}
        answer = browser.sign_in(aisha).post("leads.capture", sent, htmx=htmx)

        assert answer.hops[0][0] == 303
        assert answer.fills == ("#main" if htmx else None)
        assert answer.page.h1.get_text() == "Omar Al Suwaidi"
        assert "Registered." in answer.said("#toasts")
        (row,) = sql("SELECT phone, budget_max, property_type, preferred_areas, bedrooms, consent_at FROM leads")
        assert row[:5] == ("+971507654321", 2_500_000, "villa", ["Jumeirah Village Circle", "Dubai Marina"], 4)
        assert row.consent_at
        assert value("SELECT message FROM enquiries") == "Wants a garden"

    def test_a_receptionist_lands_on_the_hand_over_card(self, browser, rashid, aisha, htmx):
        answer = browser.sign_in(rashid).post("leads.capture", {"phone": "0507654321"}, htmx=htmx)

        assert answer.page.h1.get_text().startswith("Aisha Rahman takes")
        assert value("SELECT source_type FROM leads") == "walk_in"
        assert value("SELECT status FROM visits") == "waiting"

    @pytest.mark.parametrize(
        "field, typed, said",
        [
            ("phone", "", "Type a phone number"),
            ("phone", "12345", "not a phone number"),
            ("phone", "600 522 222", "call centres"),
            ("budget_max", "a lot", "Write the amount"),
            ("budget_max", "600M", "at most AED 500,000,000"),
            ("budget_max", "0", "above zero"),
            ("budget_max", "1.005", "two decimals"),
            ("email", "not an address", "not an e-mail"),
            ("bedrooms", "21", "0–20"),
            ("bedrooms", "two", "whole number"),
            ("first_name", "x" * 101, "At most 100"),
            ("source_type", "fax", "Choose one"),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, unchanged, htmx, field, typed, said):
        browser.sign_in(aisha).get("leads.new")
        unchanged.from_now()

        answer = browser.post("leads.capture", self.DETAILS | {"bedrooms": "4", field: typed}, htmx=htmx)

        assert answer.status_code == 422
        assert said in answer.said(f"#lead-form [id={field}-error]")
        assert answer.fills == ("#main" if htmx else None)
        if field != "source_type":
            assert answer.page.select_one(f"#lead-form [name={field}]")["value"] == typed
        assert answer.page.select_one("[name=last_name]")["value"] == "Al Suwaidi"
        assert answer.page.select_one("[name=message]").get_text(strip=True) == "Wants a garden"
        assert answer.page.select_one("[name=property_type][checked]")["value"] == "villa"
        assert answer.page.select_one("[name=consent]").has_attr("checked")
        assert unchanged

    def test_budgets_the_wrong_way_round_are_said_at_the_upper_one(self, browser, aisha, unchanged, htmx):
        browser.sign_in(aisha).get("leads.new")
        unchanged.from_now()
        answer = browser.post(
            "leads.capture", {"phone": "0507654321", "budget_min": "3M", "budget_max": "2M"}, htmx=htmx
        )

        assert answer.status_code == 422
        assert "above the lower one" in answer.said("#budget_max-error")
        assert unchanged

    def test_a_refusal_at_the_desk_comes_back_at_the_desk(self, browser, rashid, aisha, unchanged, htmx):
        browser.sign_in(rashid).get("front_desk.show", phone="0507654321")
        unchanged.from_now()

        answer = browser.post("leads.capture", {"email": "no", "last_name": "Kept"}, htmx=htmx)

        assert answer.status_code == 422
        assert "not an e-mail" in answer.said("#visitor #email-error")
        assert answer.page.select_one("#lead-form [name=last_name]")["value"] == "Kept"
        assert answer.page.select_one("#lead-form [name=phone]")["value"] == "0507654321"
        assert answer.page.select_one("details[open] [name=email]"), "the refusal must not be folded away"
        assert unchanged

    def test_sent_twice_it_is_one_lead(self, browser, aisha, htmx):
        browser.sign_in(aisha)
        sent = browser.filled("/leads", "leads.capture", {}) | {"phone": "0507654321"}

        first = browser.open("POST", "/leads", data=sent, htmx=htmx)
        second = browser.open("POST", "/leads", data=sent, htmx=htmx)

        assert first.path == second.path == f"/leads/{value('SELECT lead_id FROM leads')}"
        assert value("SELECT count(*) FROM enquiries") == 1

    def test_the_nonce_of_one_form_does_not_carry_another(self, browser, aisha, htmx):
        browser.sign_in(aisha)
        sent = browser.filled("/leads", "leads.capture", {}) | {"phone": "0507654321"}
        browser.open("POST", "/leads", data=sent, htmx=htmx)

        answer = browser.open("POST", "/leads", data=sent | {"phone": "0507654322"}, htmx=htmx)

        assert answer.status_code == 422
        assert "sent before with other contents" in answer.said("#lead-form")
        assert value(LEADS) == 1

    @pytest.mark.parametrize("nonce", [None, "", "made-up"])
    def test_a_form_without_a_nonce_of_ours_has_expired(self, browser, aisha, htmx, nonce):
        answer = browser.sign_in(aisha).post("leads.capture", {"phone": "0507654321", "nonce": nonce}, htmx=htmx)

        assert answer.status_code == 422
        assert "expired" in answer.said("#lead-form [role=alert]")
        assert value(LEADS) == 0
        again = browser.post("leads.capture", {"phone": "0507654321"}, htmx=htmx)
        assert again.hops and value(LEADS) == 1


@PAGE_AND_FRAGMENT
class TestDuplicate:
    def test_the_owner_may_open_it(self, browser, aisha, lead, htmx):
        sent = {"phone": lead.phone, "source_type": "website"}
        answer = browser.sign_in(aisha).post("leads.capture", sent, htmx=htmx)

        assert answer.status_code == 409
        assert answer.fills == ("#main" if htmx else None)
        assert answer.page.select_one("#existing-lead")["data-lead-id"] == str(lead.lead_id)
        assert "Layla Haddad" in answer.said("#existing-lead")
        assert answer.page.select_one(f"#existing-lead a[href='/leads/{lead.lead_id}']").get_text() == "Open it"
        assert (value(LEADS), value("SELECT count(*) FROM enquiries")) == (1, 2)

    def test_another_agent_learns_date_source_and_owner_without_a_link(self, browser, yousef, lead, htmx):
        sql("UPDATE leads SET budget_max = 7654321, nationality = 'Lebanon' WHERE lead_id = %s", lead.lead_id)

        answer = browser.sign_in(yousef).post(
            "leads.capture", {"phone": lead.phone, "source_type": "website"}, htmx=htmx
        )

        assert answer.status_code == 409
        told = answer.said("#existing-lead")
        assert "Aisha Rahman" in told and "Website" in told and "just now" in told
        assert not answer.page.select("#existing-lead a, #existing-lead form")
        assert "7654321" not in answer.text and "7,654,321" not in answer.text and "Lebanon" not in told

    def test_reception_adds_the_visit_or_opens_the_card(self, browser, rashid, aisha, htmx):
        lead = a_lead("+971507654321", Source.WALK_IN)
        browser.sign_in(rashid).get("front_desk.show", phone="0501112233")
        repeat = browser.post("leads.capture", {"phone": "0507654321"}, htmx=htmx)

        assert repeat.status_code == 409
        assert "Add this visit" in repeat.said("#existing-lead button")
        assert "Open it" in repeat.said("#existing-lead a")
        added = browser.post("enquiries.add_visit", lead_id=lead.lead_id, htmx=htmx)

        assert added.path == f"/leads/{lead.lead_id}"
        assert "The owner has been told." in added.said("#toasts")
        assert (value("SELECT count(*) FROM visits"), value("SELECT count(*) FROM enquiries")) == (1, 2)


@PAGE_AND_FRAGMENT
class TestShow:
    def test_agents_see_their_own_and_managers_and_admins_all(self, browser, another, aisha, mariam, omar, lead, htmx):
        for who in (aisha, mariam, omar):
            answer = another(who).get("leads.show", lead_id=lead.lead_id, htmx=htmx)
            assert answer.status_code == 200
            assert answer.page.h1.get_text() == "Layla Haddad"
            assert answer.fills == ("#main" if htmx else None)
            assert bool(answer.page.select("form#activity-form")) is (who != omar)
            assert bool(answer.page.select("form#assignment-form")) is (who == mariam)

    def test_it_takes_as_many_queries_with_much_to_tell_as_with_little(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha)
        little = browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx)
        sql(
            """INSERT INTO lead_activities (lead_id, agent_id, type, notes, activity_at)
               SELECT %s, %s, 'call', 'Said ' || n, now() - n * interval '1 second' FROM generate_series(1, 25) n""",
            lead.lead_id,
            aisha.agent_id,
        )
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
               SELECT %s, %s, 'call', 'low', now() + n * interval '2 days' FROM generate_series(1, 25) n""",
            lead.lead_id,
            aisha.agent_id,
        )

        much = browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        assert len(much.page.select(".story li.is-person")) == 25
        assert little.queries == much.queries == (10 if htmx else 11)

    def test_an_unnamed_caller_has_a_name_on_the_page(self, browser, aisha, htmx):
        answer = browser.sign_in(aisha).get("leads.show", lead_id=a_lead().lead_id, htmx=htmx)

        assert answer.page.h1.get_text() == "Unnamed caller"

    def test_the_persons_other_leads_are_named_without_a_link_where_they_are_others(
        self, browser, another, aisha, yousef, lead, htmx
    ):
        other = a_lead(lead.phone, Source.BAYUT, first_name="Layla")
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", yousef.agent_id, other.lead_id)

        mine = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        assert "Bayut" in mine.said("section[aria-labelledby=other]")
        assert "Yousef Haddad" in mine.said("section[aria-labelledby=other]")
        assert not mine.page.select("section[aria-labelledby=other] a")


class TestEveryState:
    @pytest.mark.parametrize("status", list(Status))
    def test_a_lead_has_a_page_in_every_status(self, browser, mariam, aisha, status):
        lead = brought_to(a_lead(property_type=PropertyType.VILLA), status)

        answer = browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id)

        assert answer.page.select_one(".stepper [aria-current=step]")
        assert bool(answer.page.select("#activity-form")) is not status.is_closed

    def test_a_lead_of_nobody_has_a_page(self, browser, mariam):
        answer = browser.sign_in(mariam).get("leads.show", lead_id=a_lead().lead_id)

        assert "Nobody owns this lead." in answer.said()
