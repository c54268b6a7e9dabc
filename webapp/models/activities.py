from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, Interval, Text, func, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import ActivityType, CallResult, Outcome

if TYPE_CHECKING:
    from webapp.models.agents import Agent
    from webapp.models.leads import Lead
    from webapp.models.users import User

GRACE = timedelta(minutes=15)
"""How long before it was logged an activity may count for clocks and points (R9)."""


class LeadActivity(Model):
    """A contact with a lead, made for its owner and logged by a user."""

    __tablename__ = "lead_activities"

    activity_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id", ondelete="CASCADE"), index=True)
    type: Mapped[ActivityType] = mapped_column(OneOf(ActivityType))
    notes: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[Outcome | None] = mapped_column(OneOf(Outcome, 20))
    activity_at: Mapped[Created] = mapped_column(nullable=True)

    logged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    logged_at: Mapped[Created] = mapped_column(nullable=True)
    struck_at: Mapped[Moment | None]
    struck_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    call_result: Mapped[CallResult | None] = mapped_column(OneOf(CallResult, 20))

    # How long after the activity before it; kept by the database.
    pause: Mapped[timedelta | None] = mapped_column(Interval, FetchedValue())

    lead: Mapped["Lead"] = relationship(back_populates="activities", lazy="raise")
    agent: Mapped["Agent"] = relationship(back_populates="activities", lazy="raise")
    logger: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=[logged_by])

    __table_args__ = (
        Index("ix_lead_activities_lead_id_activity_at", "lead_id", "activity_at"),
        Index(
            "ix_lead_activities_latest",
            text("activity_at DESC"),
            postgresql_include=["lead_id", "agent_id", "outcome", "pause"],
            postgresql_where=text("struck_at IS NULL"),
        ),
        Index(
            "ix_lead_activities_calls",
            text("activity_at DESC"),
            text("activity_id DESC"),
            postgresql_where=text("type = 'call'"),
        ),
        CheckConstraint(
            f"call_result IS NULL OR (type = 'call' AND {one_of(CallResult, 'call_result')})",
            name="ck_activity_call_result",
        ),
        CheckConstraint(
            "type IN ('call', 'email', 'whatsapp', 'viewing', 'meeting', 'offer_made')",
            name="ck_activity_type",
        ),
        CheckConstraint(
            "outcome IN ('positive', 'negative', 'neutral') OR outcome IS NULL", name="ck_activity_outcome"
        ),
    )

    @hybrid_property
    def counted_at(self):
        """The moment clocks and points take for it: never earlier than GRACE before it was logged."""
        return max(self.activity_at, self.logged_at - GRACE) if self.logged_at else self.activity_at

    @counted_at.inplace.expression
    @classmethod
    def _counted_at(cls):
        return func.greatest(cls.activity_at, cls.logged_at - GRACE)
