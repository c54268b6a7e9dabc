from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Created, Key, OneOf, one_of
from webapp.vocabulary import ScoreReason


class LeadScoringRule(Model):
    """A rule as data: a condition and the points it gives (R3)."""

    __tablename__ = "lead_scoring_rules"

    rule_id: Mapped[Key]
    rule_name: Mapped[str] = mapped_column(String(100))
    score_adjustment: Mapped[int]
    condition: Mapped[dict] = mapped_column(JSONB)
    created_at: Mapped[Created] = mapped_column(nullable=True)


class ScoreLine(Model):
    """What one rule did to one lead's score: what it says (`points`) and what the clamp left of it (`counted`)."""

    __tablename__ = "score_lines"

    line_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    rule_id: Mapped[UUID | None]
    rule_name: Mapped[str] = mapped_column(String(100))
    reason: Mapped[ScoreReason] = mapped_column(OneOf(ScoreReason, 20))
    points: Mapped[int]
    counted: Mapped[int]
    activity_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("lead_activities.activity_id", ondelete="CASCADE"), index=True
    )
    reverses: Mapped[int | None] = mapped_column(ForeignKey("score_lines.line_id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]

    __table_args__ = (
        Index("ix_score_lines_lead_id_line_id", "lead_id", "line_id"),
        CheckConstraint(one_of(ScoreReason, "reason"), name="ck_score_line_reason"),
    )
