"""The front desk: who is here?"""

from decimal import Decimal

import pytest

from tests.factories import a_lead, brought_to, sql
from webapp.services import enquiries
from webapp.vocabulary import Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def desk(browser, rashid, aisha):
    """Rashid's browser; Aisha is on duty."""
    return browser.sign_in(rashid)


@PAGE_AND_FRAGMENT
class TestShow:
    def test_a_known_number_says_enough_to_greet_and_no_more(self, desk, htmx):
        lead = a_lead("+971501234567", first_name="Layla", nationality="Lebanon", budget_max=Decimal(7_654_321))

        answer = desk.get("front_desk.show", phone="050 123 4567", htmx=htmx, target="visitor")

        assert answer.fills == ("#visitor" if htmx else None)
        assert bool(answer.page.html) is not htmx
        told = answer.said("#visitor")
        assert "We know this visitor" in told and "Layla" in told and "Aisha Rahman" in told
        assert "+971 50 123 4567" in told
        assert "Tell Aisha" in told
        assert "7,654,321" not in answer.text and "Lebanon" not in told
        assert not answer.page.select(f"#visitor a[href$='{lead.lead_id}']")

    def test_a_new_number_opens_the_registration(self, desk, htmx):
        answer = desk.get("front_desk.show", phone="0501234567", htmx=htmx, target="visitor")

        assert "New visitor" in answer.said("#visitor")
        assert answer.page.select_one("#lead-form [name=phone]")["value"] == "0501234567"

    @pytest.mark.parametrize(
        "typed, said",
        [
            ("12345678", "not a phone number"),
            ("0511234567", "No UAE mobile starts with 051"),
            ("600 522 222", "call centres"),
            ("0501", "not a phone number"),
            ("call me", "Type a phone number"),
        ],
    )
    def test_a_number_that_cannot_be_called_is_refused_in_words(self, desk, htmx, typed, said):
        answer = desk.get("front_desk.show", phone=typed, htmx=htmx, target="visitor")

        assert answer.status_code == 200
        assert said in answer.said("#read[role=alert]")
        assert not answer.page.select("#lead-form")
        if not htmx:
            assert answer.page.select_one("#phone")["value"] == typed
            assert answer.page.select_one("#phone")["aria-invalid"] == "true"

    def test_while_somebody_types_few_digits_are_no_mistake(self, desk, htmx):
        early = desk.get("front_desk.show", phone="0501", typing=1, htmx=htmx, target="visitor")
        late = desk.get("front_desk.show", phone="05012345678", typing=1, htmx=htmx, target="visitor")

        assert not early.page.select("#visitor [role=alert]")
        assert late.page.select("#visitor [role=alert]")

    def test_nothing_typed_is_the_empty_desk(self, desk, htmx):
        answer = desk.get("front_desk.show", htmx=htmx)

        assert answer.page.h1.get_text() == "Who is here?"
        assert answer.fills == ("#main" if htmx else None)
        assert "Nobody has come yet today" in answer.said("#visitors")

    def test_several_searches_of_one_person_are_one_person(self, desk, htmx):
        a_lead("+971501234567", Source.BAYUT, first_name="Layla")
        a_lead("+971501234567", Source.REFERRAL, first_name="Layla")

        answer = desk.get("front_desk.show", phone="0501234567", htmx=htmx, target="visitor")

        assert "Searches 2" in answer.said("#visitor dl")
        assert len(answer.page.select("#visitor form")) == 1

    def test_a_closed_person_is_still_known(self, desk, htmx):
        brought_to(a_lead("+971501234567", first_name="Layla"), Status.LOST)

        answer = desk.get("front_desk.show", phone="0501234567", htmx=htmx, target="visitor")

        assert "The last search is closed" in answer.said("#visitor")

    def test_it_takes_as_many_queries_for_25_visitors_as_for_1(self, desk, htmx):
        desk.post("leads.capture", {"phone": "0507654321"})
        one = desk.get("front_desk.show", phone="0507654321", htmx=htmx)
        for _ in range(24):
            a_lead()
        sql("INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries ON CONFLICT DO NOTHING")

        many = desk.get("front_desk.show", phone="0507654321", htmx=htmx)

        assert len(many.page.select("#visitors ol.agenda li")) >= 25
        assert one.queries == many.queries == (5 if htmx else 6)


class TestVisitors:
    def test_an_open_page_learns_what_became_of_a_visitor(self, desk, rashid):
        lead = a_lead()
        enquiries.add_visit(lead.lead_id, by=rashid)
        poll = desk.get("front_desk.show").page.select_one("#visitors span[hx-get]")["hx-get"]
        assert desk.open("GET", poll, htmx=True, target="visitors").status_code == 204

        sql("UPDATE visits SET status = 'received', received_at = now() WHERE lead_id = %s", lead.lead_id)
        answer = desk.open("GET", poll, htmx=True, target="visitors")

        assert "with Aisha Rahman since" in answer.said("#visitors")
        again = answer.page.select_one("#visitors span[hx-get]")["hx-get"]
        assert desk.open("GET", again, htmx=True, target="visitors").status_code == 204
