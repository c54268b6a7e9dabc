"""Leads: the list, registering, one lead, amending, opening again."""

from decimal import Decimal

import pytest

from tests.factories import a_lead, brought_to, sql, value
from webapp.services import listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import PropertyType, Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
LEADS = "SELECT count(*) FROM leads"


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
        sql("UPDATE leads SET property_type = 'villa', preferred_areas = '{Mirdif}'")
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
               SELECT %s, %s, 'call', 'low', now() + n * interval '2 days' FROM generate_series(1, 20) n""",
            lead.lead_id,
            aisha.agent_id,
        )

        much = browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        assert len(much.page.select(".story li.is-person" if not htmx else ".story > li")) == (6 if htmx else 25)
        assert little.queries == much.queries == (7 if htmx else 8)

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


class TestProperties:
    WANTED = """
        WITH other AS (
            INSERT INTO leads (source_type, first_name, last_name, phone, status, property_type, preferred_areas)
            VALUES ('bayut', '', '', '+971501112233', 'qualified', 'villa', '{Mirdif}') RETURNING lead_id)
        INSERT INTO lead_property_interests (lead_id, property_id, interest_level)
        SELECT lead_id, %s::uuid, 'high' FROM other"""

    @pytest.fixture
    def villa(self, lead):
        """The lead looks for a villa in Mirdif, and one is on offer."""
        sql("UPDATE leads SET property_type = 'villa', preferred_areas = '{Mirdif}'")
        return listings.add("VL-S-7", by=SYSTEM, title="Villa by the park", price=Decimal(3_400_000))

    def test_what_they_asked_about_and_liked_has_its_reference_and_title(self, browser, aisha, lead, villa):
        sql("UPDATE lead_sources SET property_id = %s", villa.property_id)
        sql(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, 'high')",
            lead.lead_id,
            villa.property_id,
        )

        answer = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        assert "Asked about Villa by the park VL-S-7 AED 3.4M" in answer.said("section[aria-labelledby=wants]")
        assert answer.said("section[aria-labelledby=interests] li :is(.property, summary)") == (
            "Villa by the park VL-S-7 AED 3.4M High"
        )

    def test_what_leads_like_this_one_wanted_is_suggested_with_the_reason(self, browser, aisha, lead, villa):
        sql(self.WANTED, villa.property_id)

        answer = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        assert (
            answer.said("section[aria-labelledby=suggestions] li > div") == "Villa by the park VL-S-7 AED 3.4M 1 lead"
        )

    def test_a_property_of_elsewhere_says_so(self, browser, aisha, lead, villa):
        sql(self.WANTED, "12345678-0000-4000-8000-000000000000")

        answer = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        assert "Property 12345678, not in our listings" in answer.said("section[aria-labelledby=suggestions]")

    @pytest.mark.parametrize(
        "areas, said",
        [("{Mirdif}", "No serious lead has wanted this type in these areas yet."), ("{}", "Shown as soon")],
    )
    def test_nothing_alike_is_an_honest_empty_list(self, browser, aisha, lead, villa, areas, said):
        sql("UPDATE leads SET preferred_areas = %s::text[]", areas)

        answer = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        assert said in answer.said("section[aria-labelledby=suggestions]")

    def test_a_closed_lead_gets_no_suggestions(self, browser, aisha, lead, villa):
        brought_to(lead, Status.LOST)

        assert not browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id).page.select("#suggestions")


class TestEveryState:
    @pytest.mark.parametrize("status", list(Status))
    def test_a_lead_has_a_page_in_every_status(self, browser, mariam, aisha, status):
        lead = brought_to(a_lead(property_type=PropertyType.VILLA), status)

        answer = browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id)

        assert answer.page.select_one(".stepper [aria-current=step]")
        assert bool(answer.page.select("#activity-form")) is not status.is_closed

    @pytest.mark.parametrize("phone, offered", [("+971501234567", True), ("+97143334444", False)])
    def test_whatsapp_is_offered_for_mobiles_only(self, browser, mariam, aisha, phone, offered):
        lead = a_lead(phone)

        answer = browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id)

        assert bool(answer.page.select("a[href^='https://wa.me/']")) is offered

    def test_a_lead_of_nobody_has_a_page(self, browser, mariam):
        answer = browser.sign_in(mariam).get("leads.show", lead_id=a_lead().lead_id)

        assert "Nobody owns this lead." in answer.said()
