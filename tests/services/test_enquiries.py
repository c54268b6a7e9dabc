from datetime import timedelta

import pytest

from tests.factories import a_lead, a_phone, brought_to, now, sql, tally, told, value
from webapp.errors import Conflict, Missing
from webapp.services import enquiries, tasks
from webapp.services.leads import Details, Origin
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Channel, EnquiryState, NoticeKind, Source, Status, TaskType, VisitStatus

MOVES = {
    "waiting": {"received", "left", "no_show"},
    "received": {"left"},
    "left": set(),
    "no_show": set(),
}
IN_PERSON = Origin(Channel.VISIT)


def walk_in(rashid, phone=None, origin=IN_PERSON, **details):
    return enquiries.register(Details(phone or a_phone(), Source.WALK_IN, **details), origin, by=rashid)


def visits():
    return sql("SELECT * FROM visits ORDER BY arrived_at")


class TestRegister:
    def test_who_comes_in_person_waits_at_the_front_desk(self, aisha, rashid):
        capture = walk_in(rashid)

        (visit,) = visits()
        assert (visit.lead_id, visit.enquiry_id) == (capture.lead.lead_id, capture.enquiry.enquiry_id)
        assert (visit.status, visit.received_at, visit.left_at) == ("waiting", None, None)

    @pytest.mark.parametrize("channel", [Channel.CALL, Channel.WHATSAPP, Channel.EMAIL])
    def test_who_calls_or_writes_does_not(self, aisha, rashid, channel):
        assert walk_in(rashid, origin=Origin(channel)).created
        assert visits() == []

    def test_a_repeat_in_person_is_asked_about_first(self, aisha, rashid):
        phone = a_phone()
        walk_in(rashid, phone)

        again = walk_in(rashid, phone)

        assert not again.created
        assert len(visits()) == 1


class TestAddVisit:
    @pytest.fixture
    def lead(self, aisha):
        return a_lead(source=Source.BAYUT)

    def test_somebody_we_know_waits_and_the_owner_is_told(self, lead, aisha, mariam, rashid):
        visit = enquiries.add_visit(lead.lead_id, by=rashid)

        assert visit.status == VisitStatus.WAITING
        assert told(aisha)[-1] == NoticeKind.VISITOR_WAITING
        assert told(mariam) == []
        (enquiry,) = sql("SELECT * FROM enquiries WHERE enquiry_id = %s", visit.enquiry_id)
        assert (enquiry.source_type, enquiry.channel, enquiry.state) == ("walk_in", "visit", EnquiryState.ATTACHED)
        assert enquiry.taken_by == rashid.user_id

    def test_a_visit_is_no_contact_and_no_second_lead(self, lead, rashid):
        enquiries.add_visit(lead.lead_id, by=rashid)

        assert tally("leads", "lead_activities") == {"leads": 1, "lead_activities": 0}

    def test_the_repeat_that_was_made_is_the_visit(self, aisha, rashid):
        phone = a_phone()
        first = walk_in(rashid, phone)
        enquiries.mark_visit(visits()[0].visit_id, by=rashid, status=VisitStatus.LEFT)
        again = walk_in(rashid, phone)

        visit = enquiries.add_visit(first.lead.lead_id, by=rashid, enquiry_id=again.enquiry.enquiry_id)

        assert visit.enquiry_id == again.enquiry.enquiry_id
        assert tally("enquiries", "visits") == {"enquiries": 2, "visits": 2}

    def test_an_enquiry_of_somebody_else_is_not_taken(self, lead, rashid):
        other = walk_in(rashid, origin=Origin(Channel.CALL))

        visit = enquiries.add_visit(lead.lead_id, by=rashid, enquiry_id=other.enquiry.enquiry_id)

        assert visit.enquiry_id != other.enquiry.enquiry_id
        assert visit.lead_id == lead.lead_id

    def test_who_waits_already_is_not_added_twice(self, lead, rashid):
        enquiries.add_visit(lead.lead_id, by=rashid)

        with pytest.raises(Conflict, match="already waiting"):
            enquiries.add_visit(lead.lead_id, by=rashid)
        assert len(visits()) == 1

    def test_where_the_lead_is_closed_the_managers_are_told_too(self, lead, aisha, mariam, rashid):
        brought_to(lead, Status.LOST)

        enquiries.add_visit(lead.lead_id, by=rashid)

        assert (told(aisha)[-1], told(mariam)) == (NoticeKind.VISITOR_WAITING, [NoticeKind.VISITOR_WAITING])

    def test_where_nobody_owns_the_lead_the_managers_are_told(self, mariam, rashid):
        lead = a_lead()

        enquiries.add_visit(lead.lead_id, by=rashid)

        assert told(mariam)[-1] == NoticeKind.VISITOR_WAITING

    def test_an_agent_adds_their_own_clients_only(self, lead, aisha, yousef):
        with pytest.raises(Missing):
            enquiries.add_visit(lead.lead_id, by=yousef)
        assert enquiries.add_visit(lead.lead_id, by=aisha)


class TestMarkVisit:
    @pytest.fixture
    def visit_id(self, aisha, rashid):
        walk_in(rashid)
        return visits()[0].visit_id

    @pytest.mark.parametrize("before", MOVES)
    @pytest.mark.parametrize("after", VisitStatus)
    def test_only_what_can_have_happened(self, visit_id, rashid, before, after):
        sql("UPDATE visits SET status = %s", before)

        if after in MOVES[before]:
            assert enquiries.mark_visit(visit_id, by=rashid, status=after).status == after
        else:
            with pytest.raises(Conflict) as refused:
                enquiries.mark_visit(visit_id, by=rashid, status=after)
            assert refused.value.code == "stale"
            assert value("SELECT status FROM visits") == before

    def test_the_moments_are_kept(self, visit_id, rashid):
        enquiries.mark_visit(visit_id, by=rashid, status=VisitStatus.RECEIVED)
        enquiries.mark_visit(visit_id, by=rashid, status=VisitStatus.LEFT)

        (visit,) = visits()
        assert visit.arrived_at <= visit.received_at <= visit.left_at

    def test_a_colleague_may_not_but_the_owner_may(self, visit_id, aisha, yousef):
        with pytest.raises(Missing):
            enquiries.mark_visit(visit_id, by=yousef, status=VisitStatus.RECEIVED)
        assert enquiries.mark_visit(visit_id, by=aisha, status=VisitStatus.RECEIVED)


class TestFrontDesk:
    def test_it_shows_who_came_today_the_newest_first(self, aisha, rashid):
        first, second = walk_in(rashid), walk_in(rashid)
        yesterday = walk_in(rashid)
        sql(
            "UPDATE visits SET status = 'left', arrived_at = arrived_at - interval '1 day' WHERE lead_id = %s",
            yesterday.lead.lead_id,
        )

        desk = enquiries.front_desk(today=now() - timedelta(hours=1))

        assert [visit.lead_id for visit in desk.visits] == [second.lead.lead_id, first.lead.lead_id]

    def test_who_still_waits_from_before_is_shown_too(self, aisha, rashid):
        walk_in(rashid)
        sql("UPDATE visits SET arrived_at = arrived_at - interval '1 day'")

        assert len(enquiries.front_desk(today=now() - timedelta(hours=1)).visits) == 1

    def test_only_todays_coming_viewings_are_expected(self, aisha, clock):
        lead = a_lead()
        sql("UPDATE stopped.clock SET stands_at = '2026-03-02 06:00+00'")
        for type, hours in ((TaskType.VIEWING, 3), (TaskType.CALL, 4), (TaskType.VIEWING, -1), (TaskType.VIEWING, 14)):
            tasks.schedule(lead.lead_id, FollowUp(type, clock.now + timedelta(hours=hours)), by=aisha)

        desk = enquiries.front_desk(today=clock.now - timedelta(hours=10))

        assert [task.due_date for task in desk.expected] == [clock.now + timedelta(hours=3)]


class TestWaiting:
    def test_everybody_sees_their_own_visitors(self, aisha, yousef, mariam, rashid):
        capture = walk_in(rashid)
        owner, other = (aisha, yousef) if capture.assignment.agent_id == aisha.agent_id else (yousef, aisha)

        assert [visit.lead_id for visit in enquiries.waiting(by=owner)] == [capture.lead.lead_id]
        assert enquiries.waiting(by=other) == []
        assert len(enquiries.waiting(by=mariam)) == 1
