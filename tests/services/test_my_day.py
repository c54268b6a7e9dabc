"""The order of an agent's day: pure functions first, then the queue as the database gives it."""

from datetime import timedelta
from itertools import count
from random import Random

import pytest

from tests.factories import a_lead, backdated, brought_to, sql
from webapp import clock
from webapp.models import FollowUpTask, Lead, Visit
from webapp.services import activities, my_day
from webapp.services.response import ResponseClock
from webapp.vocabulary import ActivityType, Reason, Source, Status, TaskType

NOW = clock.now()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIERS = ((1, 15), (4, 10), (24, 5), (72, 0))
NUMBERS = count(1)


def lead(*, ago=DAY, last=None, step=None, score=50) -> Lead:
    return Lead(
        number=next(NUMBERS),
        created_at=NOW - ago,
        last_contact_at=NOW - last if last else None,
        next_step_at=NOW + step if step else None,
        score=score,
    )


def asked(one: Lead, **known):
    return my_day.turn(one, now=NOW, **known)


def unanswered(ago: timedelta) -> my_day.Turn | None:
    one = lead()
    one.created_at = clock.now() - ago
    return asked(one, clock=ResponseClock(one.created_at, None, TIERS))


class TestTurn:
    @pytest.mark.parametrize(
        "one, reason",
        [
            (lead(last=HOUR, step=2 * DAY), None),
            (lead(last=HOUR), Reason.UNPLANNED),
            (lead(last=5 * DAY, step=2 * DAY, ago=9 * DAY), Reason.SILENT),
            (lead(last=5 * DAY - HOUR, step=2 * DAY, ago=9 * DAY), None),
            (lead(last=30 * DAY, ago=40 * DAY), Reason.SILENT),
        ],
    )
    def test_the_most_pressing_reason_is_told(self, one, reason):
        found = asked(one)

        assert (found.reason if found else None) == reason

    def test_a_visitor_comes_before_everything_else_about_the_lead(self):
        one = lead(last=9 * DAY, ago=10 * DAY)
        task = FollowUpTask(due_date=NOW - HOUR, type=TaskType.CALL)

        assert asked(one, visit=Visit(arrived_at=NOW), task=task).reason == Reason.VISITOR
        assert asked(one, task=task).reason == Reason.FOLLOW_UP


class TestInOrder:
    def test_it_is_the_one_that_is_written_down(self):
        ordered = [
            asked(lead(), visit=Visit(arrived_at=NOW - 2 * HOUR)),
            asked(lead(), visit=Visit(arrived_at=NOW - HOUR)),
            unanswered(timedelta(minutes=50)),
            unanswered(timedelta(minutes=5)),
            unanswered(3 * HOUR),
            unanswered(90 * HOUR),
            unanswered(80 * HOUR),
            asked(lead(last=HOUR), task=FollowUpTask(due_date=NOW - 3 * DAY)),
            asked(lead(last=HOUR), task=FollowUpTask(due_date=NOW + HOUR)),
            asked(lead(last=6 * DAY, ago=9 * DAY)),
            asked(lead(last=5 * DAY, ago=9 * DAY)),
            asked(lead(last=20 * DAY, ago=30 * DAY)),
            asked(lead(last=8 * DAY, ago=30 * DAY)),
            asked(lead(last=HOUR, score=90)),
            asked(lead(last=HOUR, score=40)),
        ]
        shuffled = Random(7).sample(ordered, len(ordered))

        assert my_day.in_order(shuffled, now=NOW) == ordered


class TestQueue:
    def reasons(self, by):
        found = my_day.queue(by=by, now=clock.now(), until=clock.tomorrow())
        return {turn.lead.lead_id: turn.reason for turn in found}

    def test_each_lead_is_there_once_for_its_reason(self, aisha):
        fresh = a_lead(by=aisha)
        called = a_lead(by=aisha)
        activities.log(called.lead_id, by=aisha, type=ActivityType.CALL)
        quiet = brought_to(a_lead(by=aisha), Status.CONTACTED)
        activities.log(quiet.lead_id, by=aisha, type=ActivityType.CALL)
        backdated(quiet, days=6)
        sql("UPDATE follow_up_tasks SET status = 'completed' WHERE lead_id = ANY (%s)", [called.lead_id, quiet.lead_id])

        assert self.reasons(aisha) == {
            fresh.lead_id: Reason.ANSWER,
            called.lead_id: Reason.UNPLANNED,
            quiet.lead_id: Reason.SILENT,
        }

    def test_a_colleagues_leads_and_closed_ones_are_not_in_it(self, aisha, yousef):
        a_lead(by=yousef)
        brought_to(a_lead(by=aisha, source=Source.REFERRAL), Status.LOST)

        assert self.reasons(aisha) == {}

    def test_who_is_no_agent_has_an_empty_day(self, mariam):
        a_lead()

        assert my_day.queue(by=mariam, now=clock.now(), until=clock.tomorrow()) == []

    def test_acting_takes_the_row_out(self, aisha):
        one = a_lead(by=aisha)
        assert self.reasons(aisha) == {one.lead_id: Reason.ANSWER}

        activities.log(one.lead_id, by=aisha, type=ActivityType.CALL)

        assert self.reasons(aisha) == {}
