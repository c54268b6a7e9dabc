from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import HandoverState

if TYPE_CHECKING:
    from webapp.models.agents import Agent
    from webapp.models.leads import Lead


class Handover(Model):
    """Leads that a manager gave to an agent, or to the best matches (no `agent_id`), with what became of each.

    `ended_at` is empty while the worker is at it, `undo_ended_at` while it takes an undo of many back.
    """

    __tablename__ = "handovers"

    handover_id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
    undone_at: Mapped[Moment | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    undo_ended_at: Mapped[Moment | None]

    __table_args__ = (
        Index(
            "ix_handovers_waiting",
            "asked_at",
            postgresql_where=text("ended_at IS NULL OR (undone_at IS NOT NULL AND undo_ended_at IS NULL)"),
        ),
        CheckConstraint(
            "(undone_at IS NULL OR ended_at IS NOT NULL) AND (undo_ended_at IS NULL OR undone_at IS NOT NULL)",
            name="ck_handover_order",
        ),
    )

    @property
    def is_under_way(self) -> bool:
        """Whether the worker still has something to do for it."""
        return self.ended_at is None or (self.undone_at is not None and self.undo_ended_at is None)


class HandoverLead(Model):
    """One lead of a hand-over, in its order: from whom to whom, or why not; how it stood before and after."""

    __tablename__ = "handover_leads"

    handover_id: Mapped[UUID] = mapped_column(ForeignKey("handovers.handover_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    state: Mapped[HandoverState] = mapped_column(OneOf(HandoverState, 20), server_default=HandoverState.WAITING)
    from_agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    why: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict | None] = mapped_column(JSONB)
    after: Mapped[dict | None] = mapped_column(JSONB)

    lead: Mapped["Lead"] = relationship(lazy="raise")
    from_agent: Mapped["Agent | None"] = relationship(lazy="raise", foreign_keys=from_agent_id)
    agent: Mapped["Agent | None"] = relationship(lazy="raise", foreign_keys=agent_id)

    __table_args__ = (
        Index("ix_handover_leads_state", "handover_id", "state", "number"),
        CheckConstraint(one_of(HandoverState, "state"), name="ck_handover_lead_state"),
    )
