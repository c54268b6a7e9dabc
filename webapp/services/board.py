"""Leads by status: the first cards of each lane with counts, two round trips for all. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, String, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from webapp.models import Lead
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.leads import Filters, Tally
from webapp.services.leads.filters import CLOSED_ALREADY, following, key_of, narrowed, ordered
from webapp.services.leads.listing import by_key, in_time
from webapp.vocabulary import LeadOrder, Status

CARDS = 20
COUNTED = 1000
CLOSED_FOR = timedelta(days=30)
"""For so long after their last change closed leads stay on the board: of all that ever closed there are too many."""

NOTHING = Tally(0, Decimal(0), False)


@dataclass(frozen=True)
class Lane:
    """The leads of one status: some cards, the key of the next ones (None at the end), and what there is in all."""

    status: Status
    cards: list[Lead] = field(default_factory=list)
    after: str | None = None
    tally: Tally = NOTHING


def lanes(
    filters: Filters,
    *,
    by: Actor,
    statuses: Sequence[Status] = (),
    order: LeadOrder = LeadOrder.NEWEST,
    after: Mapping[Status, str] | None = None,
    first: Lead | None = None,
) -> list[Lane]:
    """The lanes that the filters leave, in the order of the path, or only those of these statuses.

    `after` has the keys of earlier cards by lane. `first` stands at the top of its lane, whatever the order.
    """
    some = _asked(filters, statuses, by)
    cards, tallies = _cards(some, order, after or {}), _tallies(some)
    if first:
        first = card(first.lead_id, by=by)
    return [_lane(status, [lead for lead in cards if lead.status == status], tallies, order, first) for status in some]


def heads(filters: Filters, statuses: Sequence[Status], *, by: Actor) -> list[Lane]:
    """What there is in all in those of these lanes that the filters leave, without any cards."""
    some = _asked(filters, statuses, by)
    tallies = _tallies(some)
    return [Lane(status, tally=tallies.get(status, NOTHING)) for status in some]


def card(lead_id: UUID, *, by: Actor) -> Lead:
    """The lead alone, as its card shows it."""
    return access.lead(lead_id, by=by, options=(joinedload(Lead.owner),))


def total(lanes: Sequence[Lane]) -> Tally:
    """What is in the open lanes together."""
    tallies = [lane.tally for lane in lanes if not lane.status.is_closed]
    return Tally(
        sum(tally.count for tally in tallies),
        sum((tally.budget for tally in tallies), Decimal(0)),
        any(tally.more for tally in tallies),
    )


def _asked(filters: Filters, statuses: Sequence[Status], by: Actor) -> dict[Status, Select | None]:
    """The lanes in the order of the path with what is looked for in each; None where the filters rule all of it out."""
    shown = sorted(filters.status, key=list(Status).index) or Status
    return {
        status: None if status.is_closed and filters.is_open else _within(filters, status, by)
        for status in shown
        if not statuses or status in statuses
    }


def _within(filters: Filters, status: Status, by: Actor) -> Select:
    query = narrowed(replace(filters, status=(status,)), by=by)
    return query.where(CLOSED_ALREADY, Lead.updated_at >= func.now() - CLOSED_FOR) if status.is_closed else query


def _cards(some: dict[Status, Select | None], order: LeadOrder, after: Mapping[Status, str]) -> list[Lead]:
    firsts = [
        ordered(following(query, order, after.get(status)), order).limit(CARDS + 1)
        for status, query in some.items()
        if query is not None
    ]
    if not firsts:
        return []
    lead_ids = union_all(*(query.correlate(None).subquery().select() for query in firsts))
    return list(in_time(by_key(lead_ids, order)).scalars())


def _tallies(some: dict[Status, Select | None]) -> dict[Status, Tally]:
    counted = [
        (status, query.add_columns(Lead.budget_max).limit(COUNTED + 1))
        for status, query in some.items()
        if query is not None
    ]
    if not counted:
        return {}
    parts = [(status, query.subquery()) for status, query in counted]
    rows = in_time(
        union_all(
            *(
                select(literal(status.value, String), func.count(), func.coalesce(func.sum(part.c.budget_max), 0))
                for status, part in parts
            )
        )
    )
    return {Status(name): Tally(min(count, COUNTED), budget, count > COUNTED) for name, count, budget in rows}


def _lane(status: Status, cards: list[Lead], tallies, order: LeadOrder, first: Lead | None) -> Lane:
    after = key_of(cards[CARDS - 1], order) if len(cards) > CARDS else None
    cards = cards[:CARDS]
    if first and first.status == status:
        cards = [first, *(card for card in cards if card.lead_id != first.lead_id)]
    return Lane(status, cards, after, tallies.get(status, NOTHING))
