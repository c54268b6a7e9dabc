"""Consent on the lead's page: given, withdrawn, and told with its wording."""

from tests.factories import a_lead, sql, value
from webapp.services import leads
from webapp.services.leads import Details
from webapp.vocabulary import WORDING


class TestRecord:
    def test_it_is_given_and_withdrawn_and_the_latest_word_holds(self, browser, aisha, lead):
        page = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        assert "Nothing is on record" in page.said("[aria-labelledby=consents]")
        browser.get("stops.show", lead_id=lead.lead_id)
        sent = {"purpose": "marketing", "channel": "whatsapp", "how": "in_writing"}

        given = browser.post("consents.record", sent | {"is_given": "y"}, lead_id=lead.lead_id)
        assert "Agreed Offers and news, whatsapp In writing" in given.said("[aria-labelledby=consents]")
        assert f"wording {WORDING}" in given.said()
        browser.get("stops.show", lead_id=lead.lead_id)
        withdrawn = browser.post("consents.record", sent, lead_id=lead.lead_id)

        assert "Withdrawn Offers and news" in withdrawn.said("[aria-labelledby=consents]")
        assert [row.is_given for row in sql("SELECT is_given FROM consents ORDER BY said_at")] == [True, False]
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'consents.record'") == 2
        assert value("SELECT consent_at FROM leads") is None

    def test_for_the_search_the_lead_says_whether_it_may_be_contacted(self, browser, aisha, lead):
        browser.sign_in(aisha).get("stops.show", lead_id=lead.lead_id)
        sent = {"purpose": "search", "channel": "any", "how": "by_phone", "is_given": "y"}

        answer = browser.post("consents.record", sent, lead_id=lead.lead_id)

        assert "may be called and messaged" in answer.said("header, .page-head")


def test_captures_and_details_leave_their_line(app, aisha):
    lead = a_lead(consent=True, by=aisha)
    leads.amend(lead.lead_id, Details(lead.phone, lead.source_type), by=aisha, version=1)

    rows = sql("SELECT is_given, how, taken_by FROM consents ORDER BY said_at")
    assert [tuple(row) for row in rows] == [(True, "entered", aisha.user_id), (False, "entered", aisha.user_id)]
