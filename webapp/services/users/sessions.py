"""Signing in and out: sessions kept in the database (R14)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, case, delete, func, select, update

from webapp.database import rate_limits
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Agent, Session, User
from webapp.services.access import Actor
from webapp.services.users.hashes import hashed, matches, nobodys_hash
from webapp.transaction import release, transactional
from webapp.vocabulary import Role

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=7)
IDLE_POWERFUL, ABSOLUTE_POWERFUL = timedelta(hours=1), timedelta(hours=12)
POWERFUL = (Role.ADMIN, Role.MANAGER)
SEEN_EVERY = timedelta(minutes=1)
IS_POWERFUL = User.role.in_(POWERFUL)
# Made once: every request asks it, and every few seconds the bell of every open page.
WHO = (
    select(User, Agent.on_duty, Session.last_seen_at < func.now() - SEEN_EVERY)
    .join(Session, Session.user_id == User.user_id)
    .outerjoin(Agent, Agent.agent_id == User.agent_id)
    .where(
        Session.token_hash == bindparam("token_hash"),
        User.is_active,
        Session.last_seen_at > func.now() - case((IS_POWERFUL, IDLE_POWERFUL), else_=IDLE),
        Session.created_at > func.now() - case((IS_POWERFUL, ABSOLUTE_POWERFUL), else_=ABSOLUTE),
    )
)


def sign_in(email: str, password: str, *, address: str) -> str:
    """The token of a new session.

    Wrong e-mail, wrong password and deactivated users are one `Invalid`. Past the login limit it is `TooMany`,
    before anything is hashed.
    """
    account = email.strip().lower()
    attempt = rate_limits.login(account, address)
    found = db.session.execute(
        select(User.user_id, User.password_hash).where(func.lower(User.email) == account, User.is_active)
    ).first()
    release()
    if not matches(found.password_hash if found else nobodys_hash, password) or not found:
        left = attempt.left
        raise Invalid(
            _("That e-mail and password do not go together.")
            if left > 4
            else _("That e-mail and password do not go together. Tries left before a pause: %(left)s.", left=left),
            field="password",
        )
    attempt.forgive()
    return start(found.user_id)


@transactional
def sign_out(token: str) -> None:
    """End the session of this token; the token is worth nothing from now on."""
    db.session.execute(delete(Session).where(Session.token_hash == hashed(token)))


def resume(token: str) -> tuple[Actor, bool] | None:
    """Who this token belongs to as of now, and whether the session should be marked as seen. None: sign in again.

    Role, agent and active flag are read at each request, so every change takes effect at once.
    """
    row = db.session.execute(WHO, {"token_hash": hashed(token)}).first()
    if row is None:
        return None
    user, on_duty, unseen = row
    return as_actor(user, on_duty), unseen


@transactional
def mark_seen(token: str) -> None:
    """Note that the session is in use."""
    db.session.execute(update(Session).where(Session.token_hash == hashed(token)).values(last_seen_at=func.now()))


@dataclass(frozen=True)
class OpenSession:
    """A browser in which somebody is signed in; `is_this` is the one that asks."""

    since: datetime
    last_seen_at: datetime
    is_this: bool


def open_sessions(token: str, *, by: Actor) -> list[OpenSession]:
    """Where `by` is signed in, the latest seen first; `token` is that of the browser that asks."""
    found = select(Session).where(Session.user_id == by.user_id).order_by(Session.last_seen_at.desc())
    this = hashed(token)
    return [OpenSession(one.created_at, one.last_seen_at, one.token_hash == this) for one in db.session.scalars(found)]


@transactional
def end_others(token: str, *, by: Actor) -> int:
    """End every session of `by` but this one; how many there were."""
    others = delete(Session).where(Session.user_id == by.user_id, Session.token_hash != hashed(token))
    return len(db.session.scalars(others.returning(Session.session_id)).all())


@transactional
def sweep_sessions() -> int:
    """Forget sessions that are over for everybody, and counters that have run out; how many sessions."""
    rate_limits.sweep()
    over = delete(Session).where(Session.created_at < func.now() - ABSOLUTE).returning(Session.session_id)
    return len(db.session.scalars(over).all())


@transactional
def start(user_id: UUID) -> str:
    """The token of a new session."""
    token = secrets.token_urlsafe(32)
    db.session.add(Session(token_hash=hashed(token), user_id=user_id))
    return token


def as_actor(user: User, on_duty: bool | None = None) -> Actor:
    """The user as they may act now."""
    return Actor(
        user_id=user.user_id,
        name=user.name,
        role=user.role,
        agent_id=user.agent_id,
        email=user.email,
        language=user.language,
        theme=user.theme,
        on_duty=on_duty,
    )
