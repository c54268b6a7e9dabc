"""When the office works, and how much of a wait was working time."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import aliased

from tests.factories import a_lead, a_user, an_agent, sql, value
from tests.services.working_time import by_hand
from webapp.clock import DUBAI
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import WorkingDay
from webapp.services import activities, hours, reports, tasks
from webapp.services.access import SYSTEM
from webapp.services.hours import Hours, Span, Special
from webapp.services.reports import Scope
from webapp.vocabulary import ActivityType, Role, TaskType

pytestmark = pytest.mark.usefixtures("app")

NINE_TO_SIX = Span(time(9), time(18))
WEEK = dict.fromkeys(range(1, 6), NINE_TO_SIX) | {6: Span(time(10), time(14))}
"""Sundays are off, Saturdays are short."""
RAMADAN = Special(date(2027, 2, 8), date(2027, 3, 8), "Ramadan", Span(time(9), time(16)))
EID = Special(date(2027, 3, 9), date(2027, 3, 11), "Eid al-Fitr")
STAFF_DAY = Special(date(2027, 2, 17), date(2027, 2, 17), "Staff day")
HALF_DAY = Special(date(2027, 2, 24), date(2027, 2, 24), "Half day", Span(time(9), time(12)))

# Monday is 2027-01-04. What happened from, what until, and how much of it was working time.
TIMELINES = [
    ("within the hours of a day", "2027-01-04 10:00", "2027-01-04 10:30", "0:30"),
    ("the moment it came", "2027-01-04 10:00", "2027-01-04 10:00", "0:00"),
    ("from the opening to the close", "2027-01-04 09:00", "2027-01-04 18:00", "9:00"),
    ("before the opening", "2027-01-04 07:00", "2027-01-04 08:59", "0:00"),
    ("at night, answered at the opening", "2027-01-04 23:00", "2027-01-05 09:00", "0:00"),
    ("at night, answered after the opening", "2027-01-04 23:00", "2027-01-05 09:20", "0:20"),
    ("a second before the close, answered next morning", "2027-01-04 17:59:59", "2027-01-05 09:00", "0:00:01"),
    ("at the close, answered next morning", "2027-01-04 18:00", "2027-01-05 09:00:01", "0:00:01"),
    ("over midnight, both when the office is shut", "2027-01-04 22:00", "2027-01-05 03:00", "0:00"),
    ("answered in the evening by somebody at work late", "2027-01-04 17:30", "2027-01-04 21:00", "0:30"),
    ("a whole day and a half", "2027-01-04 09:00", "2027-01-05 13:30", "13:30"),
    ("Friday evening to Saturday's opening", "2027-01-08 19:00", "2027-01-09 10:00", "0:00"),
    ("over a short Saturday and a Sunday that is off", "2027-01-08 17:00", "2027-01-11 09:30", "5:30"),
    ("all of a Sunday", "2027-01-10 00:00", "2027-01-11 00:00", "0:00"),
    ("answered on a Sunday", "2027-01-09 13:00", "2027-01-10 12:00", "1:00"),
    ("a week", "2027-01-04 12:00", "2027-01-11 12:00", "49:00"),
    ("into Ramadan: that day ends at four", "2027-02-05 17:00", "2027-02-08 17:30", "12:00"),
    ("in Ramadan after four", "2027-02-09 16:10", "2027-02-09 17:50", "0:00"),
    ("a Saturday in Ramadan has Ramadan's hours", "2027-02-13 09:00", "2027-02-13 18:00", "7:00"),
    ("a Sunday in Ramadan stays off", "2027-02-14 00:00", "2027-02-15 09:10", "0:10"),
    ("a holiday within Ramadan is off", "2027-02-16 15:00", "2027-02-18 09:15", "1:15"),
    ("a half day within Ramadan: what began later holds", "2027-02-24 09:00", "2027-02-25 09:00", "3:00"),
    ("over a holiday of three days", "2027-03-08 15:30", "2027-03-12 09:05", "0:35"),
    ("on a holiday, answered on it", "2027-03-10 10:00", "2027-03-10 12:00", "0:00"),
    ("over the turn of the year", "2026-12-31 17:00", "2027-01-01 10:00", "2:00"),
    ("midnight in Dubai is not midnight in London", "2027-01-04 00:30", "2027-01-04 09:01", "0:01"),
    ("four weeks of Ramadan", "2027-02-08 00:00", "2027-03-08 00:00", "157:00"),
]


@pytest.fixture
def omar():
    return a_user("Omar Nasser", Role.ADMIN)


@pytest.fixture
def open_hours(omar):
    hours.change(by=omar, week=WEEK, special=[RAMADAN, EID, STAFF_DAY, HALF_DAY])
    return Hours(WEEK, sorted([RAMADAN, EID, STAFF_DAY, HALF_DAY]))


def in_dubai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DUBAI)


def worked(since: datetime, until: datetime) -> timedelta:
    came, answered = aliased(WorkingDay), aliased(WorkingDay)
    wait = select(literal(since).label("since"), literal(until).label("until")).subquery()
    took = hours.worked_until(answered, wait.c.until) - hours.worked_until(came, wait.c.since)
    query = select(took).select_from(wait).join(came, hours.is_day_of(came, wait.c.since))
    return db.session.scalars(query.join(answered, hours.is_day_of(answered, wait.c.until))).one()


def span_of(text: str) -> timedelta:
    """H:MM or H:MM:SS."""
    hours, minutes, seconds = (int(part) for part in (text + ":0").split(":")[:3])
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


class TestWorked:
    def test_of_a_wait_the_working_time(self, open_hours):
        told = {name: worked(in_dubai(since), in_dubai(until)) for name, since, until, _took in TIMELINES}

        assert told == {name: span_of(took) for name, _since, _until, took in TIMELINES}
        assert told == {
            name: by_hand(open_hours, in_dubai(since), in_dubai(until)) for name, since, until, _took in TIMELINES
        }

    def test_it_adds_up_wherever_it_is_parted(self, open_hours):
        moments = [in_dubai("2027-02-01 00:00") + timedelta(hours=7 * n, minutes=13 * n) for n in range(40)]

        parts = [worked(*pair) for pair in pairwise(moments)]

        assert sum(parts, timedelta()) == worked(moments[0], moments[-1])
        assert min(parts) == timedelta()


class TestChange:
    def test_every_day_follows_and_it_is_on_record(self, omar):
        before = hours.hours()

        hours.change(by=omar, week={1: NINE_TO_SIX}, special=[EID])

        assert hours.hours() == Hours({1: NINE_TO_SIX}, [EID])
        assert value("SELECT count(*) FROM working_days WHERE opens < closes AND extract(isodow FROM day) <> 1") == 0
        ((told, was),) = sql("SELECT after, before FROM audit_entries WHERE verb = 'hours.change'")
        assert (told["day_1"], told["day_2"]) == ("09:00-18:00", "")
        assert told["special"] == ["2027-03-09 to 2027-03-11 Eid al-Fitr"]
        assert was["special"] == [str(one) for one in before.special]

    def test_an_office_that_never_works_has_no_working_time(self, omar):
        hours.change(by=omar, week={}, special=[])

        assert worked(in_dubai("2027-01-04 00:00"), in_dubai("2027-12-31 00:00")) == timedelta()

    def test_what_is_set_comes_with_the_first_day_and_can_be_set_again_as_it_is(self, omar):
        found = hours.hours()

        hours.change(by=omar, week=found.week, special=found.special)

        assert found.week == dict.fromkeys(range(1, 7), NINE_TO_SIX)
        assert Special(date(2026, 12, 2), date(2026, 12, 3), "National Day") in found.special
        assert hours.hours() == found

    def test_at_an_sql_prompt_the_days_follow_too(self):
        sql("DELETE FROM working_hours WHERE weekday = 6")

        assert sql("SELECT opens, closes FROM working_days WHERE day = '2027-01-09'") == [(time(0), time(0))]

    @pytest.mark.parametrize(
        "special",
        [
            [Special(date(2009, 12, 31), date(2010, 1, 2), "Long ago")],
            [Special(date(2039, 12, 31), date(2040, 1, 1), "Far away")],
            [EID, EID],
            [Special(date(2030, 1, 1), date(2030, 1, 1), f"Day {n}") for n in range(hours.MOST_SPECIAL + 1)],
        ],
        ids=["before the calendar", "after it", "twice", "too many"],
    )
    def test_what_cannot_be_is_refused_and_nothing_changes(self, omar, special):
        before = hours.hours()

        with pytest.raises(Invalid) as refused:
            hours.change(by=omar, week=WEEK, special=special)

        assert refused.value.field == "special"
        assert hours.hours() == before


class TestHonestClock:
    """Only a contact that a person logged stops it."""

    def test_notes_follow_ups_and_moves_do_not(self, omar, open_hours):
        an_agent("Aisha Rahman")
        lead = a_lead()
        sql("UPDATE leads SET created_at = '2027-01-04 17:00+04' WHERE lead_id = %s", lead.lead_id)
        tasks.schedule(
            lead.lead_id, tasks.FollowUp(TaskType.CALL, value("SELECT now() + interval '2 days'")), by=SYSTEM
        )
        sql("UPDATE leads SET status = 'contacted' WHERE lead_id = %s", lead.lead_id)

        by_source = reports.BY_SLUG["response-times"].read(Scope(), by=omar)[1]

        assert (by_source.value("answered"), by_source.value("worked")) == (0, None)

    def test_a_contact_does_and_struck_out_it_runs_again(self, omar, open_hours):
        an_agent("Aisha Rahman")
        lead = a_lead()
        logged = activities.log(lead.lead_id, by=SYSTEM, type=ActivityType.CALL)
        sql("UPDATE leads SET created_at = '2027-01-04 17:00+04' WHERE lead_id = %s", lead.lead_id)
        sql("UPDATE lead_activities SET activity_at = '2027-01-05 09:30+04', logged_at = '2027-01-05 09:30+04'")

        by_source = reports.BY_SLUG["response-times"].read(Scope(), by=omar)[1]

        assert by_source.value("median") == timedelta(hours=16, minutes=30)
        assert by_source.value("worked") == by_source.value("slowest_worked") == timedelta(hours=1, minutes=30)
        assert by_source.value("coverage") == 100

        sql("UPDATE lead_activities SET struck_at = now() WHERE activity_id = %s", logged.activity_id)

        assert reports.BY_SLUG["response-times"].read(Scope(), by=omar)[1].value("coverage") == 0
