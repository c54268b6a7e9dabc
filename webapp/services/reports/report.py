from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.database.engine import from_replica
from webapp.extensions import db
from webapp.services.access import Actor
from webapp.services.reports.scope import Scope
from webapp.services.reports.table import Reading, Table, read
from webapp.vocabulary import Period

PERIOD, SOURCE, AGENT, TYPE, LEAST = "date_range", "source", "agent", "property_type", "at_least"
ALL_FILTERS = (PERIOD, SOURCE, AGENT, TYPE)


@dataclass(frozen=True)
class Report:
    """A question of the manager's, how its answer is counted, and the tables that answer it (R12)."""

    slug: str
    title: Any
    question: Any
    counted: tuple[Any, ...]
    tables: tuple[Table, ...]
    filters: tuple[str, ...] = ALL_FILTERS
    period: Period = Period.QUARTER
    """What is looked at where nobody asks for another."""

    def read(self, scope: Scope, *, by: Actor) -> list[Reading]:
        """The tables with their numbers, of the leads that `by` may see."""
        return read_together(self.tables, scope, by=by)


def read_together(tables: Sequence[Table], scope: Scope, *, by: Actor) -> list[Reading]:
    """The tables with their numbers on one state of the data, from the replica if there is one."""
    with from_replica(db.session):
        return read(tables, scope, by=by)
