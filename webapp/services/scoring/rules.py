"""The rules in force: the rows that are switched on, in their order (R3)."""

from sqlalchemy import Boolean, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from webapp.extensions import db
from webapp.models import LeadScoringRule
from webapp.services.scoring.rule import Rule, arranged
from webapp.vocabulary import ConditionType

IN_ORDER = LeadScoringRule.place, LeadScoringRule.created_at, LeadScoringRule.rule_id
READABLE = func.is_scoring_condition(LeadScoringRule.condition, type_=Boolean)
"""A row that another program left behind may ask what there is not: it counts nowhere."""

_HOURS = LeadScoringRule.condition["max_hours"]
TIERS = (
    select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(_HOURS, LeadScoringRule.score_adjustment), _HOURS)))
    .where(
        LeadScoringRule.condition["type"].astext == ConditionType.RESPONSE_TIME.value,
        _HOURS.is_not(None),
        LeadScoringRule.enabled,
    )
    .scalar_subquery()
)
"""The tiers of the response clock, to be asked for in any query: see `read_tiers`."""


def in_force() -> list[LeadScoringRule]:
    """The rules that count, in their order."""
    return list(
        db.session.scalars(select(LeadScoringRule).where(LeadScoringRule.enabled, READABLE).order_by(*IN_ORDER))
    )


def response_tiers() -> list[tuple[int, int]]:
    """The response clock's tiers as the rules have them: (hours, points), shortest first."""
    return read_tiers(db.session.scalar(select(TIERS)))


def read_tiers(found: list | None) -> list[tuple[int, int]]:
    """The tiers from what a query got for TIERS."""
    return [(hours, points) for hours, points in found or ()]


def listed() -> list[Rule]:
    """Every rule that can be read, switched on or off, in its order."""
    return arranged(db.session.scalars(select(LeadScoringRule).where(READABLE)))
