from datetime import timedelta

import pytest

from tests.factories import a_lead, an_agent, brought_to, now, sql, tally, told, value
from webapp.errors import Conflict, Invalid, Missing
from webapp.services import tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import NoticeKind, Priority, Status, TaskStatus, TaskType

GAP = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def lead(aisha):
    """A lead of Aisha's; its first call is cancelled, so that her calendar is empty."""
    lead = a_lead(first_name="Noor", last_name="Saeed")
    sql("DELETE FROM follow_up_tasks")
    return lead


@pytest.fixture
def noon(lead):
    """A moment in her calendar that is taken."""
    return lead.created_at.replace(second=0, microsecond=0) + timedelta(days=2)


@pytest.fixture
def taken(lead, aisha, noon):
    return tasks.schedule(lead.lead_id, FollowUp(TaskType.VIEWING, noon), by=aisha)


def schedule(lead, due_date, *, by, type=TaskType.CALL, **details):
    return tasks.schedule(lead.lead_id, FollowUp(type, due_date, **details), by=by)


class TestSchedule:
    def test_it_is_in_the_owners_calendar_whoever_plans_it(self, lead, aisha, mariam, noon):
        task = schedule(lead, noon, by=mariam, priority=Priority.LOW, notes="Bring the keys")

        assert (task.agent_id, task.due_date, task.priority) == (aisha.agent_id, noon, Priority.LOW)
        assert (task.notes, task.status) == ("Bring the keys", TaskStatus.PENDING)

    @pytest.mark.parametrize("shift", [timedelta(0), GAP - SECOND, SECOND - GAP])
    def test_less_than_30_minutes_is_a_clash(self, lead, taken, aisha, noon, shift):
        with pytest.raises(Conflict) as refused:
            schedule(lead, noon + shift, by=aisha)

        assert (refused.value.code, refused.value.field) == ("follow_up_conflict", "due_date")
        assert value("SELECT count(*) FROM follow_up_tasks") == 1

    @pytest.mark.parametrize("shift", [GAP, -GAP])
    def test_exactly_30_minutes_is_not(self, lead, taken, aisha, noon, shift):
        assert schedule(lead, noon + shift, by=aisha).due_date == noon + shift

    def test_a_clash_names_the_other_and_offers_the_next_free_slot(self, lead, taken, aisha, noon):
        schedule(lead, noon + timedelta(minutes=50), by=aisha)

        with pytest.raises(Conflict) as refused:
            schedule(lead, noon - timedelta(minutes=10), by=aisha)

        facts = refused.value.facts
        assert (facts["type"], facts["name"], facts["due_date"]) == ("viewing", "Noor Saeed", noon)
        assert facts["free"] == noon + timedelta(minutes=80)
        assert schedule(lead, facts["free"], by=aisha)

    def test_another_agents_calendar_does_not_matter(self, lead, taken, yousef, noon):
        assert schedule(a_lead(by=yousef), noon, by=yousef)

    @pytest.mark.parametrize("closed_by", ["complete", "cancel"])
    def test_what_is_done_or_cancelled_leaves_its_slot(self, lead, taken, aisha, noon, closed_by):
        if closed_by == "complete":
            tasks.complete(taken.task_id, by=aisha)
        else:
            tasks.cancel(taken.task_id, by=aisha, reason="Not needed")

        assert schedule(lead, noon, by=aisha)

    def test_an_overdue_one_still_takes_its_slot(self, lead, aisha):
        late = now() - timedelta(hours=2)
        schedule(lead, late, by=aisha)
        tasks.mark_overdue()

        with pytest.raises(Conflict):
            schedule(lead, late + timedelta(minutes=5), by=aisha)

    def test_exactly_30_days_ago_is_the_latest(self, lead, aisha, clock):
        oldest = clock.now - timedelta(days=30)

        with pytest.raises(Invalid) as refused:
            schedule(lead, oldest - SECOND, by=aisha)
        assert (refused.value.code, refused.value.status) == ("overdue_task", 422)
        assert schedule(lead, oldest, by=aisha)

    def test_closed_leads_take_none(self, lead, aisha, noon):
        with pytest.raises(Invalid, match="closed"):
            schedule(brought_to(lead, Status.LOST), noon, by=aisha)

    def test_leads_without_an_owner_take_none(self, mariam):
        with pytest.raises(Invalid, match="Assign it first"):
            schedule(a_lead(), now(), by=mariam)

    def test_a_colleague_may_not(self, lead, yousef, noon):
        with pytest.raises(Missing):
            schedule(lead, noon, by=yousef)


class TestNextFreeSlot:
    def test_an_empty_calendar_is_free_at_once(self, aisha):
        wish = now()

        assert tasks.next_free_slot(aisha.agent_id, wish) == wish

    @pytest.mark.parametrize(
        ("busy_at", "free_at"),
        [([0], 30), ([30], 0), ([-29], 1), ([29], 59), ([0, 30, 60], 90), ([0, 45], 75), ([0, 60], 30), ([-30, 30], 0)],
    )
    def test_it_is_the_earliest_moment_30_minutes_from_all(self, lead, aisha, noon, busy_at, free_at):
        for minutes in busy_at:
            schedule(lead, noon + timedelta(minutes=minutes), by=aisha)

        assert tasks.next_free_slot(aisha.agent_id, noon) == noon + timedelta(minutes=free_at)

    def test_the_one_that_moves_is_not_in_its_own_way(self, taken, aisha, noon):
        assert tasks.next_free_slot(aisha.agent_id, noon, moving=taken.task_id) == noon


class TestReschedule:
    def test_it_moves_to_the_moment(self, taken, aisha, noon):
        moved = tasks.reschedule(taken.task_id, by=aisha, due_date=noon + timedelta(minutes=5))

        assert moved.due_date == noon + timedelta(minutes=5)

    def test_it_is_refused_like_a_new_one(self, lead, taken, aisha, noon):
        other = schedule(lead, noon + timedelta(hours=3), by=aisha)

        with pytest.raises(Conflict) as clash:
            tasks.reschedule(other.task_id, by=aisha, due_date=noon + GAP - SECOND)
        with pytest.raises(Invalid) as long_ago:
            tasks.reschedule(other.task_id, by=aisha, due_date=now() - timedelta(days=31))

        assert (clash.value.code, long_ago.value.code) == ("follow_up_conflict", "overdue_task")

    def test_an_overdue_one_is_pending_again(self, lead, aisha, noon):
        late = schedule(lead, now() - timedelta(hours=1), by=aisha)
        tasks.mark_overdue()

        assert tasks.reschedule(late.task_id, by=aisha, due_date=noon).status == TaskStatus.PENDING

    def test_a_whole_day_moves_in_one_statement(self, lead, aisha, noon):
        for hour in range(16):
            schedule(lead, noon + hour * GAP, by=aisha)

        sql("UPDATE follow_up_tasks SET due_date = due_date + interval '30 minutes'")

        assert [task.due_date for task in tasks.open_of(aisha.agent_id)] == [
            noon + (hour + 1) * GAP for hour in range(16)
        ]


class TestComplete:
    def test_it_is_done_and_off_the_list(self, taken, aisha):
        assert tasks.complete(taken.task_id, by=aisha).status == TaskStatus.COMPLETED
        assert tasks.open_of(aisha.agent_id) == []

    @pytest.mark.parametrize("deed", ["complete", "cancel", "reschedule"])
    def test_what_is_closed_stays_closed(self, taken, aisha, noon, deed):
        tasks.complete(taken.task_id, by=aisha)
        more = {"complete": {}, "cancel": {"reason": "Late"}, "reschedule": {"due_date": noon}}[deed]

        with pytest.raises(Conflict) as refused:
            getattr(tasks, deed)(taken.task_id, by=aisha, **more)
        assert refused.value.code == "stale"

    def test_a_colleague_may_not(self, taken, yousef):
        with pytest.raises(Missing):
            tasks.complete(taken.task_id, by=yousef)


class TestCancel:
    def test_it_is_closed_with_its_reason(self, taken, aisha):
        tasks.cancel(taken.task_id, by=aisha, reason="He called himself")

        assert sql("SELECT status, cancel_reason, cancelled_at IS NULL FROM follow_up_tasks") == [
            ("completed", "He called himself", False)
        ]
        assert tasks.open_of(aisha.agent_id) == []


class TestMarkOverdue:
    def test_what_is_past_due_becomes_overdue(self, lead, taken, aisha):
        late = schedule(lead, now() - timedelta(minutes=1), by=aisha)

        assert tasks.mark_overdue().done == 1
        assert (late.status, taken.status) == (TaskStatus.OVERDUE, TaskStatus.PENDING)
        assert tasks.mark_overdue().done == 0

    def test_at_30_days_the_managers_are_told_once(self, lead, aisha, mariam, clock):
        schedule(lead, clock.now, by=aisha)
        clock.pass_by(days=30, seconds=-1)
        tasks.mark_overdue()
        assert told(mariam) == []
        clock.pass_by(seconds=1)

        tasks.mark_overdue()
        tasks.mark_overdue()

        assert told(mariam) == [NoticeKind.FOLLOW_UP_ESCALATED]

    @pytest.mark.parametrize("closed_by", ["complete", "cancel"])
    def test_closed_ones_are_left_out(self, lead, aisha, mariam, clock, closed_by):
        task = schedule(lead, clock.now, by=aisha)
        if closed_by == "complete":
            tasks.complete(task.task_id, by=aisha)
        else:
            tasks.cancel(task.task_id, by=aisha, reason="Not needed")
        clock.pass_by(days=31)

        assert tasks.mark_overdue().done == 0
        assert told(mariam) == []
        assert task.status == TaskStatus.COMPLETED


class TestOpenOf:
    def test_they_come_in_order_of_time_up_to_a_moment(self, lead, aisha, noon):
        later, sooner = (schedule(lead, noon + timedelta(hours=hours), by=aisha) for hours in (3, 1))

        assert [task.task_id for task in tasks.open_of(aisha.agent_id)] == [sooner.task_id, later.task_id]
        assert [task.task_id for task in tasks.open_of(aisha.agent_id, until=noon + timedelta(hours=3))] == [
            sooner.task_id
        ]
        assert tasks.open_of(aisha.agent_id, until=noon + timedelta(hours=1)) == []

    def test_only_ones_own(self, taken):
        assert tasks.open_of(an_agent("Layla Amin").agent_id) == []


def test_a_refusal_leaves_no_trace(lead, taken, aisha, noon):
    before = tally("follow_up_tasks", "audit_entries", "notices")

    with pytest.raises(Conflict):
        schedule(lead, noon, by=aisha)

    assert tally(*before) == before
