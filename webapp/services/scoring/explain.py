"""Why a score is what it is, in as few rows as say it."""

from dataclasses import dataclass

from sqlalchemy import text

from webapp.extensions import db
from webapp.models import Lead

REASONS = text("""
    SELECT rule_name, count(*), sum(points), sum(counted) FROM standing_lines WHERE lead_id = :lead_id
    GROUP BY rule_name ORDER BY min(line_id), min(part)
""")


@dataclass(frozen=True)
class Reason:
    """What one rule did to a score: so many times, its points, what counted."""

    rule_name: str
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
    """What stands behind the score, rule by rule."""
    lines = [Reason(*row) for row in db.session.execute(REASONS, {"lead_id": lead.lead_id})]
    return Breakdown(lines, sum(line.counted - line.points for line in lines), sum(line.counted for line in lines))
