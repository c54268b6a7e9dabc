from datetime import date, datetime, timedelta

import pytest

from tests.factories import a_lead, brought_to, now, sql
from webapp.clock import DUBAI
from webapp.services import calendar, tasks
from webapp.services.calendar import Ghost, Span
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Status, TaskType, View

THURSDAY = date(2030, 3, 14)
MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> datetime:
    """A moment in Dubai, `text` as in `14 09:30`, of March 2030."""
    return datetime.strptime(f"2030-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=DUBAI)


def plan(lead, due_date, *, by, type=TaskType.CALL):
    return tasks.schedule(lead.lead_id, FollowUp(type, due_date), by=by)


@pytest.fixture
def lead(aisha):
    """A lead of Aisha's; its first call is gone, so that her calendar is empty."""
    lead = a_lead(first_name="Noor", last_name="Saeed")
    sql("DELETE FROM follow_up_tasks")
    return lead


def sheet(who, view=View.WEEK, day=THURSDAY, agent=None, **more):
    return calendar.sheet(Span(view, day), by=who, agent_id=agent and agent.agent_id, **more)


def ids(sheet):
    return [task.task_id for task in sheet.tasks]


class TestSpan:
    @pytest.mark.parametrize(
        "view, day, first, last",
        [
            (View.DAY, THURSDAY, THURSDAY, THURSDAY),
            (View.WEEK, THURSDAY, date(2030, 3, 11), date(2030, 3, 17)),
            (View.WEEK, date(2030, 3, 11), date(2030, 3, 11), date(2030, 3, 17)),
            (View.WEEK, date(2030, 3, 17), date(2030, 3, 11), date(2030, 3, 17)),
            (View.AGENDA, THURSDAY, THURSDAY, date(2030, 3, 20)),
            (View.MONTH, THURSDAY, date(2030, 2, 25), date(2030, 3, 31)),
            (View.MONTH, date(2027, 2, 28), date(2027, 2, 1), date(2027, 2, 28)),
            (View.MONTH, date(2028, 1, 31), date(2027, 12, 27), date(2028, 2, 6)),
        ],
    )
    def test_weeks_begin_on_monday_and_months_are_whole_weeks(self, view, day, first, last):
        span = Span(view, day)

        assert (span.first, span.last) == (first, last)
        assert span.days == (last - first).days + 1

    @pytest.mark.parametrize(
        "view, before, after",
        [
            (View.DAY, date(2030, 3, 13), date(2030, 3, 15)),
            (View.WEEK, date(2030, 3, 7), date(2030, 3, 21)),
            (View.AGENDA, date(2030, 3, 7), date(2030, 3, 21)),
            (View.MONTH, date(2030, 2, 1), date(2030, 4, 1)),
        ],
    )
    def test_one_turns_by_what_is_shown(self, view, before, after):
        assert (Span(view, THURSDAY).before, Span(view, THURSDAY).after) == (before, after)

    def test_a_day_begins_and_ends_at_midnight_in_dubai(self):
        span = Span(View.DAY, THURSDAY)

        assert (span.start.isoformat(), span.end.isoformat()) == (
            "2030-03-14T00:00:00+04:00",
            "2030-03-15T00:00:00+04:00",
        )


class TestSheet:
    def test_a_day_holds_what_is_due_between_its_midnights(self, lead, aisha):
        plan(lead, at("14 00:00") - timedelta(minutes=31), by=aisha)
        first = plan(lead, at("14 00:00"), by=aisha)
        last = plan(lead, at("15 00:00") - MICROSECOND, by=aisha)
        plan(lead, at("15 00:30"), by=aisha)

        assert ids(sheet(aisha, View.DAY)) == [first.task_id, last.task_id]

    def test_each_is_on_its_dubai_day_in_order_of_time(self, lead, aisha):
        later, sooner = plan(lead, at("14 23:30"), by=aisha), plan(lead, at("14 00:30"), by=aisha)

        days = {day.date: [task.task_id for task in day.tasks] for day in sheet(aisha).days}

        assert len(days) == 7
        assert days.pop(THURSDAY) == [sooner.task_id, later.task_id]
        assert not any(days.values())

    def test_it_goes_on_until_a_later_day_where_that_is_wanted(self, lead, aisha):
        plan(lead, at("18 10:00"), by=aisha)
        until = Span(View.AGENDA, THURSDAY).end

        assert ids(sheet(aisha)) == []
        assert len(ids(sheet(aisha, until=until))) == 1
        assert len(sheet(aisha, until=until).days) == 10

    def test_a_cancelled_one_is_left_out_and_a_completed_one_is_there(self, lead, aisha):
        done, cancelled = plan(lead, at("14 09:00"), by=aisha), plan(lead, at("14 10:00"), by=aisha)
        tasks.complete(done.task_id, by=aisha)
        tasks.cancel(cancelled.task_id, by=aisha, reason="He called himself")

        assert ids(sheet(aisha)) == [done.task_id]

    def test_what_is_overdue_from_before_is_there_where_today_is(self, lead, aisha):
        today = now().astimezone(DUBAI).date()
        late = plan(lead, now() - timedelta(days=9), by=aisha)
        done = plan(lead, now() - timedelta(days=10), by=aisha)
        tasks.complete(done.task_id, by=aisha)

        for view in View:
            assert late.task_id in ids(sheet(aisha, view, today))
        assert [task.task_id for task in sheet(aisha, View.WEEK, today).late] == [late.task_id]
        assert ids(sheet(aisha, View.WEEK, today + timedelta(days=7))) == []

    def test_agents_have_their_own_calendar_whoever_they_ask_for(self, lead, aisha, yousef):
        plan(lead, at("14 09:00"), by=aisha)
        his = plan(a_lead(by=yousef), at("14 09:00"), by=yousef)

        assert ids(sheet(yousef)) == ids(sheet(yousef, agent=aisha)) == [his.task_id]

    def test_a_follow_up_of_a_lead_that_is_somebody_elses_is_not_theirs(self, lead, aisha, yousef):
        plan(lead, at("14 09:00"), by=aisha)
        sql("UPDATE lead_assignments SET agent_id = %s", yousef.agent_id)

        assert ids(sheet(aisha)) == []
        assert ids(sheet(yousef)) == [], "it is not in his calendar"

    def test_managers_and_admins_see_any_agents_or_the_open_ones_of_all(self, lead, aisha, yousef, mariam, omar):
        hers, done = plan(lead, at("14 09:00"), by=aisha), plan(lead, at("14 11:00"), by=aisha)
        his = plan(a_lead(by=yousef), at("14 10:00"), by=yousef)
        tasks.complete(done.task_id, by=aisha)

        for who in (mariam, omar):
            assert ids(sheet(who, agent=aisha)) == [hers.task_id, done.task_id]
            assert ids(sheet(who)) == [hers.task_id, his.task_id]
            assert [task.agent.full_name for task in sheet(who).tasks] == [aisha.name, yousef.name]

    def test_reception_and_agents_without_a_row_see_none(self, lead, aisha, rashid):
        plan(lead, at("14 09:00"), by=aisha)

        assert ids(sheet(rashid)) == ids(sheet(rashid, agent=aisha)) == []

    @pytest.mark.parametrize("everybody, most", [(False, 300), (True, 40)])
    def test_what_is_more_than_a_page_holds_is_cut_and_it_says_so(self, lead, aisha, mariam, everybody, most):
        add = """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
                 SELECT %s, %s, 'call', timestamptz '2030-03-11 00:00+04' + %s + n * interval '30 min'
                 FROM generate_series(0, %s) n"""
        agent = None if everybody else aisha
        sql(add, lead.lead_id, aisha.agent_id, timedelta(0), most - 1)
        assert not sheet(mariam, agent=agent).is_cut

        sql(add, lead.lead_id, aisha.agent_id, most * timedelta(minutes=30), 0)
        cut = sheet(mariam, agent=agent)

        assert cut.is_cut
        assert len(cut.tasks) == most


class TestOpenLeads:
    def test_they_are_the_agents_own_and_active_by_name(self, lead, aisha, yousef, mariam):
        amal = a_lead(first_name="Amal", by=aisha)
        brought_to(a_lead(by=aisha), Status.LOST)
        his = a_lead(by=yousef)

        assert [lead.lead_id for lead in calendar.open_leads(aisha.agent_id, by=aisha)] == [amal.lead_id, lead.lead_id]
        assert [lead.lead_id for lead in calendar.open_leads(aisha.agent_id, by=yousef)] == [his.lead_id]
        assert [lead.lead_id for lead in calendar.open_leads(yousef.agent_id, by=mariam)] == [his.lead_id]
        assert calendar.open_leads(None, by=mariam) == []


class TestLines:
    def half_hours(self, lead, aisha, *planned):
        for moment, type in planned:
            plan(lead, moment, by=aisha, type=type)
        lines = calendar.lines(sheet(aisha, View.DAY).days)
        return {line.half_hour: line.cells[0] for line in lines}

    def test_an_empty_day_goes_from_8_to_20(self, lead, aisha):
        cells = self.half_hours(lead, aisha)

        assert (min(cells), max(cells)) == (16, 39)
        assert all(cell.is_free and cell.rows == 1 for cell in cells.values())

    def test_it_begins_earlier_and_ends_later_where_something_is_there(self, lead, aisha):
        cells = self.half_hours(lead, aisha, (at("14 05:59"), TaskType.CALL), (at("14 23:30"), TaskType.CALL))

        assert (min(cells), max(cells)) == (11, 47)

    def test_a_viewing_takes_an_hour_where_that_is_free(self, lead, aisha):
        cells = self.half_hours(
            lead,
            aisha,
            (at("14 10:00"), TaskType.VIEWING),
            (at("14 12:00"), TaskType.VIEWING),
            (at("14 12:30"), TaskType.CALL),
            (at("14 23:30"), TaskType.VIEWING),
        )

        assert {half_hour: cell.rows for half_hour, cell in cells.items() if cell.rows != 1} == {20: 2, 21: 0}

    def test_a_ghost_stands_where_it_was_wanted_beside_what_is_there(self, lead, aisha):
        held = plan(lead, at("14 10:00"), by=aisha)
        plan(lead, at("14 12:00"), by=aisha)

        lines = calendar.lines(sheet(aisha).days, Ghost(held.task_id, "Noor", at("14 12:10")))

        haunted = [(line.half_hour, cell) for line in lines for cell in line.cells if cell.ghost]
        assert [(half_hour, cell.day.date, len(cell.tasks)) for half_hour, cell in haunted] == [(24, THURSDAY, 1)]

    def test_a_ghost_of_another_week_is_nowhere(self, lead, aisha):
        held = plan(lead, at("14 10:00"), by=aisha)

        lines = calendar.lines(sheet(aisha).days, Ghost(held.task_id, "Noor", at("24 12:10")))

        assert not any(cell.ghost for line in lines for cell in line.cells)

    def test_a_half_hour_that_has_begun_is_past(self, lead, aisha):
        moment = now().astimezone(DUBAI)
        (cells,) = zip(
            *(line.cells for line in calendar.lines(sheet(aisha, View.DAY, moment.date()).days)), strict=True
        )
        this = moment.hour * 2 + moment.minute // 30

        assert [cell.half_hour for cell in cells if cell.is_now] == [n for n in range(16, 40) if n == this]
        assert [cell.half_hour for cell in cells if not cell.is_past] == [n for n in range(16, 40) if n > this]
