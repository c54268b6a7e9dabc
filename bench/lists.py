"""The bar of the list of leads: its SQL costs at most three times the same rows by primary key, both asked raw.

A list without any rows has nothing to be compared with.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

from sqlalchemy import event, text

from bench.rounds import medians
from webapp import clock
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.services import leads
from webapp.services.access import SYSTEM, Actor
from webapp.services.leads import Filters
from webapp.services.leads.listing import by_key
from webapp.vocabulary import PropertyType, Role, Source, Status

BAR = 3
AT_A_TIME = 10


def measure() -> dict:
    """How many times the same rows by key each list with a bar costs; whether the others end in time."""
    agent = busiest_agent()
    narrowed = {"": Filters(), **singles(agent), **pairs(agent)}
    asked = {
        f"{whose}{', ' if name else ''}{name}": (filters, by)
        for whose, by in (("everybody's", SYSTEM), ("an agent's", agent))
        for name, filters in narrowed.items()
    }
    found = {name: compared(filters, by) for name, (filters, by) in asked.items()}
    found = {name: one for name, one in found.items() if one["rows"]}
    others = {name: in_time(filters) for name, filters in combined(singles(agent)).items()}
    ended = {name: ms for name, ms in others.items() if ms}
    return {
        "lists over the bar": {name: one for name, one in found.items() if one["times"] > BAR},
        "lists": {name: one["times"] for name, one in found.items()},
        "other combinations": {
            "asked": len(others),
            "told to refine the filter": [name for name, ms in others.items() if ms is None],
            "slowest ms": max(ended.values()),
        },
    }


def busiest_agent() -> Actor:
    agent_id = db.session.scalar(text("SELECT agent_id FROM agents ORDER BY active_leads_count DESC, agent_id LIMIT 1"))
    return Actor(user_id=None, name="Agent", role=Role.AGENT, agent_id=agent_id)


def singles(agent: Actor) -> dict[str, Filters]:
    """Each filter alone, each of its words where it has some; moments new and old, fragments short and long."""
    today = clock.today()
    phone = db.session.scalars(text("SELECT phone FROM leads ORDER BY lead_id LIMIT 1")).one()
    number = db.session.scalars(text("SELECT number FROM leads ORDER BY lead_id LIMIT 1")).one()
    person = db.session.execute(text("SELECT * FROM leads WHERE email <> '' AND last_name <> '' LIMIT 1")).one()
    rare_area = db.session.scalars(
        text("SELECT area FROM leads, unnest(preferred_areas) area GROUP BY area ORDER BY count(*), area LIMIT 1")
    ).one()
    return {
        **{f"status {status}": Filters(status=(status,)) for status in Status},
        **{f"source {source}": Filters(source_type=(source,)) for source in Source},
        "owner": Filters(owner=agent.agent_id),
        "nobody's": Filters(unassigned=True),
        "created from last week on": Filters(created_from=today - timedelta(days=7)),
        "created until half a year ago": Filters(created_to=today - timedelta(days=180)),
        "created on one day": Filters(created_from=today - timedelta(days=100), created_to=today - timedelta(days=99)),
        "contacted since yesterday": Filters(contacted_from=today - timedelta(days=1)),
        "contacted in the last month": Filters(contacted_from=today - timedelta(days=30)),
        "silent for a week": Filters(contacted_to=today - timedelta(days=7)),
        "never contacted": Filters(never_contacted=True),
        "overdue": Filters(overdue=True),
        "without a next step": Filters(no_next_step=True),
        **{f"type {kind}": Filters(property_type=(kind,)) for kind in PropertyType},
        "area": Filters(area="Dubai Marina"),
        "a rare area": Filters(area=rare_area),
        "score from 90": Filters(score_min=90),
        "score below 50": Filters(score_max=49),
        "budget from 5M": Filters(budget_min=Decimal(5_000_000)),
        "first and last name": Filters(q=f"{person.first_name} {person.last_name}"),
        "beginning of a name": Filters(q=person.last_name[:4]),
        "e-mail": Filters(q=person.email),
        "whole phone": Filters(q=phone),
        "seven digits": Filters(q=phone[-7:]),
        "four digits": Filters(q=phone[-4:]),
        "number": Filters(q=f"#{number}"),
    }


def pairs(agent: Actor) -> dict[str, Filters]:
    return {
        f"status {status} + {name}": replace(filters, status=(status,))
        for status in Status
        for name, filters in {
            "owner": Filters(owner=agent.agent_id),
            **{f"source {source}": Filters(source_type=(source,)) for source in Source},
        }.items()
    }


def combined(filters: dict[str, Filters]) -> dict[str, Filters]:
    """Every two of them that can be asked together."""
    return {
        f"{one} + {other}": Filters(**said, **also)
        for (one, said), (other, also) in combinations(((name, spoken(of)) for name, of in filters.items()), 2)
        if not said.keys() & also.keys()
    }


def spoken(filters: Filters) -> dict:
    return {name: value for name, value in vars(filters).items() if value != getattr(Filters(), name)}


def in_time(filters: Filters) -> float | None:
    """The milliseconds of a page; None where it was refused with a sentence, as it takes longer than a page may."""
    began = time.perf_counter()
    try:
        leads.page(filters, by=SYSTEM)
    except Unavailable:
        return None
    return round((time.perf_counter() - began) * 1000, 1)


def compared(filters: Filters, by: Actor) -> dict:
    with emitted() as asked:
        page = leads.page(filters, by=by)
    (list_sql,) = asked
    ids = [row.lead_id for row in page.rows]
    with emitted() as asked:
        db.session.execute(by_key(ids)).all()
    (same_rows,) = asked
    took = medians({"list": raw(*list_sql), "by key": raw(*same_rows)})
    return {
        "rows": len(ids),
        "ms": round(took["list"] / AT_A_TIME, 2),
        "times": round(took["list"] / took["by key"], 1),
    }


def raw(statement: str, values: dict) -> Callable[[], list]:
    """Asks five times through the driver's cursor, without SQLAlchemy."""
    connection = db.session.connection().connection.driver_connection

    def ask():
        for _time in range(AT_A_TIME):
            connection.execute(statement, values).fetchall()

    return ask


@contextmanager
def emitted() -> Iterator[list[tuple[str, dict]]]:
    """The statements that reach the database meanwhile."""
    found: list[tuple[str, dict]] = []

    def keep(_connection, _cursor, statement, values, _context, _many):
        found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
