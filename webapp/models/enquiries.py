from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import WAITING_STATES, Channel, EnquiryState, Source, VisitStatus, Why

if TYPE_CHECKING:
    from webapp.models.agents import Agent
    from webapp.models.brokers import BrokerLead
    from webapp.models.leads import Lead
    from webapp.models.users import User


NEWEST = (text("received_at DESC"), text("enquiry_id DESC"))


class Enquiry(Model):
    """One contact a person made with us. The first becomes a lead; repeats are added to it (R2).

    One that a portal sent may have no lead yet: then it waits for somebody to review it, or was set aside (`why`).
    """

    __tablename__ = "enquiries"

    enquiry_id: Mapped[Key]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    source_type: Mapped[Source] = mapped_column(OneOf(Source))
    channel: Mapped[Channel] = mapped_column(OneOf(Channel, 20))
    state: Mapped[EnquiryState] = mapped_column(OneOf(EnquiryState, 20))
    message: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[Created]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    # What a portal tells of it; `told_at` is the moment of the newest event that was taken in.
    portal_lead_id: Mapped[str | None] = mapped_column(Text)
    other_lead_id: Mapped[str | None] = mapped_column(Text)
    """The portal's id of the same enquiry where it came the other way too: delivered and fetched."""
    told_at: Mapped[Moment | None]
    is_estimated: Mapped[bool] = mapped_column(server_default=false())
    origin: Mapped[str | None] = mapped_column(Text)
    listing_reference: Mapped[str | None] = mapped_column(Text)
    listing_id: Mapped[str | None] = mapped_column(Text)
    listing_url: Mapped[str | None] = mapped_column(Text)
    project_id: Mapped[str | None] = mapped_column(Text)
    reply_link: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    phone_e164: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(Text)
    whatsapp_username: Mapped[str | None] = mapped_column(Text)
    intent: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    call: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    extra: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))

    why: Mapped[Why | None] = mapped_column(OneOf(Why, 20))
    note: Mapped[str | None] = mapped_column(String(200))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"))
    """Who is to review it; nobody means the managers."""
    erased_at: Mapped[Moment | None]
    broker_lead_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("broker_leads.broker_lead_id", ondelete="SET NULL"), index=True
    )
    """Its lead, while that is set aside whole as another broker's."""

    lead: Mapped["Lead | None"] = relationship(back_populates="enquiries", lazy="raise")
    owner: Mapped["Agent | None"] = relationship(lazy="raise")
    taker: Mapped["User | None"] = relationship(lazy="raise")
    broker_lead: Mapped["BrokerLead | None"] = relationship(lazy="raise")
    visit: Mapped["Visit | None"] = relationship(back_populates="enquiry", lazy="raise", passive_deletes=True)

    __table_args__ = (
        Index("ix_enquiries_lead_id_received_at", "lead_id", "received_at"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_enquiry_source_type"),
        CheckConstraint(one_of(Channel, "channel"), name="ck_enquiry_channel"),
        CheckConstraint(one_of(EnquiryState, "state"), name="ck_enquiry_state"),
        CheckConstraint(one_of(Why, "why"), name="ck_enquiry_why"),
        CheckConstraint("state NOT IN ('captured', 'attached') OR lead_id IS NOT NULL", name="ck_enquiry_lead"),
        CheckConstraint(
            "broker_lead_id IS NULL OR (lead_id IS NULL AND state = 'ignored')", name="ck_enquiry_broker_lead"
        ),
        Index(
            "ux_enquiries_portal_lead_id",
            "source_type",
            "portal_lead_id",
            unique=True,
            postgresql_where=text("portal_lead_id IS NOT NULL"),
        ),
        Index(
            "ux_enquiries_other_lead_id",
            "source_type",
            "other_lead_id",
            unique=True,
            postgresql_where=text("other_lead_id IS NOT NULL"),
        ),
        Index("ix_enquiries_newest", *NEWEST, postgresql_include=["state", "source_type"]),
        Index("ix_enquiries_state_newest", "state", *NEWEST, postgresql_include=["source_type"]),
        Index("ix_enquiries_owner_id", "owner_id", *NEWEST),
        Index("ix_enquiries_phone_e164", "phone_e164", postgresql_where=text("phone_e164 IS NOT NULL")),
        Index("ix_enquiries_check_ins", "received_at", postgresql_where=text("why = 'check_in'")),
        Index(
            "ix_enquiries_whatsapp_username",
            "whatsapp_username",
            postgresql_where=text("whatsapp_username IS NOT NULL"),
        ),
    )

    @property
    def waits(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state in WAITING_STATES


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
