from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import AssignmentKind

if TYPE_CHECKING:
    from webapp.models.agents import Agent
    from webapp.models.leads import Lead


class LeadAssignment(Model):
    """Who owns a lead now, and why. One row a lead; every earlier state is in AssignmentMove."""

    __tablename__ = "lead_assignments"

    assignment_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id", ondelete="CASCADE"))
    assigned_at: Mapped[Created] = mapped_column(nullable=True)
    reassigned_at: Mapped[Moment | None]
    reason: Mapped[str | None] = mapped_column(Text)

    kind: Mapped[AssignmentKind | None] = mapped_column(OneOf(AssignmentKind, 20))
    explanation: Mapped[dict | None] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(server_default=true())
    escalated_at: Mapped[Moment | None]

    lead: Mapped["Lead"] = relationship(back_populates="assignments", lazy="raise")
    agent: Mapped["Agent"] = relationship(back_populates="assignments", lazy="raise")

    __table_args__ = (
        UniqueConstraint("lead_id", name="uq_lead_assignment"),
        Index(
            "ix_lead_assignments_agent_id",
            "agent_id",
            "is_active",
            postgresql_include=["lead_id", "assigned_at", "reassigned_at"],
        ),
        Index(
            "ix_lead_assignments_escalated",
            "escalated_at",
            postgresql_where=text("escalated_at IS NOT NULL"),
        ),
        CheckConstraint(one_of(AssignmentKind, "kind"), name="ck_lead_assignment_kind"),
    )

    @hybrid_property
    def since(self):
        """When the lead became its present owner's."""
        return self.reassigned_at or self.assigned_at

    @since.inplace.expression
    @classmethod
    def _since(cls):
        return func.coalesce(cls.reassigned_at, cls.assigned_at)


class AssignmentMove(Model):
    """Every state an assignment ever had, written by trigger and never changed (R5)."""

    __tablename__ = "assignment_history"

    move_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    lead_id: Mapped[UUID]
    from_agent_id: Mapped[UUID | None]
    from_agent_name: Mapped[str | None] = mapped_column(String(200))
    agent_id: Mapped[UUID | None]
    agent_name: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    explanation: Mapped[dict | None] = mapped_column(JSONB)
    moved_by: Mapped[UUID | None]
    moved_at: Mapped[Moment] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        Index("ix_assignment_history_lead_id_moved_at", "lead_id", "moved_at"),
        Index("ix_assignment_history_agent_id", "agent_id", "lead_id"),
    )
