"""An agent's figures against the same counted naively, row by row, from what was written down (R10, R12)."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import fmean, median
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.factories import NUMBERS, PATH, a_lead, a_phone, an_agent, backdated, prompt, sql
from webapp import clock
from webapp.clock import DUBAI
from webapp.errors import Missing
from webapp.services import agents, figures, leads
from webapp.services.access import SYSTEM
from webapp.services.figures import Scope
from webapp.services.leads import Filters
from webapp.vocabulary import Source, Standing, Status

pytestmark = pytest.mark.usefixtures("app")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
A_MILLISECOND = timedelta(milliseconds=1)


class Case(NamedTuple):
    """A lead that came in so long ago, and what happened to it, in minutes after that."""

    age: int
    source: Source = Source.BAYUT
    steps: int = 0
    is_lost: bool = False
    deal: int | None = None
    closed: int = 0
    score: int = 50
    contacts: tuple[tuple[int, bool], ...] = ()
    handed_on: int | None = None
    back: bool = False
    follow_ups: tuple[int, ...] = ()


MINUTES = st.integers(0, 3 * 24 * 60)
CASES = st.lists(
    st.builds(
        Case,
        age=st.integers(0, 110 * 24 * 60),
        source=st.sampled_from(Source),
        steps=st.sampled_from([0, 1, 2, 5, 5]),
        is_lost=st.booleans(),
        deal=st.sampled_from([None, 900_000, 2_450_000]),
        closed=st.integers(0, 40 * 24 * 60),
        score=st.integers(0, 100),
        contacts=st.lists(st.tuples(MINUTES, st.booleans()), max_size=3).map(tuple),
        handed_on=st.none() | MINUTES,
        back=st.booleans(),
        follow_ups=st.lists(st.sampled_from([-20, -3, 2, 9]), max_size=2, unique=True).map(tuple),
    ),
    max_size=14,
)
SCOPES = st.fixed_dictionaries(
    {
        "begins": st.none() | st.integers(0, 100),
        "ends": st.none() | st.integers(0, 30),
        "source_type": st.none() | st.sampled_from(Source),
        "standing": st.none() | st.sampled_from(Standing),
    }
)
ONE_LEAD = [Case(age=0)]


class World:
    """Two agents of their own, the first with these leads; some went on to the second, or came from there."""

    def __init__(self, cases: list[Case]):
        first, second = (an_agent(f"Agent {next(NUMBERS)}").agent_id for _ in range(2))
        self.agent_id, self.slot = first, 0
        with prompt() as connection, connection.transaction():
            self.run, self.now = connection.execute, connection.execute("SELECT now()").fetchone()[0]
            for case in cases:
                self.write(case, first, second)

    def write(self, case: Case, first, second) -> None:
        came_in = self.now - case.age * MINUTE
        lead_id = self.run(
            "INSERT INTO leads (source_type, first_name, last_name, phone, score, created_at)"
            " VALUES (%s, '', '', %s, %s, %s) RETURNING lead_id",
            (case.source.value, a_phone(), case.score, came_in),
        ).fetchone()[0]
        owners = [second, first] if case.back else [first, second]
        self.run(
            "INSERT INTO lead_assignments (lead_id, agent_id, assigned_at) VALUES (%s, %s, %s)",
            (lead_id, owners[0], came_in),
        )
        if case.handed_on is not None:
            self.run(
                "UPDATE lead_assignments SET agent_id = %s, reassigned_at = %s WHERE lead_id = %s",
                (owners[1], came_in + case.handed_on * MINUTE, lead_id),
            )
        owner = owners[case.handed_on is not None]
        for after, is_struck in case.contacts:
            at = came_in + after * MINUTE
            self.run(
                "INSERT INTO lead_activities (lead_id, agent_id, type, activity_at, logged_at, struck_at)"
                " VALUES (%s, %s, 'call', %s, %s, %s)",
                (lead_id, owner, at, at, at if is_struck else None),
            )
        for days in case.follow_ups:
            self.slot += 1
            self.run(
                "INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date) VALUES (%s, %s, 'call', %s)",
                (lead_id, owner, self.now + days * DAY + self.slot * 31 * MINUTE),
            )
        for status in [*PATH[1 : case.steps + 1], *([Status.LOST] if case.is_lost and case.steps < 5 else [])]:
            self.run("UPDATE leads SET status = %s WHERE lead_id = %s", (status.value, lead_id))
        self.run(
            "UPDATE lead_conversion_history SET changed_at = %s, deal_value = %s"
            " WHERE lead_id = %s AND status_to = 'converted'",
            (min(came_in + case.closed * MINUTE, self.now), case.deal, lead_id),
        )


class Written:
    """What the tables say of leads, read once; the first contacts and the owners by lead."""

    def __init__(self):
        self.owners = {
            row.lead_id: row
            for row in sql(
                "SELECT lead_id, agent_id, coalesce(reassigned_at, assigned_at) AS since FROM lead_assignments"
            )
        }
        self.ever = {(row.lead_id, row.agent_id) for row in sql("SELECT lead_id, agent_id FROM assignment_history")}
        self.contacts: dict = {}
        for row in sql(
            "SELECT lead_id, greatest(activity_at, logged_at - interval '15 min') AS at FROM lead_activities"
            " WHERE struck_at IS NULL"
        ):
            self.contacts[row.lead_id] = min(row.at, self.contacts.get(row.lead_id, row.at))
        self.leads = sql("SELECT lead_id, status, source_type, score, created_at FROM leads")
        self.deals = sql(
            "SELECT lead_id, changed_at, deal_value FROM lead_conversion_history WHERE status_to = 'converted'"
        )
        self.due = sql("SELECT lead_id, due_date FROM follow_up_tasks WHERE status IN ('pending', 'overdue')")


def naive(written: Written, scope: Scope, month: datetime, now: datetime) -> dict:
    """The figures of the scope, counted row by row."""
    agent_id, owners, contacts = scope.agent_id, written.owners, written.contacts

    def within(moment):
        return (scope.begins is None or moment >= scope.begins) and (scope.ends is None or moment < scope.ends)

    sourced = [lead for lead in written.leads if scope.source_type in (None, lead.source_type)]
    theirs = [lead for lead in sourced if owners[lead.lead_id].agent_id == agent_id]
    known = {lead.lead_id for lead in theirs}
    came = [lead for lead in theirs if within(lead.created_at)]
    listed = [lead for lead in came if scope.standing is None or lead.status in scope.standing.statuses]
    took = [
        contacts[lead.lead_id] - owners[lead.lead_id].since
        for lead in listed
        if lead.lead_id in contacts and contacts[lead.lead_id] >= owners[lead.lead_id].since
    ]
    deals = [deal for deal in written.deals if deal.lead_id in known]
    made = [deal.deal_value for deal in deals if within(deal.changed_at)]
    worth = [deal for deal in made if deal is not None]
    in_scope = {lead.lead_id for lead in came}
    due = [task.due_date for task in written.due if task.lead_id in in_scope]
    seconds = [answer.total_seconds() for answer in took]
    return {
        "every": len(came),
        "leads": len(listed),
        "active": sum(lead.status not in ("converted", "lost") for lead in came),
        "converted": sum(lead.status == "converted" for lead in came),
        "score": round(fmean(lead.score for lead in listed), 6) if listed else None,
        "answered": len(took),
        "median": round(median(seconds), 3) if took else None,
        "mean": round(fmean(seconds), 3) if took else None,
        "handled": sum((lead.lead_id, agent_id) in written.ever and within(lead.created_at) for lead in sourced),
        "deals": len(made),
        "deal_value": sum(worth) if worth else None,
        "deal_size": round(fmean(worth), 2) if worth else None,
        "deals_this_month": sum(deal.changed_at >= month for deal in deals),
        "overdue": sum(moment < now for moment in due),
        "pending": sum(moment >= now for moment in due),
        "by_status": Counter(lead.status for lead in listed),
        "by_source": Counter(lead.source_type for lead in listed),
        "converted_by_source": Counter(lead.source_type for lead in listed if lead.status == "converted"),
    }


def asked(scope: Scope, month: datetime) -> dict:
    """The same as the service says it."""
    found, tasks = figures.figures(scope, by=SYSTEM, month=month), figures.follow_ups(scope, by=SYSTEM)
    same = ("every", "leads", "active", "converted", "answered", "handled", "deals", "deal_value", "deals_this_month")
    assert (len(tasks.overdue), len(tasks.pending)) == (tasks.overdue_count, tasks.pending_count)
    return {name: getattr(found, name) for name in same} | {
        "score": round(float(found.score), 6) if found.score is not None else None,
        "median": round(found.median.total_seconds(), 3) if found.median is not None else None,
        "mean": round(found.mean.total_seconds(), 3) if found.mean is not None else None,
        "deal_size": round(float(found.deal_size), 2) if found.deal_size is not None else None,
        "overdue": tasks.overdue_count,
        "pending": tasks.pending_count,
        "by_status": {status.value: share.leads for status, share in found.by_status.items()},
        "by_source": {source.value: share.leads for source, share in found.by_source.items()},
        "converted_by_source": {
            source.value: share.converted for source, share in found.by_source.items() if share.converted
        },
    }


class TestFigures:
    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],  # a smaller example is not worth minutes
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(cases=CASES, narrowed=SCOPES)
    @example(cases=[], narrowed=dict.fromkeys(("begins", "ends", "source_type", "standing")))
    @example(cases=ONE_LEAD, narrowed=dict.fromkeys(("begins", "ends", "source_type", "standing")))
    def test_they_are_what_a_naive_count_gives(self, cases, narrowed):
        world, today = World(cases), clock.today()
        scope = Scope(
            world.agent_id,
            begins=None if narrowed["begins"] is None else today - narrowed["begins"] * DAY,
            ends=None if narrowed["ends"] is None else today - narrowed["ends"] * DAY,
            source_type=narrowed["source_type"],
            standing=narrowed["standing"],
        )

        written, all_time = Written(), Scope(world.agent_id)
        for one in (all_time, scope, *(replace(all_time, standing=standing) for standing in Standing)):
            assert asked(one, clock.month()) == naive(written, one, clock.month(), world.now)
            found = figures.figures(one, by=SYSTEM, month=clock.month())
            assert found.leads == leads.tally(one.listed, by=SYSTEM).count
            steps = sum(step.leads for step in found.by_step)
            assert steps == leads.tally(self.shown(one, found), by=SYSTEM).count

    def shown(self, scope, found) -> Filters:
        """The leads of the steps that are shown."""
        first = found.by_step[0].first if found.by_step else clock.today()
        return Filters(**vars(scope.listed) | {"created_from": first})

    def test_without_a_base_there_is_no_figure(self, aisha):
        found = figures.figures(Scope(aisha.agent_id), by=aisha, month=clock.month())

        assert (found.rate, found.score, found.median, found.mean, found.deal_size) == (None,) * 5
        assert (found.every, found.active, found.answered, found.deals) == (0,) * 4

    def test_a_lead_that_was_taken_away_stays_in_the_base_of_the_rate(self):
        world = World([Case(age=60, steps=5, deal=1), Case(age=60, handed_on=10)])

        found = figures.figures(Scope(world.agent_id), by=SYSTEM, month=clock.month())

        assert (found.converted, found.every, found.handled, found.rate) == (1, 1, 2, Decimal(50))

    def test_an_answer_counts_from_the_agents_own_assignment(self):
        """The first was answered by the one before; the other one two hours after it came to this agent."""
        world = World(
            [
                Case(age=3000, back=True, handed_on=600, contacts=((30, False),)),
                Case(age=3000, back=True, handed_on=600, contacts=((720, False),)),
            ]
        )

        found = figures.figures(Scope(world.agent_id), by=SYSTEM, month=clock.month())

        assert (found.answered, found.mean, found.median) == (1, 2 * HOUR, 2 * HOUR)

    @pytest.mark.parametrize("moment, this_month", [("00:00", 1), ("-00:00:01", 0)])
    def test_the_month_begins_at_midnight_in_dubai(self, moment, this_month):
        world = World([Case(age=90 * 24 * 60, steps=5)])
        sql(
            "UPDATE lead_conversion_history SET changed_at = %s + %s::interval WHERE status_to = 'converted'",
            clock.month(),
            moment,
        )

        assert figures.figures(Scope(world.agent_id), by=SYSTEM, month=clock.month()).deals_this_month == this_month

    def test_the_steps_have_no_gaps_and_stay_inside_the_period(self):
        world = World([Case(age=0), Case(age=40 * 24 * 60)])
        begins = clock.today() - 60 * DAY

        found = figures.figures(Scope(world.agent_id, begins=begins), by=SYSTEM, month=clock.month()).by_step

        assert found[0].first == begins and found[-1].last == clock.today()
        assert all(after.first == before.last + DAY for before, after in pairwise(found))
        assert all(step.first.astimezone(DUBAI).weekday() == 0 for step in found[1:])

    def test_an_agent_sees_only_their_own(self, aisha, mariam):
        yousef = an_agent("Yousef Haddad", on_duty=False)
        a_lead()

        assert [figures_of(aisha, who).leads for who in (aisha, mariam, yousef)] == [1, 1, 0]
        assert agents.measured(aisha.agent_id, by=aisha).agent_id == aisha.agent_id
        with pytest.raises(Missing):
            agents.measured(aisha.agent_id, by=yousef)

    def test_reception_and_agents_without_a_row_measure_nobody(self, aisha, rashid, mariam):
        for who in (rashid, an_agent("Nobody Yet")):
            with pytest.raises(Missing):
                agents.measured(aisha.agent_id, by=who)
        assert agents.measured(aisha.agent_id, by=mariam).full_name == "Aisha Rahman"


def figures_of(whose, who):
    return figures.figures(Scope(whose.agent_id), by=who, month=clock.month())


class TestPlace:
    def test_it_is_by_the_latest_figures_and_equals_share_it(self, aisha, yousef):
        layla, noor = an_agent("Layla Amin"), an_agent("Noor Sabah")
        self.took(aisha, hours=1, age=5)
        self.took(aisha, hours=9, age=0)
        self.took(yousef, hours=2, age=1)
        self.took(layla, hours=2, age=1)

        places = {who.name: figures.place(who.agent_id) for who in (aisha, yousef, layla)}

        assert {name: (place.place, place.of) for name, place in places.items()} == {
            "Yousef Haddad": (1, 3),
            "Layla Amin": (1, 3),
            "Aisha Rahman": (3, 3),
        }
        assert figures.place(noor.agent_id) is None

    def took(self, who, *, hours, age):
        sql(
            "INSERT INTO agent_performance_metrics (agent_id, average_response_time, updated_at)"
            " VALUES (%s, %s, now() - %s::interval)",
            who.agent_id,
            hours * HOUR,
            f"{age} days",
        )


class TestFilters:
    """What the list of leads can say since the figures open it."""

    def test_deals_by_the_day_they_were_made(self):
        World([Case(age=50 * 24 * 60, steps=5, closed=10 * 24 * 60), Case(age=5 * 24 * 60, steps=5), Case(age=5)])
        since = clock.today() - 10 * DAY

        assert leads.tally(Filters(converted_from=since), by=SYSTEM).count == 1
        assert leads.tally(Filters(converted_to=since), by=SYSTEM).count == 1
        assert leads.tally(Filters(converted_from=since - 40 * DAY), by=SYSTEM).count == 2

    def test_leads_that_their_owner_answered_first(self, aisha):
        lead = backdated(a_lead(), hours=2)
        assert leads.tally(Filters(answered_by_owner=True), by=SYSTEM).count == 0

        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')",
            lead.lead_id,
            aisha.agent_id,
        )

        assert leads.tally(Filters(answered_by_owner=True), by=SYSTEM).count == 1
        sql("UPDATE lead_assignments SET reassigned_at = now() + interval '1 minute'")
        assert leads.tally(Filters(answered_by_owner=True), by=SYSTEM).count == 0
