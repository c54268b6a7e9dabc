"""The same phone again: within 24 hours from one source a repeat, else a new lead of the same person (R2)."""

import pytest

from tests.factories import a_capture, a_lead, a_phone, an_agent, backdated, brought_to, busy, sql, tally, told
from webapp.services import leads
from webapp.services.leads import Origin
from webapp.vocabulary import CAP, AssignmentKind, Channel, EnquiryState, NoticeKind, Source, Status

pytestmark = pytest.mark.usefixtures("app")


class TestRepeat:
    def test_it_is_an_enquiry_on_the_lead_and_its_owner_is_told(self, aisha, mariam, rashid):
        phone = a_phone()
        first = a_capture(phone, by=rashid)
        before = tally("leads", "lead_sources", "lead_assignments", "follow_up_tasks", "score_lines")

        again = a_capture(phone, by=rashid, origin=Origin(Channel.CALL, "It is me again"))

        assert (again.created, again.lead.lead_id) == (False, first.lead.lead_id)
        assert (again.enquiry.state, again.enquiry.message) == (EnquiryState.ATTACHED, "It is me again")
        assert tally(*before) == before
        assert told(aisha) == [NoticeKind.LEAD_ASSIGNED, NoticeKind.REPEAT_ENQUIRY]
        assert told(mariam) == []

    def test_another_spelling_of_the_number_is_the_same_number(self, aisha):
        first = a_lead("050 765 4321")

        assert a_capture("+971-50-7654321").lead.lead_id == first.lead_id

    def test_a_microsecond_before_24_hours_it_is_a_repeat(self, aisha, clock):
        phone = a_phone()
        first = a_lead(phone)
        clock.pass_by(hours=24, microseconds=-1)

        again = a_capture(phone)

        assert (again.created, again.lead.lead_id) == (False, first.lead_id)

    def test_at_exactly_24_hours_it_is_a_new_lead(self, aisha, clock):
        phone = a_phone()
        first = a_lead(phone)
        clock.pass_by(hours=24)

        again = a_capture(phone)

        assert again.created
        assert again.lead.lead_id != first.lead_id

    def test_a_repeat_does_not_make_the_window_longer(self, aisha, clock):
        phone = a_phone()
        a_lead(phone)
        clock.pass_by(hours=20)
        assert not a_capture(phone).created
        clock.pass_by(hours=4)

        assert a_capture(phone).created

    def test_from_another_source_it_is_a_new_lead(self, aisha):
        phone = a_phone()
        a_lead(phone, Source.BAYUT)

        assert a_capture(phone, Source.DUBIZZLE).created

    @pytest.mark.parametrize("status", [Status.LOST, Status.CONVERTED])
    def test_a_closed_lead_takes_it_too_and_the_managers_are_told(self, aisha, mariam, status):
        phone = a_phone()
        closed = brought_to(a_lead(phone), status)

        again = a_capture(phone)

        assert (again.created, again.lead.lead_id, again.lead.status) == (False, closed.lead_id, status)
        assert told(aisha)[-1] == NoticeKind.REPEAT_ENQUIRY
        assert told(mariam) == [NoticeKind.REPEAT_ENQUIRY]

    def test_an_unassigned_lead_takes_it_and_the_managers_are_told(self, mariam):
        phone = a_phone()
        a_lead(phone)

        assert not a_capture(phone).created
        assert told(mariam) == [NoticeKind.LEAD_UNASSIGNED, NoticeKind.REPEAT_ENQUIRY]

    def test_of_several_leads_in_the_window_the_newest_takes_it(self, aisha, mariam):
        phone = a_phone()
        older = brought_to(backdated(a_lead(phone), hours=3), Status.LOST)
        newer = leads.open_again(older.lead_id, by=mariam)

        assert a_capture(phone).lead.lead_id == newer.lead_id


class TestSamePerson:
    def test_another_lead_of_the_person_goes_to_their_agent(self, aisha, yousef):
        phone = a_phone()
        first = a_capture(phone, Source.BAYUT)
        other = next(agent for agent in (aisha, yousef) if agent.agent_id != first.assignment.agent_id)

        second = a_capture(phone, Source.DUBIZZLE)

        assert second.assignment.kind == AssignmentKind.SAME_PERSON
        assert second.assignment.agent_id == first.assignment.agent_id
        assert a_capture().assignment.agent_id == other.agent_id

    def test_of_several_agents_the_one_assigned_last(self, aisha, yousef):
        phone = a_phone()
        first, second = a_lead(phone, Source.BAYUT), a_lead(phone, Source.DUBIZZLE)
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", yousef.agent_id, second.lead_id)
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", aisha.agent_id, first.lead_id)
        sql("UPDATE lead_assignments SET reassigned_at = now() WHERE lead_id = %s", second.lead_id)

        assert a_capture(phone, Source.REFERRAL).assignment.agent_id == yousef.agent_id

    @pytest.mark.parametrize("why", ["off duty", "full", "closed"])
    def test_not_where_that_agent_cannot_or_the_lead_is_closed(self, aisha, why):
        phone = a_phone()
        first = a_lead(phone, Source.BAYUT)
        yousef = an_agent("Yousef Haddad")
        if why == "off duty":
            sql("UPDATE agents SET on_duty = false WHERE agent_id = %s", aisha.agent_id)
        elif why == "full":
            busy(aisha, CAP - 1)
        else:
            brought_to(first, Status.LOST)

        second = a_capture(phone, Source.DUBIZZLE)

        assert (second.assignment.kind, second.assignment.agent_id) == (
            AssignmentKind.BEST_MATCH,
            yousef.agent_id,
        )
