"""Every report against the same counted naively, row by row, from what was written down (R12)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from math import isclose
from random import Random
from statistics import fmean, median

import pytest

from tests.factories import PATH, a_phone, an_agent, prompt, sql
from tests.services.working_time import by_hand
from webapp import clock
from webapp.clock import DUBAI
from webapp.services import doctor, hours, leads, metrics, reports
from webapp.services.access import SYSTEM
from webapp.services.leads import Filters
from webapp.services.reports import BY_SLUG, Pauses, Reading, Scope
from webapp.vocabulary import Fit, LostReason, PropertyType, Source, Status, Wait

pytestmark = pytest.mark.usefixtures("app")

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AREAS = ("Dubai Marina", "Jumeirah Village Circle", "Business Bay")
WAITS = (0, 20, 60, 61, 240, 300, 1440, 2000, 4320, 9000)
"""After how many minutes something may happen: on the edges of the steps, and beside them."""
SHORT = ("new", "contacted", "qualified", "viewing_scheduled", "negotiation")


class World:
    """Three agents, the first two of them specialised, and leads of many ages and fates that chance has made."""

    def __init__(self, seed: int, size: int):
        self.chance = Random(seed)
        self.agents = [
            an_agent("Aisha", types=("villa",), areas=(AREAS[0],)).agent_id,
            an_agent("Yousef", areas=(AREAS[1],)).agent_id,
            an_agent("Layla").agent_id,
        ]
        with prompt() as connection, connection.transaction():
            self.run, self.now = connection.execute, connection.execute("SELECT now()").fetchone()[0]
            for _number in range(size):
                self.write()

    def moment(self) -> datetime:
        """Some time within 14 months; now and then on the edge of a Dubai month, or a second before."""
        past = self.now - self.chance.randrange(420 * 24 * 60) * MINUTE
        if self.chance.random() < 0.3:
            edge = past.astimezone(DUBAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            past = edge - self.chance.choice((0, 1)) * SECOND
        return past

    def write(self) -> None:
        pick, came_in = self.chance.choice, self.moment()
        lead_id = self.run(
            "INSERT INTO leads (source_type, first_name, last_name, phone, score, created_at, property_type,"
            " preferred_areas) VALUES (%s, '', '', %s, %s, %s, %s, %s) RETURNING lead_id",
            (
                pick([*Source]).value,
                a_phone(),
                pick((0, 48, 49, 50, 79, 80, 81, 95, 100)),
                came_in,
                pick([None, *(word.value for word in PropertyType)]),
                pick([None, [], [AREAS[0]], [AREAS[2]], [AREAS[1], AREAS[2]]]),
            ),
        ).fetchone()[0]
        first, then = pick([None, *self.agents]), pick(self.agents)
        if first:
            self.run(
                "INSERT INTO lead_assignments (lead_id, agent_id, assigned_at) VALUES (%s, %s, %s)",
                (lead_id, first, came_in),
            )
            if then != first and pick((True, False)):
                self.run(
                    "UPDATE lead_assignments SET agent_id = %s, reassigned_at = %s WHERE lead_id = %s",
                    (then, came_in + HOUR, lead_id),
                )
        for _number in range(pick((0, 0, 1, 2, 4))):
            at = min(came_in + pick(WAITS) * MINUTE, self.now)
            self.run(
                "INSERT INTO lead_activities (lead_id, agent_id, type, outcome, activity_at, logged_at, struck_at)"
                " VALUES (%s, %s, 'call', %s, %s, %s, %s)",
                (
                    lead_id,
                    pick(self.agents),
                    pick((None, "positive", "negative", "neutral")),
                    at,
                    at + pick((0, 0, 40)) * MINUTE,
                    at if pick((True, False, False, False)) else None,
                ),
            )
        steps = pick((0, 1, 2, 5, 5))
        lost = [Status.LOST] if steps < 5 and pick((True, False)) else []
        for status in [*PATH[1 : steps + 1], *lost]:
            self.run("UPDATE leads SET status = %s WHERE lead_id = %s", (status.value, lead_id))
        self.stretch(lead_id, came_in)
        self.run(
            "UPDATE lead_conversion_history SET lost_reason = %s WHERE lead_id = %s AND status_to = 'lost'",
            (pick((None, *(word.value for word in LostReason))), lead_id),
        )
        self.run(
            "UPDATE lead_conversion_history SET changed_at = %s, deal_value = %s"
            " WHERE lead_id = %s AND status_to = 'converted'",
            (max(self.moment(), came_in), pick((None, 900_000, 900_000, 2_450_000)), lead_id),
        )

    def stretch(self, lead_id, came_in: datetime) -> None:
        """The moves happen one after the other, some of them at once."""
        at = came_in
        for history_id, _changed in self.run(
            "SELECT history_id, changed_at FROM lead_conversion_history WHERE lead_id = %s ORDER BY changed_at",
            (lead_id,),
        ).fetchall():
            at += self.chance.choice((1, 60, 2880, 20_000)) * MINUTE
            self.run("UPDATE lead_conversion_history SET changed_at = %s WHERE history_id = %s", (at, history_id))

    def scopes(self) -> Iterable[Scope]:
        """All there is, and what chance narrows it to."""
        pick, today = self.chance.choice, clock.today()
        yield Scope()
        month = today.replace(day=1) - pick((0, 1, 40)) * DAY
        for _number in range(2):
            yield Scope(
                begins=pick((None, today - 90 * DAY, today - 365 * DAY, month)),
                ends=pick((None, None, today - 20 * DAY, today.replace(day=1))),
                source_type=pick((None, None, Source.BAYUT)),
                agent_id=pick([None, None, self.agents[0]]),
                property_type=pick((None, None, PropertyType.VILLA)),
                at_least=pick((1, 2, 3, 40)),
            )


class Written:
    """What the tables say, read once: each lead with its owner, contacts and deal."""

    def __init__(self):
        owners = {row.lead_id: row.agent_id for row in sql("SELECT lead_id, agent_id FROM lead_assignments")}
        deals = {row.lead_id: row for row in sql("SELECT * FROM lead_conversion_history WHERE status_to = 'converted'")}
        self.agents = {row.agent_id: row for row in sql("SELECT * FROM agents")}
        self.hours = hours.hours()
        moves = defaultdict(list)
        for row in sql("SELECT * FROM lead_conversion_history ORDER BY changed_at, history_id"):
            moves[row.lead_id].append(row)
        spoken = defaultdict(list)
        for row in sql("SELECT * FROM lead_activities WHERE struck_at IS NULL ORDER BY activity_at, activity_id"):
            spoken[row.lead_id].append(row)
        self.leads = [
            {
                **lead._asdict(),
                "owner": owners.get(lead.lead_id),
                "deal": deals.get(lead.lead_id),
                "moves": moves[lead.lead_id],
                "spoken": spoken[lead.lead_id],
                "first": self.first(spoken[lead.lead_id]),
            }
            for lead in sql("SELECT * FROM leads")
        ]

    def first(self, activities) -> datetime | None:
        return min((max(row.activity_at, row.logged_at - 15 * MINUTE) for row in activities), default=None)

    def worked(self, since: datetime, until: datetime) -> timedelta:
        return by_hand(self.hours, since.astimezone(DUBAI), until.astimezone(DUBAI))

    def owner_of(self, lead) -> str:
        return self.agents[lead["owner"]].full_name if lead["owner"] else "Nobody"


def took(lead) -> timedelta | None:
    return lead["first"] - lead["created_at"] if lead["first"] else None


def step(took: timedelta | None) -> str:
    if took is None:
        return "none yet"
    return next(
        (str(wait.label) for wait, most in zip(Wait, (1, 4, 24, 72), strict=False) if took <= most * HOUR),
        "more than 3 days",
    )


def mean(values):
    return fmean(float(value) for value in values) if values else None


def half(values) -> float | None:
    """The least that at least half of them do not exceed."""
    return sorted(values)[(len(values) - 1) // 2] if values else None


def stay(took: timedelta) -> float:
    """As it is counted: in minutes up to an hour, in hours up to two days, then in days."""
    step = timedelta(minutes=1) if took < timedelta(hours=1) else HOUR if took < 2 * DAY else DAY
    return (took // step * step).total_seconds()


def middle(values):
    return median(float(value) for value in values) if values else None


def nine_tenths(values):
    """Between the two nearest of them, as far as the place lies between theirs."""
    if not values:
        return None
    ordered, place = sorted(values), 0.9 * (len(values) - 1)
    below = int(place)
    return ordered[below] + (place - below) * (ordered[min(below + 1, len(values) - 1)] - ordered[below])


def rate(part: int, whole: int):
    return 100 * part / whole if whole else None


class Naive:
    """The reports of a scope, each line counted by itself."""

    def __init__(self, written: Written, scope: Scope):
        self.written, self.scope = written, scope
        self.every = [
            lead
            for lead in written.leads
            if scope.source_type in (None, lead["source_type"]) and scope.property_type in (None, lead["property_type"])
        ]
        owned = [lead for lead in self.every if scope.agent_id in (None, lead["owner"])]
        self.came = [lead for lead in owned if self.within(lead["created_at"])]
        self.won = [lead for lead in owned if lead["deal"] and self.within(lead["deal"].changed_at)]
        self.active = [lead for lead in owned if lead["status"] in SHORT]

    def within(self, moment) -> bool:
        begins, ends = self.scope.begins, self.scope.ends
        return (begins is None or moment >= begins) and (ends is None or moment < ends)

    def standing(self, found) -> dict:
        statuses = [lead["status"] for lead in found]
        values = [lead["deal"].deal_value for lead in found if lead["deal"] and lead["deal"].deal_value]
        waits = [took(lead).total_seconds() for lead in found if lead["first"]]
        converted = statuses.count("converted")
        return {
            "leads": len(found),
            "active": sum(status in SHORT for status in statuses),
            "lost": statuses.count("lost"),
            "converted": converted,
            "rate": rate(converted, len(found)),
            "score": mean([lead["score"] for lead in found]),
            "high": len(found),
            "unconverted": len(found) - converted,
            "share": rate(len(found) - converted, len(found)),
            "answered": len(waits),
            "median": middle(waits),
            "mean": mean(waits),
            "value": sum(values) if values else None,
        }

    def deals(self, won) -> dict:
        values = [lead["deal"].deal_value for lead in won if lead["deal"].deal_value]
        times = [(lead["deal"].changed_at - lead["created_at"]).total_seconds() for lead in won]
        return {
            "conversions": len(won),
            "valued": len(values),
            "revenue": sum(values) if values else None,
            "deal": mean(values),
            "median_deal": middle(values),
            "median": middle(times),
            "mean": mean(times),
            "shortest": min(times, default=None),
            "longest": max(times, default=None),
        }

    def load(self, found) -> dict:
        statuses = [lead["status"] for lead in found]
        return {"active": len(found), "room": 50 - len(found)} | {status: statuses.count(status) for status in SHORT}

    def by(self, found, key: Callable, measure: Callable, *always: str) -> dict:
        groups = {name: [] for name in always}
        for lead in found:
            groups.setdefault(key(lead), []).append(lead)
        return {"all": measure(found)} | {name: measure(group) for name, group in groups.items()}

    def source(self, lead) -> str:
        return str(Source(lead["source_type"]).label)

    def conversion_rates(self):
        yield self.by(self.came, self.source, self.standing)
        yield self.by(self.came, self.written.owner_of, self.standing)

    def avg_conversion_time(self):
        def named(lead):
            return str(PropertyType(lead["property_type"]).label) if lead["property_type"] else "Not given"

        yield self.by(self.won, named, self.deals)

    def monthly_trends(self):
        def month(moment):
            return f"{moment.astimezone(DUBAI):%Y-%m}"

        came = self.by(self.came, lambda lead: month(lead["created_at"]), self.standing)
        won = self.by(self.won, lambda lead: month(lead["deal"].changed_at), self.deals)
        yield {name: self.standing([]) | self.deals([]) | came.get(name, {}) | won.get(name, {}) for name in came | won}

    def agent_rankings(self):
        came = self.by(self.came, self.written.owner_of, self.standing)
        won = self.by(self.won, self.written.owner_of, self.deals)
        kept = {
            name: self.deals([]) | won.get(name, {}) | self.standing([]) | came.get(name, {})
            for name in came | won
            if name not in ("all", "Nobody")
        }
        yield kept

    def revenue_attribution(self):
        yield self.by(self.won, self.source, self.deals)

    def high_score_not_converted(self):
        high = [lead for lead in self.came if lead["score"] > 80]
        yield self.by(high, self.source, self.standing)
        yield self.by(high, lambda lead: str(Status(lead["status"]).label), self.standing)
        yield self.by(high, self.written.owner_of, self.standing)

    def low_score_converted(self):
        low = [lead for lead in self.came if lead["score"] < 50]
        yield self.by(low, self.source, self.standing)
        yield self.by(low, self.written.owner_of, self.standing)

    def source_quality(self):
        def both(lead):
            return f"{lead['created_at'].astimezone(DUBAI):%Y-%m} {self.source(lead)}"

        yield self.by(self.came, self.source, self.standing)
        yield self.by(self.came, both, self.standing)

    def response_times(self):
        yield from self.response_time_correlation()
        yield self.by(self.came, self.source, self.waits)
        yield self.by(self.came, self.written.owner_of, self.waits)

    def waits(self, found) -> dict:
        answered = [lead for lead in found if lead["first"]]
        waits = [took(lead).total_seconds() for lead in answered]
        worked = [self.written.worked(lead["created_at"], lead["first"]).total_seconds() for lead in answered]
        return {
            "leads": len(found),
            "answered": len(waits),
            "coverage": rate(len(waits), len(found)),
            "median": middle(waits),
            "slowest": nine_tenths(waits),
            "mean": mean(waits),
            "worked": middle(worked),
            "slowest_worked": nine_tenths(worked),
        }

    def pipeline(self):
        reached, now, stays, reasons = (defaultdict(list) for _number in range(4))
        for lead in self.came:
            now[lead["status"]].append(lead)
            for status in {"new", *(move.status_to for move in lead["moves"])}:
                reached[status].append(lead)
            since = lead["created_at"]
            for move in lead["moves"]:
                stays[move.status_from].append(stay(move.changed_at - since))
                since = move.changed_at
                if move.status_to == "lost":
                    reasons[move.lost_reason].append(lead)
        counts = [len(reached[status]) for status in PATH]
        yield {
            str(status.label): {
                "reached": count,
                "step": rate(count, before) if before is not None else None,
                "of_all": rate(count, counts[0]),
                "now": len(now[status]),
                "stay": half(stays[status]),
            }
            for status, count, before in zip(PATH, counts, [None, *counts], strict=False)
        }
        lost = sum(len(leads) for leads in reasons.values())
        named = {str(LostReason(word).label) if word else "Not given": len(leads) for word, leads in reasons.items()}
        yield {"all": {"lost": lost}} | {name: {"lost": n, "share": rate(n, lost)} for name, n in named.items()}
        yield self.by(self.won, lambda lead: f"{lead['deal'].changed_at.astimezone(DUBAI):%Y-%m}", self.deals)

    def follow_up_timing(self):
        pauses = []
        for lead in self.every:
            for before, after in zip(lead["spoken"], lead["spoken"][1:], strict=False):
                if self.within(after.activity_at) and self.scope.agent_id in (None, after.agent_id):
                    pauses.append((after.activity_at - before.activity_at, after.outcome))

        def measure(found):
            good = sum(outcome == "positive" for _pause, outcome in found)
            return {"activities": len(found), "positive": good, "rate": rate(good, len(found))}

        yield self.by(pauses, lambda pause: step(pause[0]), measure, *(str(wait.label) for wait in Wait))

    def workload_distribution(self):
        names = [row.full_name for row in self.written.agents.values() if self.scope.agent_id in (None, row.agent_id)]
        yield self.by(self.active, self.written.owner_of, self.load, *names)

    def approaching_capacity(self):
        found = self.by([lead for lead in self.active if lead["owner"]], self.written.owner_of, self.load)
        yield {name: load for name, load in found.items() if name != "all" and load["active"] >= self.scope.at_least}

    def specialized_vs_general(self):
        def fit(lead):
            if not lead["owner"]:
                return "Nobody"
            agent = self.written.agents[lead["owner"]]
            fits = lead["property_type"] in (agent.specialization_property_type or ()) or set(
                agent.specialization_areas or ()
            ) & set(lead["preferred_areas"] or ())
            return str((Fit.SPECIALISED if fits else Fit.GENERAL).label)

        yield self.by(self.came, fit, self.standing, *(str(word.label) for word in Fit))

    def response_time_correlation(self):
        steps = [*(str(wait.label) for wait in Wait), "none yet"]
        lines = self.by(self.came, lambda lead: step(took(lead)), self.standing, *steps)
        yield lines | {name: lines[name] | {"of_leads": rate(lines[name]["leads"], len(self.came))} for name in steps}


def said(reading: Reading) -> dict[str, dict]:
    """The numbers of a table by line and column, the total's under "all"; without the places."""
    names = [column.name for column in reading.table.columns]
    lines = {" ".join(name_of(name) for name in line.names): line for line in reading.lines}
    if reading.total:
        lines["all"] = reading.total
    return {
        name: {column: cell.value for column, cell in zip(names, line.cells, strict=True) if column}
        for name, line in lines.items()
    }


def name_of(name) -> str:
    return f"{name:%Y-%m}" if isinstance(name, datetime) else str(name)


def differences(found: dict, expected: dict) -> list:
    """Where a table says something else than the naive count; lines without anything may be left out."""
    different = []
    for name in {**found, **expected}:
        mine, theirs = found.get(name, {}), expected.get(name, {})
        if name not in found and any(theirs.values()):
            different.append((name, "missing", theirs))
        for column, value in mine.items():
            if not same(value, theirs.get(column)):
                different.append((name, column, value, theirs.get(column)))
    return different


def same(value, other) -> bool:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if value is None or other is None:
        return not value and not other
    return isclose(float(value), float(other), rel_tol=1e-9, abs_tol=0.001)


def count_of(opens: Filters | Pauses, scope: Scope) -> int:
    """How many leads, or activities, the list behind a number has."""
    if isinstance(opens, Pauses):
        return reports.activities(opens, scope, by=SYSTEM).count
    return leads.tally(opens, by=SYSTEM).count


FEW = [(0, 0), (1, 1), (2, 2), *((seed, 12 + seed) for seed in range(3, 10)), (9, 60), (10, 90)]
MANY = [(seed, seed % 40) for seed in range(100, 288)]
"""With --full two hundred in all: none, one, and up to as many as make ties, edges and gaps."""
DATA_SETS = [*FEW, *(pytest.param(seed, size, marks=pytest.mark.full) for seed, size in MANY)]


@pytest.mark.parametrize("seed, size", DATA_SETS)
def test_every_report_is_what_a_naive_count_gives(seed, size):
    world, written = World(seed, size), Written()
    for scope in world.scopes():
        naive = Naive(written, scope)
        for report in BY_SLUG.values():
            expected = list(getattr(naive, report.slug.replace("-", "_"))())
            found = [said(reading) for reading in report.read(scope, by=SYSTEM)]
            assert len(found) == len(expected)
            for table, theirs in zip(found, expected, strict=True):
                assert not differences(table, theirs), (report.slug, scope)


@pytest.mark.parametrize("seed, size", [(20, 1), (21, 45)])
def test_every_number_counts_the_leads_it_opens(seed, size):
    world, opened = World(seed, size), 0
    for scope in world.scopes():
        counted = {}
        for report in BY_SLUG.values():
            for reading in report.read(scope, by=SYSTEM):
                for line in [*reading.lines, *filter(None, [reading.total])]:
                    for column, cell in zip(reading.table.columns, line.cells, strict=True):
                        if cell.opens and column.kind == "count":
                            if cell.opens not in counted:
                                counted[cell.opens] = count_of(cell.opens, scope)
                            assert counted[cell.opens] == cell.value, (report.slug, line.names, column.name, scope)
                            opened += 1
    assert opened > 10 * size


class TestPlaces:
    def test_equals_share_a_place_and_without_a_base_there_is_none(self):
        agents = [an_agent(name).agent_id for name in ("Amal", "Basma", "Dana", "Eman")]
        with prompt() as connection:
            for agent_id, fates in zip(agents, (("converted",), ("lost",), ("lost",), ()), strict=True):
                for fate in fates:
                    lead_id = connection.execute(
                        "INSERT INTO leads (source_type, first_name, last_name, phone)"
                        " VALUES ('bayut', '', '', %s) RETURNING lead_id",
                        (a_phone(),),
                    ).fetchone()[0]
                    connection.execute(
                        "INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", (lead_id, agent_id)
                    )
                    for status in PATH[1:] if fate == "converted" else [Status.LOST]:
                        connection.execute("UPDATE leads SET status = %s WHERE lead_id = %s", (status.value, lead_id))

        (reading,) = BY_SLUG["agent-rankings"].read(Scope(), by=SYSTEM)

        at = [column.label for column in reading.table.columns].index("Place by rate")
        assert {line.names[0]: line.cells[at].value for line in reading.lines} == {"Amal": 1, "Basma": 2, "Dana": 2}
        answers = [column.label for column in reading.table.columns].index("Place by answer")
        assert {line.cells[answers].value for line in reading.lines} == {None}


class TestFile:
    def test_numbers_are_numbers_and_what_has_no_base_is_empty(self):
        World(30, 20)
        report = BY_SLUG["response-time-correlation"]

        title, heads, *lines, total = list(reports.rows(report.read(Scope(), by=SYSTEM)))

        assert title == ["By first answer"]
        assert heads == ["First answer", "Leads", "Share, %", "Converted", "Conversion rate, %"]
        assert [line[0] for line in lines] == [*(str(wait.label) for wait in Wait), "none yet"]
        assert total[1] == sum(line[1] for line in lines) == 20
        assert sum(line[2] for line in lines) == 100
        assert total[2] is None
        assert not any(isinstance(cell, Decimal | timedelta) for line in lines for cell in line)


class TestDays:
    """What is kept by day, against a count of the leads themselves."""

    DEEDS = (
        "UPDATE leads SET status = 'lost' WHERE lead_id = %s AND status NOT IN ('converted', 'lost')",
        "UPDATE leads SET score = 100 - score, source_type = 'dubizzle' WHERE lead_id = %s",
        "UPDATE leads SET created_at = created_at - interval '20 hours' WHERE lead_id = %s",
        "DELETE FROM lead_assignments WHERE lead_id = %s",
        "UPDATE lead_assignments SET agent_id = (SELECT max(agent_id::text)::uuid FROM agents) WHERE lead_id = %s",
        "DELETE FROM leads WHERE lead_id = %s",
    )

    @pytest.mark.parametrize("seed", [50, 51])
    def test_it_says_the_same_whatever_is_done_to_the_leads_and_when_it_is_added_up(self, seed):
        world = World(seed, 30)
        ids = [row.lead_id for row in sql("SELECT lead_id FROM leads")]
        for number in range(40):
            sql(world.chance.choice(self.DEEDS), world.chance.choice(ids))
            if number % 20 == 10:
                assert metrics.add_up_days() > 0
            assert sql(self.KEPT) == sql(self.COUNTED)

        before = sql(self.KEPT)
        metrics.add_up_days()

        assert sql(self.KEPT) == before
        assert not sql("SELECT FROM lead_days GROUP BY day, source_type, owner_id HAVING count(*) > 1")
        assert metrics.add_up_days() == 0

    KEPT = """
        SELECT day, source_type, owner_id, ARRAY[sum(leads), sum(converted), sum(lost), sum(score)] AS n FROM lead_days
        GROUP BY 1, 2, 3 HAVING (sum(leads), sum(converted), sum(lost), sum(score)) <> (0, 0, 0, 0) ORDER BY 1, 2, 3
    """
    COUNTED = """
        SELECT * FROM (
            SELECT (created_at AT TIME ZONE 'Asia/Dubai')::date AS day, source_type, owner_id,
                   ARRAY[count(*), count(*) FILTER (WHERE status = 'converted'),
                         count(*) FILTER (WHERE status = 'lost'), sum(score)] AS n
            FROM (SELECT source_type, NULL::uuid AS owner_id, created_at, status, score FROM leads
                  UNION ALL SELECT NULL, owner_id, created_at, status, score FROM leads) both_of_them
            GROUP BY 1, 2, 3) counted
        ORDER BY 1, 2, 3
    """

    def test_hours_are_counted_from_the_leads_themselves(self):
        World(52, 30)
        begins = clock.today() - 200 * DAY
        for scope in (
            Scope(begins=begins),
            Scope(begins=begins + HOUR),
            Scope(begins=begins, source_type=Source.BAYUT),
        ):
            by_source, by_agent = BY_SLUG["conversion-rates"].read(scope, by=SYSTEM)
            assert by_source.value("leads") == by_agent.value("leads") == leads.tally(scope.came_in, by=SYSTEM).count

    def test_two_that_write_do_not_wait_for_each_other(self, app):
        lead = "INSERT INTO leads (source_type, first_name, last_name, phone) VALUES ('bayut', '', '', %s)"
        with prompt() as one, prompt() as other, one.transaction():
            one.execute(lead, (a_phone(),))
            other.execute("SET lock_timeout = '2s'")
            other.execute(lead, (a_phone(),))
            assert metrics.add_up_days() == 0
        assert metrics.add_up_days() == 2
        assert sql("SELECT leads FROM lead_days WHERE source_type = 'bayut'") == [(2,)]


class TestMoves:
    """What moves know and what is counted of them, against the history itself."""

    DEEDS = (
        "UPDATE leads SET created_at = created_at - interval '20 hours' WHERE lead_id = %s",
        "UPDATE leads SET created_at = created_at + interval '9 days' WHERE lead_id = %s",
        "UPDATE lead_conversion_history SET changed_at = changed_at + interval '5 hours' WHERE lead_id = %s",
        "UPDATE lead_conversion_history SET lost_reason = 'area' WHERE status_to = 'lost' AND lead_id = %s",
        "UPDATE lead_conversion_history SET deal_value = 7 WHERE status_to = 'converted' AND lead_id = %s",
        "DELETE FROM lead_conversion_history WHERE status_from = 'contacted' AND lead_id = %s",
        "DELETE FROM leads WHERE lead_id = %s",
    )
    WRONG = " UNION ALL ".join(
        f"SELECT * FROM ({check.query}) {check.name} (of, stored, is_right, kept)"
        for check in doctor.CHECKS
        if check.name in ("stays", "move_days", "deal_days")
    )

    @pytest.mark.parametrize("seed", [60, 61])
    def test_they_are_right_whatever_is_done_to_them_and_when_they_are_added_up(self, seed):
        world = World(seed, 40)
        ids = [row.lead_id for row in sql("SELECT DISTINCT lead_id FROM lead_conversion_history")]
        assert len(ids) > 10
        for number in range(40):
            sql(world.chance.choice(self.DEEDS), world.chance.choice(ids))
            if number % 20 == 10:
                assert metrics.add_up_days() > 0
            assert sql(self.WRONG) == []
        assert sql("SELECT FROM move_days") and sql("SELECT FROM deal_days")

    def test_a_narrow_pipeline_says_the_same_as_a_wide_one_of_the_same_leads(self):
        World(62, 40)
        sql("DELETE FROM leads WHERE source_type <> 'bayut'")

        wide, narrow = (said_by(BY_SLUG["pipeline"], Scope(source_type=source)) for source in (None, Source.BAYUT))

        assert wide == narrow and wide[0]["New"]["reached"] > 0


def said_by(report, scope: Scope) -> list[dict]:
    return [said(reading) for reading in report.read(scope, by=SYSTEM)]


class TestPauses:
    @pytest.mark.parametrize("seed", [40, 41])
    def test_each_activity_knows_the_pause_before_it_whatever_is_done_to_them(self, seed):
        world = World(seed, 30)
        chance, kept = world.chance, [row.activity_id for row in sql("SELECT activity_id FROM lead_activities")]
        leads_there = [row.lead_id for row in sql("SELECT lead_id FROM leads")]
        deeds = (
            "UPDATE lead_activities SET struck_at = now() WHERE activity_id = %s",
            "UPDATE lead_activities SET struck_at = NULL WHERE activity_id = %s",
            "UPDATE lead_activities SET activity_at = activity_at - interval '2 hours' WHERE activity_id = %s",
            "DELETE FROM lead_activities WHERE activity_id = %s",
            "UPDATE lead_activities SET lead_id = %s WHERE activity_id = %s",
        )
        assert len(kept) > 5
        for _number in range(40):
            deed = chance.choice(deeds)
            moved = [chance.choice(leads_there)] if deed.count("%s") == 2 else []
            sql(deed, *moved, chance.choice(kept))

        pauses = {row.activity_id: row.pause for row in sql("SELECT activity_id, pause FROM lead_activities")}
        expected = dict.fromkeys(pauses)
        for lead in Written().leads:
            for before, after in zip(lead["spoken"], lead["spoken"][1:], strict=False):
                expected[after.activity_id] = after.activity_at - before.activity_at
        assert pauses == expected
        assert any(pauses.values())
