"""What reports count: each base is a query whose rows carry what tells them apart and what is measured of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.models import Lead, LeadActivity, LeadConversionHistory
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.services.leads.filters import narrowed, within
from webapp.services.reports.scope import Pauses, Scope, but
from webapp.vocabulary import Status

MADE = LeadConversionHistory
DEAL = and_(MADE.lead_id == Lead.lead_id, MADE.status_to == Status.CONVERTED)
LATER = LeadActivity
HIGH, LOW = 81, 49
"""From where a score is high, and up to where it is low (R12)."""


@dataclass(frozen=True, eq=False)
class Base:
    """What is counted, and by which moment it belongs to a period."""

    moment: InstrumentedAttribute
    rows: Callable[[Scope, Actor, list], Select]
    counted: Callable[[Scope], Any]
    """The leads that are counted as `Filters`, the activities as `Pauses`."""


def _leads(filters: Callable[[Scope], Filters], *, with_deals: bool = False) -> Base:
    def rows(scope: Scope, who: Actor, keys: list) -> Select:
        measured = [Lead.status, Lead.score, (Lead.first_contact_at - Lead.created_at).label("answer")]
        query = narrowed(filters(scope), by=who).select_from(Lead)
        if with_deals:
            query, measured = query.outerjoin(MADE, DEAL), [*measured, MADE.deal_value]
        return query.with_only_columns(*keys, *measured)

    return Base(Lead.created_at, rows, filters)


def _deals(scope: Scope, who: Actor, keys: list) -> Select:
    whenever = but(scope.deals, converted_from=None, converted_to=None)
    took = (MADE.changed_at - Lead.created_at).label("took")
    return (
        narrowed(whenever, by=who)
        .with_only_columns(*keys, MADE.deal_value, took)
        .select_from(Lead)
        .join(MADE, DEAL)
        .where(*within(MADE.changed_at, scope.begins, scope.ends))
    )


def _gaps(scope: Scope, who: Actor, keys: list) -> Select:
    return (
        narrowed(but(scope.always, owner=None), by=who)
        .with_only_columns(*keys, LATER.outcome, GAP)
        .select_from(Lead)
        .join(LATER, LATER.lead_id == Lead.lead_id)
        .join(EARLIER, true())
        .where(
            LATER.struck_at.is_(None),
            *within(LATER.activity_at, scope.begins, scope.ends),
            *([LATER.agent_id == scope.agent_id] if scope.agent_id else []),
        )
    )


def _earlier():
    """When the activity before it was, of those that stand."""
    before = LeadActivity.__table__.alias("before")
    this = (LATER.activity_at, LATER.activity_id)
    return (
        select(before.c.activity_at)
        .where(
            before.c.lead_id == LATER.lead_id,
            before.c.struck_at.is_(None),
            before.c.activity_at <= LATER.activity_at,
            func.row(before.c.activity_at, before.c.activity_id) < func.row(*this),
        )
        .order_by(before.c.activity_at.desc())
        .limit(1)
        .correlate(LATER)
        .lateral("earlier")
    )


EARLIER = _earlier()
GAP = (LATER.activity_at - EARLIER.c.activity_at).label("gap")

CAME_IN = _leads(lambda scope: scope.came_in)
CAME_IN_WITH_DEALS = _leads(lambda scope: scope.came_in, with_deals=True)
HIGH_SCORES = _leads(lambda scope: but(scope.came_in, score_min=HIGH))
LOW_SCORES = _leads(lambda scope: but(scope.came_in, score_max=LOW), with_deals=True)
ACTIVE = _leads(lambda scope: scope.active)
DEALS = Base(MADE.changed_at, _deals, lambda scope: scope.deals)
GAPS = Base(LATER.activity_at, _gaps, lambda _scope: Pauses())
