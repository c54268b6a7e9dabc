"""The people who may sign in: accounts, roles, passwords (R14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Agent, Feed, OneTimeLink, Session, User
from webapp.services import audit, notifications
from webapp.services.access import Actor
from webapp.services.users.hashes import hash_of, hashed, matches, nobodys_hash
from webapp.services.users.sessions import as_actor
from webapp.transaction import release, transactional
from webapp.vocabulary import Interface, NoticeGroup, Role, Theme

STILL_WORKS = OneTimeLink.used_at.is_(None) & (OneTimeLink.expires_at > func.now())


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
    made = hash_of(password, about=(email, name))
    agent_id = _agent_of(agent_email)
    return _insert(email, by=by, name=name, role=role, password_hash=made, agent_id=agent_id, is_demo=is_demo)


def set_password(email: str, *, by: Actor, password: str) -> User:
    """Give somebody a new password; every session of theirs ends."""
    query = select(User.user_id, User.email, User.name).where(func.lower(User.email) == email.strip().lower())
    found = db.session.execute(query).first()
    if found is None:
        raise Missing(_("No user has the e-mail address %(email)s.", email=email))
    release()
    return replace_password(found.user_id, by=by, password_hash=hash_of(password, about=(found.email, found.name)))


def actor(user_id: UUID) -> Actor | None:
    """The user as they may act now; None: no more."""
    user = db.session.scalar(select(User).where(User.user_id == user_id, User.is_active))
    return as_actor(user) if user else None


@transactional
def prefer(*, by: Actor, language: Interface, theme: Theme) -> None:
    """Keep somebody's language and theme."""
    db.session.execute(update(User).where(User.user_id == by.user_id).values(language=language, theme=theme))


@dataclass(frozen=True)
class MailChoice:
    """What somebody wants by e-mail too, and their quiet hours."""

    groups: tuple[NoticeGroup, ...]
    quiet_from: time | None
    quiet_until: time | None


def mail_choice(*, by: Actor) -> MailChoice:
    """What `by` has chosen."""
    columns = select(User.mail_groups, User.quiet_from, User.quiet_until)
    row = db.session.execute(columns.where(User.user_id == by.user_id)).one()
    return MailChoice(tuple(map(NoticeGroup.stored, row.mail_groups)), row.quiet_from, row.quiet_until)


@transactional
def choose_mail(
    *, by: Actor, groups: Iterable[NoticeGroup], quiet_from: time | None = None, quiet_until: time | None = None
) -> None:
    """Keep what somebody wants by e-mail too, of what they can be told at all, and the Dubai hours without any."""
    if (quiet_from is None) != (quiet_until is None):
        missing = "quiet_until" if quiet_until is None else "quiet_from"
        raise Invalid(_("Say both when the quiet hours begin and when they end, or neither."), field=missing)
    if quiet_from is not None and quiet_from == quiet_until:
        raise Invalid(_("The quiet hours end when they begin. Leave both empty for none."), field="quiet_until")
    may_get = notifications.offered(to=by)
    kept = [group.value for group in may_get if group in set(groups)]
    chosen = update(User).where(User.user_id == by.user_id)
    db.session.execute(chosen.values(mail_groups=kept, quiet_from=quiet_from, quiet_until=quiet_until))


def first_steps() -> tuple[bool, bool]:
    """Whether there are agents, and users beside the admins: what the first steps ask."""
    agents = select(Agent.agent_id).exists()
    others = select(User.user_id).where(User.role != Role.ADMIN).exists()
    has_agents, has_others = db.session.execute(select(agents, others)).one()
    return has_agents, has_others


@dataclass(frozen=True)
class Person:
    """A user, when they were last seen (None: never), and whether a link waits for them to choose a password."""

    user: User
    last_seen_at: datetime | None
    is_invited: bool


def everyone() -> list[Person]:
    """All users with their agents, who may sign in first, by role, in the order they came."""
    return [
        Person(*row)
        for row in db.session.execute(
            _people().order_by(User.is_active.desc(), User.role, User.created_at, User.user_id)
        )
    ]


def find(user_id: UUID) -> Person:
    """One of them; `Missing` where there is none."""
    row = db.session.execute(_people().where(User.user_id == user_id)).one_or_none()
    if row is None:
        raise Missing(_("That is not here, or not yours to see."))
    return Person(*row)


def invite(email: str, *, by: Actor, name: str, role: Role, agent_id: UUID | None = None) -> User:
    """Add somebody who chooses their password by a link (`links.make`)."""
    return _insert(email, by=by, name=name, role=role, password_hash=nobodys_hash, agent_id=agent_id)


@transactional
def change(user_id: UUID, *, by: Actor, name: str, role: Role, agent_id: UUID | None, is_active: bool) -> User:
    """Change who somebody is and what they may do. Who may no longer sign in is signed out everywhere.

    Whoever becomes somebody else, by role or by agent, makes a new address of their calendar.

    Refused: one's own role and access (somebody else has to), the last admin's, an agent who is another user.
    """
    user = db.session.scalar(select(User).where(User.user_id == user_id).with_for_update(key_share=True))
    if user is None:
        raise Missing(_("That is not here, or not yours to see."))
    if user_id == by.user_id and (role, is_active) != (user.role, user.is_active):
        raise Invalid(_("Somebody else has to change your own role and access."), field="role")
    before = _told(user)
    is_another = (role, agent_id) != (user.role, user.agent_id)
    user.name, user.role, user.agent_id, user.is_active = name, role, agent_id, is_active
    db.session.flush()
    if is_another or not is_active:
        db.session.execute(delete(Feed).where(Feed.user_id == user_id))
    if not is_active:
        db.session.execute(delete(Session).where(Session.user_id == user_id))
        db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id))
    audit.record("users.change", by=by, subject_id=user_id, before=before, after=_told(user))
    return user


@transactional
def end_of_agent(agent_id: UUID, *, by: Actor) -> UUID | None:
    """Whoever is this agent may no longer sign in, and is signed out everywhere; who that was. Not oneself."""
    query = select(User).where(User.agent_id == agent_id, User.is_active).with_for_update(key_share=True)
    user = db.session.scalar(query)
    if user is None:
        return None
    change(user.user_id, by=by, name=user.name, role=user.role, agent_id=agent_id, is_active=False)
    return user.user_id


def change_password(current: str, new: str, *, by: Actor, token: str) -> None:
    """Give oneself a new password, by the one so far; every other session ends, that of `token` goes on."""
    found = db.session.execute(
        select(User.password_hash, User.email, User.name).where(User.user_id == by.user_id)
    ).one()
    release()
    if not matches(found.password_hash, current):
        raise Invalid(_("That is not your password so far."), field="current")
    replace_password(by.user_id, by=by, password_hash=hash_of(new, about=(found.email, found.name)), but=token)


@transactional
def replace_password(user_id: UUID | None, *, by: Actor, password_hash: str, but: str = "") -> User:
    """Keep a new password's hash and end all sessions, but that of this token."""
    user = db.session.get_one(User, user_id)
    user.password_hash = password_hash
    db.session.execute(delete(Session).where(Session.user_id == user_id, Session.token_hash != hashed(but)))
    audit.record("users.set_password", by=by, subject_id=user_id)
    return user


@transactional
def _insert(email: str, *, by: Actor, agent_id: UUID | None, **columns) -> User:
    user = User(email=email, agent_id=agent_id, **columns)
    db.session.add(user)
    db.session.flush()
    audit.record("users.add", by=by, subject_id=user.user_id, after={"email": email, "role": user.role})
    return user


def _people():
    seen = select(func.max(Session.last_seen_at)).where(Session.user_id == User.user_id).scalar_subquery()
    invited = select(OneTimeLink.user_id).where(OneTimeLink.user_id == User.user_id, STILL_WORKS).exists()
    return select(User, seen, invited).options(joinedload(User.agent))


def _agent_of(email: str | None) -> UUID | None:
    if email is None:
        return None
    agent_id = db.session.scalar(select(Agent.agent_id).where(Agent.email == email))
    if agent_id is None:
        raise Invalid(_("No agent has the e-mail address %(email)s.", email=email), field="agent")
    return agent_id


def _told(user: User) -> dict:
    agent_id = str(user.agent_id) if user.agent_id else None
    return {"name": user.name, "role": user.role, "agent_id": agent_id, "is_active": user.is_active}
