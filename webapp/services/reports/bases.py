"""What reports count: each base is a query whose rows carry what tells them apart and what is measured of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select, String, and_, cast, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased, outerjoin

from webapp.models import Agent, Lead, LeadActivity, LeadConversionHistory, WorkingDay
from webapp.services import hours
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.services.leads.filters import narrowed, within
from webapp.services.reports.scope import Pauses, Scope, but
from webapp.vocabulary import Status

MADE = LeadConversionHistory
DEAL = and_(MADE.lead_id == Lead.lead_id, MADE.status_to == Status.CONVERTED)
LATER = LeadActivity
CAME_ON, ANSWERED_ON = aliased(WorkingDay), aliased(WorkingDay)
HIGH_FROM, LOW_TO = 81, 49
"""From where a score is high, and up to where it is low (R12)."""


@dataclass(frozen=True, eq=False)
class Base:
    """What is counted, and by which moment it belongs to a period."""

    moment: InstrumentedAttribute
    rows: Callable[[Scope, Actor, list], Any]
    counted: Callable[[Scope], Any]
    """The leads that are counted as `Filters`, the activities as `Pauses`."""


def _leads(filters: Callable[[Scope], Filters], *, with_deals: bool = False) -> Base:
    def rows(scope: Scope, who: Actor, keys: list) -> Select:
        measured = [Lead.status, Lead.score, (Lead.first_contact_at - Lead.created_at).label("answer")]
        # Where no key asks for the owner, the server leaves this join out.
        table = outerjoin(Lead, Agent, Agent.agent_id == Lead.owner_id)
        if with_deals:
            measured.append(MADE.deal_value)
            table = outerjoin(table, MADE, DEAL)
        return narrowed(filters(scope), by=who).select_from(table).with_only_columns(*keys, *measured)

    return Base(Lead.created_at, rows, filters)


def _waits(scope: Scope, who: Actor, keys: list) -> Select:
    """How long the leads that came in waited for their first answer: in all, and in working hours."""
    came, answered = Lead.created_at, Lead.first_contact_at
    worked = hours.worked_until(ANSWERED_ON, answered) - hours.worked_until(CAME_ON, came)
    table = outerjoin(Lead, CAME_ON, hours.is_day_of(CAME_ON, came))
    return (
        narrowed(scope.came_in, by=who)
        .select_from(outerjoin(table, ANSWERED_ON, hours.is_day_of(ANSWERED_ON, answered)))
        .with_only_columns(*keys, (answered - came).label("answer"), worked.label("worked"))
    )


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
    always = but(scope.always, owner=None)
    every = who.sees_all_leads and not always.is_narrow
    rows = select(*keys, LATER.outcome, LATER.pause).where(
        LATER.struck_at.is_(None),
        LATER.pause.is_not(None),
        *within(LATER.activity_at, scope.begins, scope.ends),
        *([LATER.agent_id == scope.agent_id] if scope.agent_id else []),
        *([] if every else [LATER.lead_id.in_(narrowed(always, by=who))]),
    )
    # Set apart, or a million pauses are sorted for want of knowing that they make five steps.
    return rows.offset(0)


def _moves(scope: Scope, who: Actor, columns: list, *which) -> Select:
    """The moves of the leads that came in in the period, since they came in."""
    begins, _ends = scope.days
    return (
        narrowed(scope.came_in, by=who)
        .with_only_columns(*columns)
        .select_from(Lead)
        .join(MADE, MADE.lead_id == Lead.lead_id)
        .where(MADE.came_on >= begins if begins else MADE.came_on.is_not(None), *which)
    )


def _stages(scope: Scope, who: Actor, keys: list) -> CompoundSelect:
    """Each lead once for each status that it has ever had: new they all were."""
    (stage,) = keys
    new = [cast(Status.NEW.value, String).label(stage.name)]
    came = narrowed(scope.came_in, by=who).with_only_columns(*new)
    return union_all(came, _moves(scope, who, keys, MADE.is_first, MADE.status_to != Status.NEW))


def _spells(scope: Scope, who: Actor, keys: list) -> Select:
    """How long each of the leads had been in a status when it left it."""
    return _moves(scope, who, [*keys, func.stay_step(MADE.stayed).label("stay")])


def _losses(scope: Scope, who: Actor, keys: list) -> Select:
    return _moves(scope, who, keys, MADE.is_first, MADE.status_to == Status.LOST)


CAME_IN = _leads(lambda scope: scope.came_in)
HIGH_SCORES = _leads(lambda scope: but(scope.came_in, score_min=HIGH_FROM))
LOW_SCORES = _leads(lambda scope: but(scope.came_in, score_max=LOW_TO), with_deals=True)
ACTIVE = _leads(lambda scope: scope.active)
WAITS = Base(Lead.created_at, _waits, lambda scope: scope.came_in)
DEALS = Base(MADE.changed_at, _deals, lambda scope: scope.deals)
GAPS = Base(LATER.activity_at, _gaps, lambda _scope: Pauses())
STANDING = _leads(lambda scope: scope.came_in)
REACHED = Base(Lead.created_at, _stages, lambda scope: scope.came_in)
SPELLS = Base(Lead.created_at, _spells, lambda scope: scope.came_in)
LOSSES = Base(Lead.created_at, _losses, lambda scope: but(scope.came_in, status=(Status.LOST,)))
