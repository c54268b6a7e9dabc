from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, OneOf, one_of
from webapp.models.enquiries import Enquiry
from webapp.vocabulary import DeliveryState, Portal, Source


class Delivery(Model):
    """Something that a portal sent, as it came. What is in it never changes, only what became of it."""

    __tablename__ = "deliveries"

    delivery_id: Mapped[Key]
    source: Mapped[Source] = mapped_column(OneOf(Source))
    external_id: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[Created]
    state: Mapped[DeliveryState] = mapped_column(OneOf(DeliveryState, 20), server_default=DeliveryState.RECEIVED)
    note: Mapped[str | None] = mapped_column(String(200))
    is_pulled: Mapped[bool] = mapped_column(server_default=false())
    """Whether we asked the portal for it."""
    enquiry_id: Mapped[UUID | None] = mapped_column(ForeignKey("enquiries.enquiry_id", ondelete="SET NULL"))

    enquiry: Mapped[Enquiry | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("source", "external_id", name="uq_delivery_source_external_id"),
        CheckConstraint(one_of(Portal, "source"), name="ck_delivery_source"),
        CheckConstraint(one_of(DeliveryState, "state"), name="ck_delivery_state"),
        Index("ix_deliveries_enquiry_id", "enquiry_id", "received_at"),
        Index("ix_deliveries_source_received_at", "source", text("received_at DESC")),
        Index("ix_deliveries_waiting", "received_at", postgresql_where=text("state = 'received'")),
    )
