"""Undo: the exact state comes back, within a minute, and never over what somebody has built on it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import a_lead, backdated, brought_to, sql, value
from webapp.errors import Conflict, Missing
from webapp.services import activities, assignments, deeds, doctor, interests, leads, listings, scoring, tasks
from webapp.services.access import SYSTEM
from webapp.services.leads import Details
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, InterestLevel, Outcome, Source, Status, TaskType

TASKS = "SELECT task_id, type, due_date, status, cancelled_at, cancel_reason, agent_id FROM follow_up_tasks ORDER BY 1"
INTERESTS = "SELECT interest_id, property_id, interest_level, created_at FROM lead_property_interests ORDER BY 1"


@pytest.fixture
def lead(aisha):
    return a_lead(by=aisha, source=Source.WALK_IN)


@pytest.fixture
def task(lead):
    return value("SELECT task_id FROM follow_up_tasks")


@pytest.fixture
def villa(app):
    return listings.add("VL-S-7", by=SYSTEM, title="Villa by the park").property_id


def later(**ago):
    return value("SELECT now() + %s", timedelta(**ago)).replace(second=0, microsecond=0)


def undone(lead, subject_id, by):
    return deeds.undo(lead.lead_id, by=by, deed=deeds.latest(subject_id, by=by))


class TestAFollowUp:
    DEEDS = {
        "completed": lambda task, by: tasks.complete(task, by=by),
        "moved": lambda task, by: tasks.reschedule(task, by=by, due_date=later(days=9)),
        "cancelled": lambda task, by: tasks.cancel(task, by=by, reason="They called us"),
    }

    @pytest.mark.parametrize("deed", DEEDS)
    def test_it_is_as_it_was(self, aisha, lead, task, deed):
        before = sql(TASKS)
        self.DEEDS[deed](task, aisha)
        assert sql(TASKS) != before

        undone(lead, task, aisha)

        assert sql(TASKS) == before

    def test_one_that_was_planned_is_gone(self, aisha, lead):
        before = sql(TASKS)
        planned = tasks.schedule(lead.lead_id, FollowUp(TaskType.VIEWING, later(days=5)), by=aisha).task_id

        undone(lead, planned, aisha)

        assert sql(TASKS) == before

    def test_an_overdue_one_is_overdue_again(self, aisha, lead, task):
        sql("UPDATE follow_up_tasks SET due_date = now() - interval '40 days', status = 'overdue'")
        before = sql(TASKS)
        tasks.complete(task, by=aisha)

        undone(lead, task, aisha)

        assert sql(TASKS) == before

    def test_it_comes_back_only_where_its_time_is_still_free(self, aisha, lead, task):
        due_date = value("SELECT due_date FROM follow_up_tasks")
        tasks.complete(task, by=aisha)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, due_date + timedelta(minutes=29)), by=aisha)
        before = sql(TASKS)

        with pytest.raises(Conflict) as refused:
            undone(lead, task, aisha)

        assert refused.value.code == "follow_up_conflict"
        assert sql(TASKS) == before

    def test_where_the_lead_has_another_owner_nothing_is_undone(self, aisha, yousef, mariam, lead, task):
        tasks.complete(task, by=aisha)
        assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Holiday")
        before = sql(TASKS)

        with pytest.raises(Missing):
            undone(lead, task, aisha)
        assert sql(TASKS) == before

    def test_whoever_came_between_is_named(self, aisha, mariam, lead, task):
        tasks.reschedule(task, by=aisha, due_date=later(days=9))
        tasks.complete(task, by=mariam)
        before = sql(TASKS)

        with pytest.raises(Conflict, match="Mariam Saleh changed it meanwhile; nothing was undone"):
            undone(lead, task, aisha)
        assert sql(TASKS) == before

    def test_a_closed_lead_gets_no_follow_up_back(self, aisha, lead, task):
        tasks.complete(task, by=aisha)
        brought_to(lead, Status.LOST)

        with pytest.raises(Conflict, match="It has changed meanwhile; nothing was undone"):
            undone(lead, task, aisha)


class TestAnInterest:
    def test_one_that_was_added_is_gone(self, aisha, lead, villa):
        interest = interests.add(lead.lead_id, villa, by=aisha, interest_level=InterestLevel.LOW).interest_id

        undone(lead, interest, aisha)

        assert sql(INTERESTS) == []

    @pytest.mark.parametrize("deed", ["change", "remove"])
    def test_one_that_was_changed_or_removed_is_as_it_was(self, aisha, lead, villa, deed):
        interest = interests.add(lead.lead_id, villa, by=aisha, interest_level=InterestLevel.LOW).interest_id
        before = sql(INTERESTS)
        more = {"interest_level": InterestLevel.HIGH} if deed == "change" else {}
        getattr(interests, deed)(interest, by=aisha, **more)
        assert sql(INTERESTS) != before

        undone(lead, interest, aisha)

        assert sql(INTERESTS) == before

    def test_a_removed_one_that_somebody_noted_again_stays_theirs(self, aisha, mariam, lead, villa):
        interest = interests.add(lead.lead_id, villa, by=aisha, interest_level=InterestLevel.LOW).interest_id
        interests.remove(interest, by=aisha)
        interests.add(lead.lead_id, villa, by=mariam, interest_level=InterestLevel.HIGH)
        before = sql(INTERESTS)

        with pytest.raises(Conflict, match="Mariam Saleh changed it meanwhile"):
            undone(lead, interest, aisha)
        assert sql(INTERESTS) == before


class TestAStruckActivity:
    STANDS = "SELECT struck_at, struck_by FROM lead_activities"

    def test_it_counts_again_and_the_score_is_as_before(self, aisha, lead):
        call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE).activity_id
        before = self.shown(lead, aisha)
        activities.strike(call, by=aisha)
        assert self.shown(lead, aisha) != before

        undone(lead, call, aisha)

        assert self.shown(lead, aisha) == before
        assert sql(self.STANDS) == [(None, None)]
        assert not complaints()

    def test_what_the_clamp_had_left_comes_back_and_no_more(self, aisha, mariam, lead):
        """The score has fallen since the clamp took its part: the whole points would be too many."""
        for _ in range(3):
            offer = activities.log(lead.lead_id, by=aisha, type=ActivityType.OFFER_MADE).activity_id
        backdated(lead, days=8)
        assert scoring.charge_silences().done == 1
        before = value("SELECT score FROM leads")
        activities.strike(offer, by=aisha)

        undone(lead, offer, aisha)

        assert value("SELECT score FROM leads") == before
        assert not complaints()

    def test_it_can_be_struck_out_and_put_back_again(self, aisha, lead):
        call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE).activity_id
        scores = []
        for _ in range(2):
            activities.strike(call, by=aisha)
            scores.append(value("SELECT score FROM leads"))
            undone(lead, call, aisha)
            scores.append(value("SELECT score FROM leads"))

        assert scores[:2] == scores[2:] and scores[0] < scores[1]
        assert not complaints()

    @pytest.mark.parametrize("deed", ["an activity", "new details"])
    def test_where_the_score_has_moved_since_nothing_is_undone(self, aisha, mariam, lead, deed):
        call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL).activity_id
        activities.strike(call, by=aisha)
        if deed == "an activity":
            activities.log(lead.lead_id, by=mariam, type=ActivityType.EMAIL)
        else:
            details = Details(lead.phone, Source.WALK_IN, budget_max=Decimal(3_000_000))
            leads.amend(lead.lead_id, details, by=mariam, version=1)
        before = value("SELECT score FROM leads")

        with pytest.raises(Conflict, match="Mariam Saleh changed it meanwhile"):
            undone(lead, call, aisha)
        assert value("SELECT score FROM leads") == before

    def shown(self, lead, by):
        found = leads.find(lead.lead_id, by=by)
        why = scoring.explain(found)
        return found.score, why.score, sorted((line.rule_name, line.points, line.counted) for line in why.lines)


class TestItself:
    def test_it_leaves_a_line_in_the_audit(self, aisha, lead, task):
        tasks.complete(task, by=aisha)
        undone(lead, task, aisha)

        ((verb, actor, subject, before, after),) = sql(
            "SELECT verb, actor_id, subject_id, before->>'status' AS was, after->>'status' AS is_now FROM audit_entries"
            " ORDER BY entry_id DESC LIMIT 1"
        )
        assert (verb, actor, subject, before, after) == ("deeds.undo", aisha.user_id, task, "completed", "pending")

    def test_twice_says_so(self, aisha, lead, task):
        tasks.complete(task, by=aisha)
        deed = deeds.latest(task, by=aisha)
        deeds.undo(lead.lead_id, by=aisha, deed=deed)

        with pytest.raises(Conflict, match="That is undone already"):
            deeds.undo(lead.lead_id, by=aisha, deed=deed)

    @pytest.mark.parametrize("ago, accepted", [(59, True), (61, False)])
    def test_a_minute_is_what_there_is(self, aisha, lead, task, ago, accepted):
        tasks.complete(task, by=aisha)
        deed = deeds.latest(task, by=aisha)
        sql("UPDATE audit_entries SET happened_at = happened_at - %s WHERE entry_id = %s", timedelta(seconds=ago), deed)
        assert (deeds.latest(task, by=aisha) == deed) is accepted

        if not accepted:
            with pytest.raises(Conflict, match="a minute has passed"):
                deeds.undo(lead.lead_id, by=aisha, deed=deed)
        assert value("SELECT status FROM follow_up_tasks") == "completed"

    def test_only_ones_own_deeds_can_be_undone(self, aisha, mariam, lead, task):
        tasks.complete(task, by=aisha)
        deed = deeds.latest(task, by=aisha)

        assert deeds.latest(task, by=mariam) is None
        with pytest.raises(Conflict):
            deeds.undo(lead.lead_id, by=mariam, deed=deed)

    def test_a_status_move_is_no_deed_of_this_kind(self, aisha, lead):
        brought_to(lead, Status.CONTACTED)
        sql(
            "INSERT INTO audit_entries (verb, actor_id, lead_id, subject_id) VALUES ('pipeline.move', %s, %s, %s)",
            aisha.user_id,
            lead.lead_id,
            lead.lead_id,
        )
        deed = value("SELECT max(entry_id) FROM audit_entries")

        assert deeds.latest(lead.lead_id, by=aisha) is None
        with pytest.raises(Conflict):
            deeds.undo(lead.lead_id, by=aisha, deed=deed)


def complaints() -> list:
    """What the doctor says of the scores."""
    return [finding for finding in doctor.examine() if "score" in finding.check.name]
