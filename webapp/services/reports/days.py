"""What is kept by day of the leads that came in: read instead of the leads where nothing narrows them further."""

from collections.abc import Iterator, Set
from typing import Any

from sqlalchemy import Date, DateTime, cast, func, select, tuple_

from webapp.models import LeadDay
from webapp.services.access import Actor
from webapp.services.leads.filters import within
from webapp.services.leads.listing import in_time
from webapp.services.reports.dimensions import Agents, Dimension, Key, Months, MonthsAndSources, Sources
from webapp.services.reports.scope import Scope

SOURCES, OWNERS = LeadDay.source_type.is_not(None), LeadDay.source_type.is_(None)


def month_of(day):
    """The first day of a day's month."""
    return cast(func.date_trunc("month", cast(day, DateTime)), Date)


MONTH = month_of(LeadDay.day)
LINES = {
    Sources: (SOURCES, (LeadDay.source_type,)),
    Agents: (OWNERS, (LeadDay.owner_id,)),
    Months: (SOURCES, (MONTH,)),
    MonthsAndSources: (SOURCES, (MONTH, LeadDay.source_type)),
}
"""By what lines are told apart: whose counts are read, and their columns that tell the same."""
LEADS, CONVERTED, LOST = (func.sum(column) for column in (LeadDay.leads, LeadDay.converted, LeadDay.lost))
MEASURES: dict[str, Any] = {
    "leads": LEADS,
    "converted": CONVERTED,
    "lost": LOST,
    "active": LEADS - CONVERTED - LOST,
    "rate": 100.0 * CONVERTED / LEADS,
    "score": func.sum(LeadDay.score) / LEADS,
}


def told(dimension: Dimension, scope: Scope, *, by: Actor) -> Set[str]:
    """The numbers of the leads that came in that follow from what is kept: of whole days, and of everybody."""
    if type(dimension) not in LINES or not by.sees_all_leads or scope.property_type:
        return frozenset()
    kept, _columns = LINES[type(dimension)]
    narrow = scope.agent_id if kept is SOURCES else scope.source_type
    return MEASURES.keys() if not narrow and scope.has_whole_days else frozenset()


def count(dimension: Dimension, names: Set[str], scope: Scope) -> Iterator[tuple[Key | None, dict[str, Any]]]:
    """Of every line, and of all together (None): the numbers of these names."""
    kept, columns = LINES[type(dimension)]
    query = (
        select(func.grouping(*columns), *columns, *(MEASURES[name] for name in names))
        .where(
            kept,
            *within(LeadDay.day, *scope.days),
            *([LeadDay.source_type == scope.source_type] if scope.source_type else []),
            *([LeadDay.owner_id == scope.agent_id] if scope.agent_id else []),
        )
        .group_by(func.grouping_sets(tuple_(*columns), tuple_()))
        .having(LEADS > 0)
    )
    for row in in_time(query):
        values = dict(zip(names, row[1 + len(columns) :], strict=True))
        yield None if row[0] else tuple(row[1 : 1 + len(columns)]), values
