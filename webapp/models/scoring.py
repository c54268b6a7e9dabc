from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.models.users import User
from webapp.vocabulary import ScoreReason, SetState


class LeadScoringRule(Model):
    """A rule as data: a condition and the points it gives (R3)."""

    __tablename__ = "lead_scoring_rules"

    rule_id: Mapped[Key]
    rule_name: Mapped[str] = mapped_column(String(100))
    score_adjustment: Mapped[int]
    condition: Mapped[dict] = mapped_column(JSONB)
    created_at: Mapped[Created] = mapped_column(nullable=True)

    place: Mapped[int | None]
    """Its place in the order; those without one come after the others, as they came."""
    enabled: Mapped[bool] = mapped_column(server_default=true())
    """Whether it counts."""

    __table_args__ = (
        # Not valid: what another program left behind stays as it is, and counts nowhere.
        CheckConstraint("is_scoring_condition(condition)", name="ck_scoring_rule_condition"),
        CheckConstraint("score_adjustment BETWEEN -100 AND 100", name="ck_scoring_rule_points"),
    )


class ScoringSet(Model):
    """A set of scoring rules: the office's draft, or one that was put in force, with how far its rescore is."""

    __tablename__ = "scoring_sets"

    set_id: Mapped[Key]
    number: Mapped[int | None] = mapped_column(unique=True)
    """Which set of the office it is; a draft has none yet."""
    name: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    rules: Mapped[list] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts the changes of a draft: what is put in force is what somebody has seen."""
    state: Mapped[SetState] = mapped_column(OneOf(SetState, 20), server_default=SetState.DRAFT)
    made_at: Mapped[Created]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    applied_at: Mapped[Moment | None]
    applied_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    applied_xid: Mapped[int | None] = mapped_column(BigInteger)
    """The transaction that put it in force: its rescore begins once those that began before are over."""
    ended_at: Mapped[Moment | None]
    total: Mapped[int] = mapped_column(server_default=text("0"))
    done: Mapped[int] = mapped_column(server_default=text("0"))
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    last_at: Mapped[Moment | None]
    last_id: Mapped[UUID | None]

    maker: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[made_by])
    applier: Mapped[User | None] = relationship(lazy="raise", foreign_keys=[applied_by])

    __table_args__ = (
        Index("ux_scoring_sets_draft", "state", unique=True, postgresql_where=text("state = 'draft'")),
        CheckConstraint(one_of(SetState, "state"), name="ck_scoring_set_state"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="ck_scoring_set_number"),
        CheckConstraint("jsonb_typeof(rules) = 'array'", name="ck_scoring_set_rules"),
        CheckConstraint("total >= 0 AND done >= 0 AND changed >= 0 AND failed >= 0", name="ck_scoring_set_progress"),
    )


class ScoreLine(Model):
    """What one rule did to one lead's score: what it says (`points`) and what the clamp left of it (`counted`).

    What stands of them is the view `standing_lines`.
    """

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
    parts: Mapped[list | None] = mapped_column(JSONB)
    """Counted anew: what the whole score is made of from here on. What stood before is history."""
    part: Mapped[int | None] = mapped_column(SmallInteger)
    """Which part of the line is taken back, from 1."""

    __table_args__ = (
        Index("ix_score_lines_lead_id_line_id", "lead_id", "line_id"),
        CheckConstraint(
            "parts IS NULL OR jsonb_typeof(parts) = 'array' AND reverses IS NULL AND reason IN ('merge', 'rules')",
            name="ck_score_line_parts",
        ),
        CheckConstraint("part IS NULL OR reverses IS NOT NULL", name="ck_score_line_part"),
        CheckConstraint(one_of(ScoreReason, "reason"), name="ck_score_line_reason"),
    )
