"""The list of leads: keyset pages and counts. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import CompoundSelect, Select, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload, selectinload

from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.leads.filters import Filters, following, key_of, narrowed, ordered
from webapp.transaction import release
from webapp.vocabulary import LeadOrder

PAGE = 25
CUT_OFF = "57014"  # by the statement time-out


@dataclass(frozen=True)
class Page:
    """Some lines of the list and the key of the next ones, None at the end."""

    rows: list[Lead] = field(default_factory=list)
    after: str | None = None


def find(lead_id: UUID, *, by: Actor) -> Lead:
    """The lead alone, if `by` may see it."""
    return access.lead(lead_id, by=by)


def page(
    filters: Filters,
    *,
    by: Actor,
    order: LeadOrder = LeadOrder.NEWEST,
    after: str | None = None,
    size: int = PAGE,
) -> Page:
    """So many leads with their owners, in one round trip; `after` is the key of an earlier page."""
    some = ordered(following(narrowed(filters, by=by), order, after), order).limit(size + 1)
    rows = list(in_time(by_key(some.correlate(None), order)).scalars())
    more = len(rows) > size
    return Page(rows[:size], key_of(rows[size - 1], order) if more else None)


def by_key(lead_ids, order: LeadOrder = LeadOrder.NEWEST) -> Select:
    """These leads in this order, with their owners."""
    return ordered(select(Lead).where(Lead.lead_id.in_(lead_ids)).options(joinedload(Lead.owner)), order)


def every(filters: Filters, *, by: Actor, order: LeadOrder, most: int) -> Iterator[Lead]:
    """All leads that the filters leave, up to so many, with their owners and moves, a few hundred at a time."""
    some = ordered(narrowed(filters, by=by), order).limit(most)
    query = by_key(some.correlate(None), order).options(selectinload(Lead.conversion_history))
    with in_time(query.execution_options(yield_per=500)) as found:
        yield from found.scalars()


@dataclass(frozen=True)
class Tally:
    """How many leads there are, and what they would spend in AED; `more` where counting stopped."""

    count: int
    budget: Decimal
    more: bool


def tally(filters: Filters, *, by: Actor, at_most: int = 1000) -> Tally:
    """The leads that the filters leave, counted up to `at_most`."""
    some = narrowed(filters, by=by).add_columns(Lead.budget_max).limit(at_most + 1).subquery()
    budget = func.coalesce(func.sum(some.c.budget_max), 0)
    count, budget = in_time(select(func.count(), budget).select_from(some)).one()
    return Tally(min(count, at_most), budget, count > at_most)


def in_time(query: Select | CompoundSelect):
    """What the query finds; `Unavailable` (`too_slow`) with a sentence where that takes longer than a page may."""
    try:
        return db.session.execute(query)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != CUT_OFF:
            raise
        release()
        sentence = _("That takes too long among so many leads. Refine your filter and try again.")
        raise Unavailable(sentence, code="too_slow") from error
