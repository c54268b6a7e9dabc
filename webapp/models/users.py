from datetime import time
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, func, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, Texts, one_of, words_of
from webapp.vocabulary import Interface, NoticeGroup, Role, Theme

if TYPE_CHECKING:
    from webapp.models.agents import Agent


class User(Model):
    """A person of the office who signs in; may belong to a row of agents, whatever the role."""

    __tablename__ = "users"

    user_id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(OneOf(Role, 20))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), unique=True)
    language: Mapped[Interface] = mapped_column(OneOf(Interface, 5), server_default=Interface.ENGLISH)
    theme: Mapped[Theme] = mapped_column(OneOf(Theme, 10), server_default=Theme.SYSTEM)
    mail_groups: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    """Of which kinds of notices they are told by e-mail too: words of NoticeGroup."""
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    """Dubai hours in which no e-mail goes out; they may cross midnight."""
    is_active: Mapped[bool] = mapped_column(server_default=true())
    is_demo: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Created]

    agent: Mapped["Agent | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("users_email_key", func.lower(email), unique=True),
        CheckConstraint(one_of(Role, "role"), name="ck_user_role"),
        CheckConstraint(one_of(Interface, "language"), name="ck_user_language"),
        CheckConstraint(one_of(Theme, "theme"), name="ck_user_theme"),
        CheckConstraint(f"mail_groups <@ ARRAY[{words_of(NoticeGroup)}]", name="ck_user_mail_groups"),
        CheckConstraint(
            "num_nulls(quiet_from, quiet_until) = 2"
            " OR num_nulls(quiet_from, quiet_until) = 0 AND quiet_from <> quiet_until",
            name="ck_user_quiet_hours",
        ),
    )

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


class Session(Model):
    """A signed-in browser. The token itself is only in the browser; here is its SHA-256."""

    __tablename__ = "sessions"

    session_id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]

    user: Mapped[User] = relationship(lazy="raise")


class OneTimeLink(Model):
    """A link by which somebody chooses a password, once. Its token is only in the link; here is its SHA-256."""

    __tablename__ = "one_time_links"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class Submission(Model):
    """A create form that was sent: the same nonce again gets the same result and writes nothing."""

    __tablename__ = "submissions"

    nonce: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[dict | None] = mapped_column(JSONB)
    created_at: Mapped[Created] = mapped_column(index=True)


class RateCounter(Model):
    """How often something was tried in the running window; unlogged, because losing it in a crash costs nothing."""

    __tablename__ = "rate_counters"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[Moment] = mapped_column(index=True)

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
