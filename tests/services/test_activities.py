from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import a_lead, an_agent, backdated, brought_to, owner, sql, tally, value
from webapp.errors import Conflict, Invalid, Missing
from webapp.services import activities, tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, Outcome, Status, TaskType

WRITTEN = ("lead_activities", "score_lines", "follow_up_tasks", "lead_conversion_history", "audit_entries", "notices")


@pytest.fixture
def lead(aisha):
    return a_lead()


class TestLog:
    def test_it_is_kept_for_the_owner_with_who_logged_it(self, lead, aisha, mariam):
        activity = activities.log(
            lead.lead_id, by=mariam, type=ActivityType.EMAIL, outcome=Outcome.NEUTRAL, notes="Sent three flats"
        )

        assert (activity.agent_id, activity.logged_by) == (aisha.agent_id, mariam.user_id)
        assert (activity.type, activity.outcome, activity.notes) == ("email", "neutral", "Sent three flats")
        assert activity.activity_at == activity.logged_at

    @pytest.mark.parametrize(
        "type", [ActivityType.CALL, ActivityType.EMAIL, ActivityType.WHATSAPP, ActivityType.MEETING]
    )
    def test_the_first_contact_moves_a_new_lead_to_contacted(self, lead, aisha, type):
        activities.log(lead.lead_id, by=aisha, type=type)

        assert lead.status == Status.CONTACTED
        assert sql("SELECT status_from, status_to, agent_id, changed_by FROM lead_conversion_history") == [
            ("new", "contacted", aisha.agent_id, aisha.user_id)
        ]

    @pytest.mark.parametrize("type", [ActivityType.VIEWING, ActivityType.OFFER_MADE])
    def test_a_viewing_or_an_offer_does_not(self, lead, aisha, type):
        activities.log(lead.lead_id, by=aisha, type=type)

        assert lead.status == Status.NEW

    def test_a_second_call_finds_it_contacted_and_is_logged(self, lead, aisha):
        for _ in range(2):
            activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        assert tally("lead_activities", "lead_conversion_history") == {
            "lead_activities": 2,
            "lead_conversion_history": 1,
        }

    def test_the_next_step_is_booked_in_the_same_step(self, lead, aisha):
        due = lead.created_at + timedelta(days=2)

        activities.log(
            lead.lead_id, by=aisha, type=ActivityType.CALL, follow_up=FollowUp(TaskType.VIEWING, due, notes="Villa 12")
        )

        assert [(task.type, task.due_date, task.notes) for task in tasks.open_of(aisha.agent_id)][1:] == [
            ("viewing", due, "Villa 12")
        ]

    def test_a_clashing_next_step_leaves_nothing_behind(self, lead, aisha):
        before, score = tally(*WRITTEN), lead.score
        clash = FollowUp(TaskType.CALL, lead.created_at + timedelta(hours=24, minutes=29))

        with pytest.raises(Conflict, match="30 minutes") as refused:
            activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, follow_up=clash)

        assert refused.value.code == "follow_up_conflict"
        assert tally(*WRITTEN) == before
        assert (lead.score, lead.status) == (score, Status.NEW)


class TestLogOfAFollowUp:
    """What was done is closed by what was said about it."""

    @pytest.fixture
    def task(self, lead, aisha):
        (task,) = tasks.open_of(aisha.agent_id)
        return task

    def test_it_is_done_and_its_slot_is_free_for_the_next_step(self, lead, aisha, task):
        again = FollowUp(TaskType.VIEWING, task.due_date)

        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, follow_up=again, task_id=task.task_id)

        assert sql("SELECT type, status FROM follow_up_tasks ORDER BY type") == [
            ("call", "completed"),
            ("viewing", "pending"),
        ]

    def test_where_the_next_step_clashes_it_is_still_to_be_done(self, lead, aisha, task):
        taken = task.due_date + timedelta(hours=2)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.EMAIL, taken), by=aisha)
        before = tally(*WRITTEN)

        with pytest.raises(Conflict) as refused:
            activities.log(
                lead.lead_id,
                by=aisha,
                type=ActivityType.CALL,
                follow_up=FollowUp(TaskType.VIEWING, taken),
                task_id=task.task_id,
            )

        assert refused.value.code == "follow_up_conflict"
        assert tally(*WRITTEN) == before
        assert value("SELECT status FROM follow_up_tasks WHERE type = 'call'") == "pending"

    def test_one_that_is_closed_is_not_logged_twice(self, lead, aisha, task):
        tasks.complete(task.task_id, by=aisha)

        with pytest.raises(Conflict) as refused:
            activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, task_id=task.task_id)

        assert refused.value.code == "stale"
        assert tally("lead_activities") == {"lead_activities": 0}


class TestWhen:
    def test_it_may_have_happened_since_the_capture(self, lead, aisha):
        lead = backdated(lead, hours=5)
        happened = lead.created_at + timedelta(hours=1)

        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=happened)

        assert activity.activity_at == happened

    def test_the_minute_of_the_capture_counts_as_the_capture(self, lead, aisha):
        minute = lead.created_at.replace(second=0, microsecond=0)

        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=minute)

        assert activity.activity_at == lead.created_at

    @pytest.mark.parametrize(("shift", "says"), [({"minutes": 1}, "in the future"), ({"days": -2}, "before the lead")])
    def test_not_in_the_future_and_not_before_the_capture(self, lead, aisha, shift, says):
        with pytest.raises(Invalid, match=says) as refused:
            activities.log(
                lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=lead.created_at + timedelta(**shift)
            )

        assert refused.value.field == "activity_at"
        assert value("SELECT count(*) FROM lead_activities") == 0


class TestWithoutAnOwner:
    def test_the_lead_is_assigned_first(self, mariam):
        lead = a_lead()
        aisha = an_agent("Aisha Rahman")

        activity = activities.log(lead.lead_id, by=mariam, type=ActivityType.CALL)

        assert activity.agent_id == owner(lead) == aisha.agent_id
        assert len(tasks.open_of(aisha.agent_id)) == 1

    def test_where_nobody_can_take_it_nothing_is_logged(self, mariam):
        lead = a_lead()

        with pytest.raises(Conflict, match="Give it to an agent first") as refused:
            activities.log(lead.lead_id, by=mariam, type=ActivityType.CALL)

        assert refused.value.code == "agent_overload"
        assert value("SELECT count(*) FROM lead_activities") == 0


class TestWhoMay:
    def test_a_colleague_may_not(self, lead, yousef):
        with pytest.raises(Missing):
            activities.log(lead.lead_id, by=yousef, type=ActivityType.CALL)

    def test_reception_may_not(self, lead, rashid):
        with pytest.raises(Missing):
            activities.log(lead.lead_id, by=rashid, type=ActivityType.CALL)

    def test_a_lead_that_is_not_there_is_missing(self, aisha):
        with pytest.raises(Missing):
            activities.log(uuid4(), by=aisha, type=ActivityType.CALL)


class TestStrike:
    def test_it_stays_readable_with_who_struck_it(self, lead, aisha, mariam):
        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, notes="Wrong lead")

        struck = activities.strike(activity.activity_id, by=mariam)

        assert (struck.notes, struck.struck_by, struck.struck_at is None) == ("Wrong lead", mariam.user_id, False)

    def test_the_status_stays(self, lead, aisha):
        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        activities.strike(activity.activity_id, by=aisha)

        assert lead.status == Status.CONTACTED

    def test_not_twice(self, lead, aisha):
        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.OFFER_MADE)
        activities.strike(activity.activity_id, by=aisha)
        score = lead.score

        with pytest.raises(Conflict) as refused:
            activities.strike(activity.activity_id, by=aisha)

        assert (refused.value.code, lead.score) == ("stale", score)

    def test_a_colleague_may_not(self, lead, aisha, yousef):
        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        with pytest.raises(Missing):
            activities.strike(activity.activity_id, by=yousef)

    def test_on_a_closed_lead_too(self, lead, aisha):
        activity = activities.log(lead.lead_id, by=aisha, type=ActivityType.VIEWING)
        brought_to(lead, Status.LOST)

        assert activities.strike(activity.activity_id, by=aisha).struck_at
