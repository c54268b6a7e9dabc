"""A lead's history sheet: whose client this is, for managers and admins, to print."""

import pytest

from tests.factories import a_lead, sql, value
from webapp.services import activities, assignments, consents, merges, pipeline
from webapp.services.merges import Wish
from webapp.vocabulary import (
    ActivityType,
    ConsentChannel,
    ConsentHow,
    ConsentPurpose,
    LostReason,
    Outcome,
    Side,
    Status,
)


@pytest.fixture
def told(lead, aisha, yousef, mariam):
    """Layla came from Bayut to Aisha, was called, went to Yousef, agreed and was lost."""
    sql("UPDATE enquiries SET portal_lead_id = 'PF-77', listing_reference = 'A-1' WHERE lead_id = %s", lead.lead_id)
    call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE)
    activities.log(lead.lead_id, by=mariam, type=ActivityType.EMAIL)
    activities.strike(call.activity_id, by=mariam)
    sql("UPDATE agents SET on_duty = true")
    assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Speaks Arabic")
    consents.record(
        lead.lead_id,
        by=mariam,
        purpose=ConsentPurpose.MARKETING,
        channel=ConsentChannel.EMAIL,
        is_given=True,
        how=ConsentHow.BY_PHONE,
    )
    status = Status(value("SELECT status FROM leads WHERE lead_id = %s", lead.lead_id))
    facts = {"status_from": status, "status": Status.LOST, "lost_reason": LostReason.PRICE}
    pipeline.move(lead.lead_id, by=mariam, **facts)
    return lead


def table(answer, name: str) -> list[str]:
    rows = answer.page.select(f"section[aria-labelledby={name}] tbody tr")
    return [" ".join(row.get_text(" ").split()) for row in rows]


class TestShow:
    def test_it_says_whose_client_it_is_and_every_proof(self, browser, mariam, told):
        answer = browser.sign_in(mariam).get("sheets.show", lead_id=told.lead_id)

        assert answer.queries <= 9
        assert answer.said("h1") == "Layla Haddad is a client of Yousef Haddad."
        assert "Printed by Mariam Saleh" in answer.said(".page-head")
        assert "PF-77" in answer.said("section[aria-labelledby=who]")
        first, second = table(answer, "owners")
        assert "Aisha Rahman" in first and "still" not in first and "the system" in first
        assert "Yousef Haddad" in second and "still" in second
        assert "Speaks Arabic" in second and "Mariam Saleh" in second
        (enquiry,) = table(answer, "enquiries")
        assert "first" in enquiry and "A-1" in enquiry
        call, mail = table(answer, "contacts")
        assert "Call, positive struck out" in call and "Aisha Rahman" in call
        assert "E-mail" in mail and "Mariam Saleh" in mail
        assert any("Lost, price" in move and "Mariam Saleh" in move for move in table(answer, "moves"))
        assert "Offers and news" in answer.said("section[aria-labelledby=agreed]")
        total = answer.page.select_one("section[aria-labelledby=score] .total").get_text(" ").split()[-1]
        assert int(total) == value("SELECT score FROM leads WHERE lead_id = %s", told.lead_id)

    def test_as_much_as_it_holds_costs_no_more_queries(self, browser, mariam, told):
        at_desk = browser.sign_in(mariam)
        before = at_desk.get("sheets.show", lead_id=told.lead_id).queries
        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type, logged_by)"
            " SELECT lead_id, agent_id, 'email', %s FROM lead_assignments, generate_series(1, 60) WHERE lead_id = %s",
            mariam.user_id,
            told.lead_id,
        )

        answer = at_desk.get("sheets.show", lead_id=told.lead_id)

        assert answer.queries == before
        assert len(table(answer, "contacts")) == 62

    def test_a_lead_that_was_merged_into_it_brings_its_owners(self, browser, mariam, lead, aisha):
        other = a_lead("+971521112233")
        number = other.number
        versions = tuple(value("SELECT version FROM leads WHERE lead_id = %s", one.lead_id) for one in (lead, other))
        merges.make(lead.lead_id, other.lead_id, Wish(Side.LEAD, versions), by=mariam)

        answer = browser.sign_in(mariam).get("sheets.show", lead_id=lead.lead_id)

        assert any(f"as #{number}" in owner for owner in table(answer, "owners"))
        assert f"Merged with #{number} by Mariam Saleh" in answer.said("section[aria-labelledby=enquiries]")

    def test_a_lead_that_nothing_happened_with_says_so(self, browser, omar):
        lead = a_lead("+971521112233")

        answer = browser.sign_in(omar).get("sheets.show", lead_id=lead.lead_id)

        assert answer.said("h1") == "Unnamed caller is nobody’s client at the moment."
        assert "Nobody has spoken with them yet." in answer.said("main")

    def test_the_lead_leads_there_for_those_who_may(self, browser, another, mariam, aisha, lead):
        link = f"main a[href='/leads/{lead.lead_id}/sheet']"

        assert browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id).page.select(link)
        assert not another(aisha).get("leads.show", lead_id=lead.lead_id).page.select(link)
