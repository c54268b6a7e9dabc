"""The list of leads: pages, filters, search."""

import re

import pytest

from tests.factories import a_lead, brought_to, busy, sql, value
from webapp.vocabulary import Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


def numbers(answer) -> list[str]:
    """The leads of a list, by the address of their pages."""
    return [link["href"] for link in answer.page.select("td a.name")]


def all_numbers(browser, answer) -> list[str]:
    """The same, with what htmx asks for when somebody comes to the end of the first of them."""
    to_come = answer.page.select_one("#lead-rows[hx-get]")
    rest = numbers(browser.open("GET", to_come["hx-get"], htmx=True, target="lead-rows")) if to_come else []
    return numbers(answer) + rest


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

        assert (len(numbers(one)), len(all_numbers(browser, many))) == (1, 25)
        assert (one.queries, many.queries) == ((3, 3) if htmx else (4, 4))

    def test_every_lead_is_on_exactly_one_page(self, browser, mariam, aisha, yousef, htmx):
        busy(aisha, 49)
        sql("UPDATE leads SET created_at = now() - interval '1 hour'")  # all at one moment: the id decides
        browser.sign_in(mariam)
        url, seen = "/leads", []
        while url:
            answer = browser.open("GET", url, htmx=htmx, target="lead-list")
            seen += all_numbers(browser, answer)
            older = answer.page.select_one("a[rel=next]")
            url = older["href"] if older else None

        assert len(seen) == len(set(seen)) == value("SELECT count(*) FROM leads") == 49

    def test_older_leads_keep_the_filters(self, browser, mariam, aisha, htmx):
        busy(aisha, 30)
        a_lead(source=Source.REFERRAL)
        browser.sign_in(mariam)

        first = browser.get("leads.index", htmx=htmx, target="lead-list", source_type="bayut")
        second = browser.open("GET", first.page.select_one("a[rel=next]")["href"], htmx=htmx, target="lead-list")

        assert (len(all_numbers(browser, first)), len(all_numbers(browser, second))) == (25, 5)
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
            ({"next_step": "overdue"}, set()),
            ({"next_step": "none"}, {"Free"}),
            ({"last_contact": "never"}, {"Owned", "Contacted", "Free"}),
            ({"last_contact": "today"}, set()),
            ({"q": "own"}, {"Owned"}),
            ({"q": "CONTACT"}, {"Contacted"}),
            ({"q": "nobody@"}, set()),
            ({"score_min": "85", "score_max": "92"}, {"Owned"}),
            ({"score_min": "nonsense"}, {"Owned", "Contacted", "Free"}),
            ({"budget_min": "1.5M"}, set()),
            ({"area": "Marina"}, set()),
            ({"property_type": "villa"}, set()),
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
            "2026-01-01_0f8fad5b",
        ],
    )
    def test_an_after_that_is_no_key_is_the_first_page(self, office, after):
        answer = office.get("leads.index", after=after)

        assert answer.status_code == 200
        assert len(numbers(answer)) == 3

    @pytest.mark.parametrize("moment", ["2026-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00-23:59"])
    def test_an_after_without_a_zone_or_at_the_end_of_time_is_no_error(self, office, moment):
        assert office.get("leads.index", after=f"{moment}_0f8fad5b-d9cb-469f-a165-708677289501").status_code == 200

    def test_filters_do_not_widen_what_an_agent_sees(self, browser, aisha, yousef, lead):
        browser.sign_in(yousef)
        for query in ({"owner": aisha.agent_id}, {"q": lead.phone}, {"q": f"#{lead.number}"}, {"owner": "none"}):
            assert numbers(browser.get("leads.index", **query)) == []
