from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Moment, OneOf, one_of
from webapp.vocabulary import NoticeKind

if TYPE_CHECKING:
    from webapp.models.leads import Lead


class Notice(Model):
    """Something one user should know, about one lead. Its words are made when it is shown."""

    __tablename__ = "notices"

    notice_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    kind: Mapped[NoticeKind] = mapped_column(OneOf(NoticeKind, 30))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    facts: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[Created]
    read_at: Mapped[Moment | None]

    lead: Mapped["Lead | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_notices_user_id_notice_id", "user_id", "notice_id"),
        Index("ix_notices_unread", "user_id", "notice_id", postgresql_where=text("read_at IS NULL")),
        CheckConstraint(one_of(NoticeKind, "kind"), name="ck_notice_kind"),
    )
