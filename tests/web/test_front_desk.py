"""The front desk: who is here?"""

from decimal import Decimal

import pytest

from tests.factories import a_lead, brought_to, sql, value
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
        assert one.queries == many.queries == (4 if htmx else 5)


@PAGE_AND_FRAGMENT
class TestAddVisit:
    def test_the_owner_is_told_and_the_card_is_shown(self, desk, lead, aisha, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        answer = desk.post("enquiries.add_visit", lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.page.h1.get_text() == "Aisha Rahman takes Layla."
        assert "Aisha has been told." in answer.said()
        assert value("SELECT status FROM visits") == "waiting"
        assert [row.kind for row in sql("SELECT kind FROM notices")] == ["lead_assigned", "visitor_waiting"]

    def test_who_waits_already_is_not_added_twice(self, desk, lead, unchanged, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        desk.post("enquiries.add_visit", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = desk.post("enquiries.add_visit", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Layla Haddad is already waiting." in answer.text
        assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged

    def test_the_desk_says_who_already_waits(self, desk, lead, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        desk.post("enquiries.add_visit", lead_id=lead.lead_id)

        answer = desk.get("front_desk.show", phone=lead.phone, htmx=htmx, target="visitor")

        assert "Already waiting" in answer.said("#visitor")
        assert not answer.page.select("#visitor form")

    @pytest.mark.parametrize("enquiry_id", ["", "x", "0" * 36, "----" + "z" * 32, "{" + "0" * 34 + "}"])
    def test_an_enquiry_that_is_none_makes_a_visit_of_its_own(self, desk, lead, htmx, enquiry_id):
        desk.get("front_desk.show", phone=lead.phone)

        answer = desk.post("enquiries.add_visit", {"enquiry_id": enquiry_id}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 200
        assert value("SELECT count(*) FROM visits") == 1

    def test_an_enquiry_of_another_lead_is_not_taken(self, desk, lead, htmx):
        other = a_lead("+971521112233")
        foreign = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", other.lead_id)
        desk.get("front_desk.show", phone=lead.phone)

        desk.post("enquiries.add_visit", {"enquiry_id": str(foreign)}, lead_id=lead.lead_id, htmx=htmx)

        assert sql("SELECT lead_id FROM visits") == [(lead.lead_id,)]
        assert value("SELECT enquiry_id <> %s FROM visits", foreign)


@PAGE_AND_FRAGMENT
class TestMarkVisit:
    @pytest.fixture
    def visit_id(self, desk):
        desk.post("leads.capture", {"phone": "0507654321", "first_name": "Layla"})
        return value("SELECT visit_id FROM visits")

    @pytest.mark.parametrize("status", ["received", "left", "no_show"])
    def test_reception_says_what_became_of_a_visitor(self, desk, visit_id, htmx, status):
        answer = desk.post("enquiries.mark_visit", {"status": status}, visit_id=visit_id, htmx=htmx)

        assert answer.path == "/front-desk"
        assert value("SELECT status FROM visits") == status

    def test_the_agent_says_they_come_and_lands_on_the_lead(self, desk, another, aisha, visit_id, htmx):
        agents_browser = another(aisha)
        assert "is at reception" in agents_browser.get("home.show").said()

        answer = agents_browser.post("enquiries.mark_visit", {"status": "received"}, visit_id=visit_id, htmx=htmx)

        assert answer.path == f"/leads/{value('SELECT lead_id FROM leads')}"
        assert "Reception knows" in answer.said("#toasts")

    def test_a_visitor_is_marked_once(self, desk, visit_id, unchanged, htmx):
        desk.get("front_desk.show")
        stale = desk.last, desk.at
        desk.post("enquiries.mark_visit", {"status": "no_show"}, visit_id=visit_id)
        unchanged.from_now()
        desk.last, desk.at = stale

        answer = desk.post("enquiries.mark_visit", {"status": "received"}, visit_id=visit_id, htmx=htmx)

        assert answer.status_code == 409
        assert "is marked No-show already" in answer.text
        assert unchanged

    def test_a_status_that_is_none_changes_nothing(self, desk, visit_id, unchanged, htmx):
        unchanged.from_now()

        desk.post("enquiries.mark_visit", {"status": "gone"}, visit_id=visit_id, htmx=htmx)

        assert unchanged
