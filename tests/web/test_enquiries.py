"""Visits: adding one for somebody we know, and what became of a visitor."""

import pytest

from tests.factories import a_lead, sql, value

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def desk(browser, rashid, aisha):
    """Rashid's browser; Aisha is on duty."""
    return browser.sign_in(rashid)


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
