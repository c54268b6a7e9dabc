"""The calendar of a user's agent for the programs on their devices: at a private address, revoked at any time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from webapp.database import rate_limits
from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Feed, FollowUpTask, Lead, User
from webapp.models.leads import NAMED
from webapp.services import access, audit, users
from webapp.services.access import Actor
from webapp.services.users.sessions import as_actor
from webapp.transaction import release, transactional
from webapp.vocabulary import OPEN_TASKS, Interface, Role

BEFORE, AFTER = timedelta(days=30), timedelta(days=180)
"""What of the calendar is told: longer overdue ones are the managers' by then, and few plan further ahead."""
MOST = 1000
KEEP_CALENDARS = (Role.AGENT, Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True)
class Told:
    """What a calendar program is told: whose calendar it is, in which language, and the follow-ups in order of time."""

    name: str
    language: Interface
    tasks: list[FollowUpTask]


@transactional
def make(*, by: Actor) -> str:
    """The token of a new address of the own calendar; the one so far no longer works. Only its hash is kept.

    Whoever is no agent has no calendar: `Invalid`.
    """
    if by.agent_id is None:
        raise Invalid(_("Your account does not belong to an agent. Ask your admin to connect it."))
    token = secrets.token_urlsafe(32)
    new = {"token_hash": users.hashed(token), "created_at": func.now()}
    made = insert(Feed).values(user_id=by.user_id, **new)
    db.session.execute(made.on_conflict_do_update(index_elements=[Feed.user_id], set_=new))
    audit.record("feeds.make", by=by, subject_id=by.user_id)
    return token


@transactional
def revoke(*, by: Actor) -> None:
    """Let the address work no more, from the next time that a program asks."""
    if db.session.scalar(delete(Feed).where(Feed.user_id == by.user_id).returning(Feed.user_id)):
        audit.record("feeds.revoke", by=by, subject_id=by.user_id)


def made_at(*, by: Actor) -> datetime | None:
    """Since when the own calendar has the address that works now; None: it has none."""
    return db.session.scalar(select(Feed.created_at).where(Feed.user_id == by.user_id))


def of(token: str, address: str) -> Told:
    """The open follow-ups around today of whose address this is, as they may see them now.

    `Missing` where it does not work: unknown, revoked, or of somebody who may no longer sign in. Past 240 times an hour
    of one calendar, or 100 wrong ones from one address, it is `TooMany`.
    """
    whose = select(User).join(Feed, Feed.user_id == User.user_id).where(Feed.token_hash == users.hashed(token))
    user = db.session.scalar(whose.where(User.is_active, User.agent_id.is_not(None), User.role.in_(KEEP_CALENDARS)))
    by = as_actor(user) if user else None
    release()
    if by is None:
        rate_limits.wrong_feed(address)
        raise Missing(_("That is not here, or not yours to see."))
    rate_limits.feed(str(by.user_id))
    return Told(by.name, by.language, _tasks(by))


def _tasks(by: Actor) -> list[FollowUpTask]:
    due = FollowUpTask.due_date
    query = (
        select(FollowUpTask)
        .join(FollowUpTask.lead)
        .where(
            FollowUpTask.agent_id == by.agent_id,
            FollowUpTask.status.in_(OPEN_TASKS),
            due >= func.now() - BEFORE,
            due < func.now() + AFTER,
            access.leads(by=by),
        )
        .options(contains_eager(FollowUpTask.lead).load_only(*NAMED, Lead.number, Lead.updated_at))
        .order_by(due, FollowUpTask.task_id)
        .limit(MOST)
    )
    return list(db.session.scalars(query))
