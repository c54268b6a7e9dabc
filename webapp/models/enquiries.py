from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import Channel, EnquiryState, Source, VisitStatus

if TYPE_CHECKING:
    from webapp.models.leads import Lead
    from webapp.models.users import User


class Enquiry(Model):
    """One contact a person made with us. The first becomes a lead; repeats are added to it (R2)."""

    __tablename__ = "enquiries"

    enquiry_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    source_type: Mapped[Source] = mapped_column(OneOf(Source))
    channel: Mapped[Channel] = mapped_column(OneOf(Channel, 20))
    state: Mapped[EnquiryState] = mapped_column(OneOf(EnquiryState, 20))
    message: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[Created]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    lead: Mapped["Lead"] = relationship(back_populates="enquiries", lazy="raise")
    taker: Mapped["User | None"] = relationship(lazy="raise")
    visit: Mapped["Visit | None"] = relationship(back_populates="enquiry", lazy="raise", passive_deletes=True)

    __table_args__ = (
        Index("ix_enquiries_lead_id_received_at", "lead_id", "received_at"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_enquiry_source_type"),
        CheckConstraint(one_of(Channel, "channel"), name="ck_enquiry_channel"),
        CheckConstraint(one_of(EnquiryState, "state"), name="ck_enquiry_state"),
    )


class Visit(Model):
    """An enquiry made in person: waits until somebody marks it received, left or no-show."""

    __tablename__ = "visits"

    visit_id: Mapped[Key]
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiries.enquiry_id", ondelete="CASCADE"), unique=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    status: Mapped[VisitStatus] = mapped_column(OneOf(VisitStatus, 20), server_default=VisitStatus.WAITING)
    arrived_at: Mapped[Created]
    received_at: Mapped[Moment | None]
    left_at: Mapped[Moment | None]

    enquiry: Mapped[Enquiry] = relationship(back_populates="visit", lazy="raise")
    lead: Mapped["Lead"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_visits_arrived_at", "arrived_at"),
        Index("ix_visits_waiting", "arrived_at", postgresql_where=text("status = 'waiting'")),
        CheckConstraint(one_of(VisitStatus, "status"), name="ck_visit_status"),
    )
