"""A change of a score: clamped once, and every rule's part of it written down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text, update

from webapp.extensions import db
from webapp.models import Lead, ScoreLine
from webapp.services.scoring.matches import HIGHEST, LOWEST, Match, share_clamp
from webapp.vocabulary import ScoreReason

STANDING = text("""
    SELECT line_id, part, rule_id, rule_name, counted, activity_id, created_at FROM standing_lines
    WHERE lead_id = :lead_id AND reason = ANY(:reasons) ORDER BY line_id, part
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """A line that nobody has taken back, or a part of one."""

    line_id: int
    part: int | None
    rule_id: UUID | None
    rule_name: str
    counted: int
    activity_id: UUID | None
    created_at: datetime


def change(
    lead: Lead,
    reason: ScoreReason,
    matches: list[Match],
    activity_id: UUID | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Change the score by all matches at once, clamp once, and write down what the clamp left of each."""
    if not matches:
        return
    asked = sum(match.points for match in matches)
    before = lead.score
    after = db.session.scalars(
        update(Lead)
        .where(Lead.lead_id == lead.lead_id)
        .values(score=func.least(HIGHEST, func.greatest(LOWEST, Lead.score + asked)))
        .returning(Lead.score)
        .execution_options(synchronize_session=False)
    ).one()
    db.session.refresh(lead, ["score"])
    counted = share_clamp([match.points for match in matches], after - before)
    db.session.add_all(
        ScoreLine(
            lead_id=lead.lead_id,
            rule_id=match.rule_id,
            rule_name=match.rule_name,
            reason=reason,
            points=match.points,
            counted=left,
            activity_id=match.activity_id or activity_id,
            reverses=match.reverses,
            part=match.part,
            **({"created_at": at} if at else {}),
        )
        for match, left in zip(matches, counted, strict=True)
    )
    db.session.flush()


def standing(lead_id: UUID, *reasons: ScoreReason) -> list[Standing]:
    """What stands of the lead's lines for these reasons, the oldest first."""
    found = db.session.execute(STANDING, {"lead_id": lead_id, "reasons": list(reasons)})
    return [Standing(*row) for row in found]


def reversal_of(line: Standing) -> Match:
    """The change that takes a line back."""
    return Match(line.rule_name, -line.counted, line.rule_id, line.line_id, line.part, line.activity_id)


def last_line(lead_id: UUID) -> int | None:
    """The number of the last change of a lead's score."""
    return db.session.scalar(select(func.max(ScoreLine.line_id)).where(ScoreLine.lead_id == lead_id))
