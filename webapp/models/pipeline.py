from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Numeric, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, OneOf, one_of
from webapp.vocabulary import ConversionType, LostReason, Status

if TYPE_CHECKING:
    from webapp.models.leads import Lead
    from webapp.models.listings import Listing
    from webapp.models.users import User


class LeadConversionHistory(Model):
    """One move of a lead along the status path; the row itself is written by trigger (R8)."""

    __tablename__ = "lead_conversion_history"

    history_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    status_from: Mapped[Status | None] = mapped_column(OneOf(Status))
    status_to: Mapped[Status | None] = mapped_column(OneOf(Status))
    changed_at: Mapped[Created] = mapped_column(nullable=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    notes: Mapped[str | None] = mapped_column(Text)
    deal_value: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    conversion_type: Mapped[ConversionType | None] = mapped_column(OneOf(ConversionType, 20))
    property_id: Mapped[UUID | None]

    lost_reason: Mapped[LostReason | None] = mapped_column(OneOf(LostReason, 20))
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    came_on: Mapped[date | None]
    """The Dubai day on which the lead came in; None for a move from before. By trigger, like the next two."""
    stayed: Mapped[timedelta | None]
    is_first: Mapped[bool] = mapped_column(server_default=false())
    """Whether the lead had never been moved there since it came in."""

    lead: Mapped["Lead"] = relationship(back_populates="conversion_history", lazy="raise")
    changer: Mapped["User | None"] = relationship(lazy="raise")
    listing: Mapped["Listing | None"] = relationship(
        primaryjoin="foreign(LeadConversionHistory.property_id) == Listing.property_id", viewonly=True, lazy="raise"
    )

    __table_args__ = (
        Index(
            "ix_lead_conversion_history_lead_id_changed_at",
            "lead_id",
            "changed_at",
            postgresql_include=["status_from", "status_to", "lost_reason"],
        ),
        Index(
            "ix_lead_conversion_history_deals",
            "changed_at",
            postgresql_include=["lead_id", "deal_value"],
            postgresql_where=text("status_to = 'converted'"),
        ),
        Index(
            "ix_lead_conversion_history_deal_of_lead",
            "lead_id",
            postgresql_include=["changed_at", "deal_value"],
            postgresql_where=text("status_to = 'converted'"),
        ),
        Index(
            "ix_lead_conversion_history_moves",
            "came_on",
            postgresql_include=["lead_id", "status_from", "status_to", "lost_reason", "stayed", "is_first"],
        ),
        CheckConstraint("deal_value <> 'NaN' AND deal_value > 0", name="ck_history_deal_value"),
        CheckConstraint(one_of(LostReason, "lost_reason"), name="ck_history_lost_reason"),
    )


class MoveDay(Model):
    """How many moves the leads that came in on a Dubai day have made: of a kind, or after a stay where it has one.

    Of a kind it says how many were the first to their status. Appended by trigger, plus and minus: a number is the sum
    of its rows, and no two who write wait for each other.
    """

    __tablename__ = "move_days"

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    status_from: Mapped[Status | None] = mapped_column(OneOf(Status))
    status_to: Mapped[Status | None] = mapped_column(OneOf(Status))
    lost_reason: Mapped[LostReason | None] = mapped_column(OneOf(LostReason, 20))
    stay: Mapped[timedelta | None]
    moves: Mapped[int]
    firsts: Mapped[int]

    __table_args__ = (
        Index(
            "ix_move_days_kinds",
            "day",
            postgresql_include=["status_from", "status_to", "lost_reason", "moves", "firsts"],
            postgresql_where=text("stay IS NULL"),
        ),
        Index(
            "ix_move_days_stays",
            "day",
            postgresql_include=["status_from", "stay", "moves"],
            postgresql_where=text("stay IS NOT NULL"),
        ),
    )


class DealDay(Model):
    """How many deals were made on a Dubai day, how many have a value, and what they come to. Appended like moves."""

    __tablename__ = "deal_days"

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    deals: Mapped[int]
    valued: Mapped[int]
    value: Mapped[Decimal]

    __table_args__ = (Index("ix_deal_days", "day", postgresql_include=["deals", "valued", "value"]),)
