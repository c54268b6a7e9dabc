"""Why a score is what it is, in as few rows as say it."""

from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.extensions import db
from webapp.models import Lead, ScoreLine


@dataclass(frozen=True)
class Reason:
    """What one rule did to a score, or how much of it was taken back: so many times, its points, what counted."""

    rule_name: str
    taken_back: bool
    times: int
    points: int
    counted: int


@dataclass(frozen=True)
class Breakdown:
    """Why a score is what it is: the reasons that stand, what the clamp took, and the total."""

    lines: list[Reason]
    clamped: int
    score: int


def explain(lead: Lead) -> Breakdown:
    """The lines behind the score, rule by rule, without those that were taken back in full."""
    other = aliased(ScoreLine)
    gone = exists().where(
        or_(other.reverses == ScoreLine.line_id, other.line_id == ScoreLine.reverses),
        other.counted + ScoreLine.counted == 0,
    )
    taken_back = ScoreLine.reverses.is_not(None)
    rows = db.session.execute(
        select(ScoreLine.rule_name, taken_back, func.count(), func.sum(ScoreLine.points), func.sum(ScoreLine.counted))
        .where(ScoreLine.lead_id == lead.lead_id, ~gone)
        .group_by(ScoreLine.rule_name, taken_back)
        .order_by(func.min(ScoreLine.line_id))
    )
    lines = [Reason(*row) for row in rows]
    return Breakdown(lines, sum(line.counted - line.points for line in lines), sum(line.counted for line in lines))
