"""What is kept by day of the deals: read instead of the deals where nothing narrows them further."""

from collections.abc import Iterator, Set
from typing import Any

from sqlalchemy import case, func, select, tuple_

from webapp.models import DealDay
from webapp.services.access import Actor
from webapp.services.leads.filters import within
from webapp.services.leads.listing import in_time
from webapp.services.reports.days import month_of
from webapp.services.reports.dimensions import Dimension, Key, Months
from webapp.services.reports.scope import Scope

DEALS, VALUED, VALUE = (func.sum(column) for column in (DealDay.deals, DealDay.valued, DealDay.value))
MEASURES: dict[str, Any] = {
    "conversions": DEALS,
    "valued": VALUED,
    "revenue": case((VALUED > 0, VALUE)),
    "deal": VALUE / func.nullif(VALUED, 0),
}


def told(dimension: Dimension, scope: Scope, *, by: Actor) -> Set[str]:
    """The numbers of the deals that follow from what is kept: by month, of whole days, and of everybody."""
    kept = type(dimension) is Months and by.sees_all_leads and scope.has_whole_days and not scope.is_narrow
    return MEASURES.keys() if kept else frozenset()


def count(_dimension: Dimension, names: Set[str], scope: Scope) -> Iterator[tuple[Key | None, dict[str, Any]]]:
    """Of every month, and of all together (None): the numbers of these names."""
    month = month_of(DealDay.day)
    query = (
        select(func.grouping(month), month, *(MEASURES[name] for name in names))
        .where(*within(DealDay.day, *scope.days))
        .group_by(func.grouping_sets(tuple_(month), tuple_()))
        .having(DEALS > 0)
    )
    for of_all, line, *values in in_time(query):
        yield None if of_all else (line,), dict(zip(names, values, strict=True))
