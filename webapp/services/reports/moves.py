"""What is kept by day of the moves of leads, and where they have come to: read where nothing narrows them further."""

from collections.abc import Callable, Iterator, Set
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, cast, func, literal, select, tuple_, union_all

from webapp.models import Lead, LeadDay, MoveDay
from webapp.services.access import Actor
from webapp.services.leads.filters import within
from webapp.services.leads.listing import in_time
from webapp.services.reports.days import CONVERTED, LEADS, SOURCES
from webapp.services.reports.dimensions import Dimension, Key
from webapp.services.reports.scope import Scope
from webapp.vocabulary import Standing, Status

KINDS, STAYS = MoveDay.stay.is_(None), MoveDay.stay.is_not(None)
A_LINE = literal(0)
"""What GROUPING says of a line: it is not all of them together."""
MOVES, FIRSTS = func.sum(MoveDay.moves), func.sum(MoveDay.firsts)


def told(_dimension: Dimension, scope: Scope, *, by: Actor) -> Set[str]:
    """The numbers of the moves that are counted: of whole days, and of everybody."""
    return COUNTS.keys() if by.sees_all_leads and scope.has_whole_days and not scope.is_narrow else frozenset()


def count(_dimension: Dimension, names: Set[str], scope: Scope) -> Iterator[tuple[Key | None, dict[str, Any]]]:
    """Of every line, and of all together (None): the number of this name."""
    (name,) = names
    for of_all, word, value in in_time(COUNTS[name](scope)):
        yield None if of_all else (word,), {name: value}


def _reached(scope: Scope) -> CompoundSelect:
    """How many leads were ever new, as they all were, or moved to each of the other statuses."""
    came = select(A_LINE, cast(Status.NEW.value, String), LEADS).where(SOURCES, *within(LeadDay.day, *scope.days))
    moved = _of(scope, KINDS, A_LINE, MoveDay.status_to, FIRSTS).where(MoveDay.status_to != Status.NEW)
    return union_all(came, moved.group_by(MoveDay.status_to))


def _stay(scope: Scope) -> Select:
    """The shortest stay in each status that at least half of those who left it did not exceed."""
    up_to = func.sum(MOVES).over(partition_by=MoveDay.status_from, order_by=MoveDay.stay)
    whole = func.sum(MOVES).over(partition_by=MoveDay.status_from)
    stays = _of(scope, STAYS, MoveDay.status_from, MoveDay.stay, up_to.label("up_to"), whole.label("whole"))
    found = stays.group_by(MoveDay.status_from, MoveDay.stay).having(MOVES > 0).subquery()
    half = func.min(found.c.stay).filter(2 * found.c.up_to >= found.c.whole)
    return select(A_LINE, found.c.status_from, half).group_by(found.c.status_from)


def _now(scope: Scope) -> CompoundSelect:
    """How many are in each status now: of those that are active, an index knows the few."""
    active = select(A_LINE, Lead.status, func.count()).where(
        Lead.status.in_(Standing.ACTIVE.statuses), *within(Lead.created_at, scope.begins, scope.ends)
    )
    converted = cast(Status.CONVERTED.value, String)
    made = select(A_LINE, converted, CONVERTED).where(SOURCES, *within(LeadDay.day, *scope.days))
    return union_all(active.group_by(Lead.status), made)


def _lost(scope: Scope) -> Select:
    lost = _of(scope, KINDS, func.grouping(MoveDay.lost_reason), MoveDay.lost_reason, FIRSTS)
    lines = func.grouping_sets(tuple_(MoveDay.lost_reason), tuple_())
    return lost.where(MoveDay.status_to == Status.LOST).group_by(lines).having(FIRSTS > 0)


def _of(scope: Scope, kept: ColumnElement[bool], *columns) -> Select:
    return select(*columns).where(kept, *within(MoveDay.day, *scope.days))


COUNTS: dict[str, Callable[[Scope], Select | CompoundSelect]] = {
    "reached": _reached,
    "now": _now,
    "stay": _stay,
    "lost": _lost,
}
