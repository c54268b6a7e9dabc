from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Key, Moment, OneOf, one_of
from webapp.vocabulary import ConsentChannel, ConsentHow, ConsentPurpose

if TYPE_CHECKING:
    from webapp.models.users import User


class Consent(Model):
    """That somebody agreed to something, or withdrew it: which words they were asked by, when, how and by whom.

    Rows are added only: what holds is the latest of a purpose and channel.
    """

    __tablename__ = "consents"

    consent_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    purpose: Mapped[ConsentPurpose] = mapped_column(OneOf(ConsentPurpose, 20))
    channel: Mapped[ConsentChannel] = mapped_column(OneOf(ConsentChannel, 20))
    is_given: Mapped[bool]
    wording: Mapped[str] = mapped_column(Text)
    how: Mapped[ConsentHow] = mapped_column(OneOf(ConsentHow, 20))
    said_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    taker: Mapped["User | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_consents_lead_id", "lead_id", "said_at"),
        CheckConstraint(one_of(ConsentPurpose, "purpose"), name="ck_consent_purpose"),
        CheckConstraint(one_of(ConsentChannel, "channel"), name="ck_consent_channel"),
        CheckConstraint(one_of(ConsentHow, "how"), name="ck_consent_how"),
    )
