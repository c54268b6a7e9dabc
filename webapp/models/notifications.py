from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import MailFailure, MailState, NoticeKind

if TYPE_CHECKING:
    from webapp.models.leads import Lead
    from webapp.models.users import User


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
    waits_for_mail: Mapped[bool] = mapped_column(server_default=false())
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey("mails.mail_id", ondelete="SET NULL"), index=True)

    lead: Mapped["Lead | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_notices_user_id_notice_id", "user_id", "notice_id"),
        Index("ix_notices_unread", "user_id", "notice_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notices_waits_for_mail", "user_id", postgresql_where=text("waits_for_mail")),
        CheckConstraint(one_of(NoticeKind, "kind"), name="ck_notice_kind"),
    )


class Mail(Model):
    """An e-mail with the notices of one user. Its id stays the same however often it is tried."""

    __tablename__ = "mails"

    mail_id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    state: Mapped[MailState] = mapped_column(OneOf(MailState, 20), server_default=MailState.WAITING)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    made_at: Mapped[Created]
    not_before: Mapped[Created]
    claimed_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    failure: Mapped[MailFailure | None] = mapped_column(OneOf(MailFailure, 20))
    code: Mapped[int | None] = mapped_column(SmallInteger)
    """What the mail server answered, a number of RFC 5321."""

    user: Mapped["User"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ux_mails_open", "user_id", unique=True, postgresql_where=text("state IN ('waiting', 'sending')")),
        Index("ix_mails_failed", "made_at", postgresql_where=text("failure IS NOT NULL")),
        CheckConstraint(one_of(MailState, "state"), name="ck_mail_state"),
        CheckConstraint(one_of(MailFailure, "failure"), name="ck_mail_failure"),
        CheckConstraint("attempt >= 0", name="ck_mail_attempt"),
    )
