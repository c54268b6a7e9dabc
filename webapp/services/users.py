"""The people who sign in: accounts, passwords, sessions kept in the database (R14)."""

import hashlib
import secrets
from datetime import timedelta
from threading import Lock
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask_babel import gettext as _
from sqlalchemy import case, delete, func, select, update

from webapp.database import rate_limits
from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Agent, Session, User
from webapp.passwords import refusal, spelled
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import release, transactional
from webapp.vocabulary import Interface, Role, Theme

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=7)
IDLE_POWERFUL, ABSOLUTE_POWERFUL = timedelta(hours=1), timedelta(hours=12)
POWERFUL = (Role.ADMIN, Role.MANAGER)
SEEN_EVERY = timedelta(minutes=1)

passwords = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
nobodys_hash = passwords.hash(secrets.token_hex(16))
one_hash_at_a_time = Lock()


def add(
    email: str,
    *,
    by: Actor,
    name: str,
    role: Role,
    password: str,
    agent_email: str | None = None,
    is_demo: bool = False,
) -> User:
    """Add somebody who may sign in, at most one user an e-mail and one user an agent."""
    hashed = _hash(password, about=(email, name))
    return _insert(email, by=by, name=name, role=role, password_hash=hashed, agent_email=agent_email, is_demo=is_demo)


def set_password(email: str, *, by: Actor, password: str) -> User:
    """Give somebody a new password; every session of theirs ends."""
    query = select(User.user_id, User.email, User.name).where(func.lower(User.email) == email.strip().lower())
    found = db.session.execute(query).first()
    if found is None:
        raise Missing(_("No user has the e-mail address %(email)s.", email=email))
    release()
    return _replace_password(found.user_id, by=by, password_hash=_hash(password, about=(found.email, found.name)))


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
    if not _matches(found.password_hash if found else nobodys_hash, password) or not found:
        left = attempt.left
        raise Invalid(
            _("That e-mail and password do not go together.")
            if left > 4
            else _("That e-mail and password do not go together. Tries left before a pause: %(left)s.", left=left),
            field="password",
        )
    attempt.forgive()
    return _start(found.user_id)


@transactional
def sign_out(token: str) -> None:
    """End the session of this token; the token is worth nothing from now on."""
    db.session.execute(delete(Session).where(Session.token_hash == _hashed(token)))


def resume(token: str) -> tuple[Actor, bool] | None:
    """Who this token belongs to as of now, and whether the session should be marked as seen. None: sign in again.

    Role, agent and active flag are read at each request, so every change takes effect at once.
    """
    powerful = User.role.in_(POWERFUL)
    row = db.session.execute(
        select(User, Agent.on_duty, Session.last_seen_at < func.now() - SEEN_EVERY)
        .join(Session, Session.user_id == User.user_id)
        .outerjoin(Agent, Agent.agent_id == User.agent_id)
        .where(
            Session.token_hash == _hashed(token),
            User.is_active,
            Session.last_seen_at > func.now() - case((powerful, IDLE_POWERFUL), else_=IDLE),
            Session.created_at > func.now() - case((powerful, ABSOLUTE_POWERFUL), else_=ABSOLUTE),
        )
    ).first()
    if row is None:
        return None
    user, on_duty, unseen = row
    return _actor(user, on_duty), unseen


def actor(user_id: UUID) -> Actor | None:
    """The user as they may act now; None: no more."""
    user = db.session.scalar(select(User).where(User.user_id == user_id, User.is_active))
    return _actor(user) if user else None


@transactional
def mark_seen(token: str) -> None:
    """Note that the session is in use."""
    db.session.execute(update(Session).where(Session.token_hash == _hashed(token)).values(last_seen_at=func.now()))


@transactional
def prefer(*, by: Actor, language: Interface, theme: Theme) -> None:
    """Keep somebody's language and theme."""
    db.session.execute(update(User).where(User.user_id == by.user_id).values(language=language, theme=theme))


@transactional
def sweep_sessions() -> int:
    """The job `sessions`: forget sessions that are over for everybody, and counters that have run out."""
    rate_limits.sweep()
    over = delete(Session).where(Session.created_at < func.now() - ABSOLUTE).returning(Session.session_id)
    return len(db.session.scalars(over).all())


def first_steps() -> tuple[bool, bool]:
    """Whether there are agents, and users beside the admins: what the first steps ask."""
    agents = select(Agent.agent_id).exists()
    others = select(User.user_id).where(User.role != Role.ADMIN).exists()
    has_agents, has_others = db.session.execute(select(agents, others)).one()
    return has_agents, has_others


def _actor(user: User, on_duty: bool | None = None) -> Actor:
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


@transactional
def _insert(email: str, *, by: Actor, agent_email: str | None, **columns) -> User:
    agent = db.session.scalar(select(Agent).where(Agent.email == agent_email)) if agent_email else None
    if agent_email and agent is None:
        raise Invalid(_("No agent has the e-mail address %(email)s.", email=agent_email), field="agent")
    user = User(email=email, agent_id=agent.agent_id if agent else None, **columns)
    db.session.add(user)
    db.session.flush()
    audit.record("users.add", by=by, subject_id=user.user_id, after={"email": email, "role": user.role})
    return user


@transactional
def _replace_password(user_id: UUID, *, by: Actor, password_hash: str) -> User:
    user = db.session.get_one(User, user_id)
    user.password_hash = password_hash
    db.session.execute(delete(Session).where(Session.user_id == user_id))
    audit.record("users.set_password", by=by, subject_id=user_id)
    return user


@transactional
def _start(user_id: UUID) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(Session(token_hash=_hashed(token), user_id=user_id))
    return token


def _hash(password: str, *, about: tuple[str, ...]) -> str:
    """The slow hash of a password that may be taken. Made before the transaction, which is not to wait for it."""
    if reason := refusal(password, about=about):
        raise Invalid(reason, field="password")
    return passwords.hash(spelled(password))


def _matches(password_hash: str, password: str) -> bool:
    with one_hash_at_a_time:
        try:
            return passwords.verify(password_hash, spelled(password))
        except VerifyMismatchError:
            return False


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
