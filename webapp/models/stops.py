from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Key, Moment, OneOf, one_of
from webapp.vocabulary import StopChannel, StopReason

if TYPE_CHECKING:
    from webapp.models.users import User

STANDS = text("lifted_at IS NULL AND phone <> ''")


class ContactStop(Model):
    """That a person, whoever's leads they are, is not to be contacted by a way: why, since when, and who said so.

    `phone` is the person's number, empty once they were erased. Rows are never deleted: what no longer holds is lifted.
    """

    __tablename__ = "contact_stops"

    stop_id: Mapped[Key]
    phone: Mapped[str] = mapped_column(String(20))
    channel: Mapped[StopChannel] = mapped_column(OneOf(StopChannel, 20))
    reason: Mapped[StopReason] = mapped_column(OneOf(StopReason, 20))
    note: Mapped[str | None] = mapped_column(String(200))
    stopped_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    stopped_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    lifted_at: Mapped[Moment | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    lift_reason: Mapped[str | None] = mapped_column(String(200))

    stopper: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=stopped_by)

    __table_args__ = (
        Index("ux_contact_stops_standing", "phone", "channel", unique=True, postgresql_where=STANDS),
        Index("ix_contact_stops_phone", "phone", "stopped_at"),
        CheckConstraint(one_of(StopChannel, "channel"), name="ck_contact_stop_channel"),
        CheckConstraint(one_of(StopReason, "reason"), name="ck_contact_stop_reason"),
        CheckConstraint("reason <> 'other' OR note IS NOT NULL OR phone = ''", name="ck_contact_stop_words"),
    )
