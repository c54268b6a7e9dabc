"""Links that let somebody choose a password, once: shown to the admin, who passes them on."""

import secrets
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from webapp.errors import Conflict, Missing
from webapp.extensions import db
from webapp.models import OneTimeLink, User
from webapp.services import audit, users
from webapp.services.access import Actor
from webapp.services.users.accounts import STILL_WORKS
from webapp.transaction import release, transactional

LASTS = timedelta(days=3)


@transactional
def make(user_id: UUID, *, by: Actor) -> str:
    """The token of a new link for this user; earlier ones no longer work. Only its hash is kept."""
    user = db.session.scalar(select(User).where(User.user_id == user_id, User.is_active))
    if user is None:
        raise Missing(_("That is not here, or not yours to see."))
    db.session.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id))
    token = secrets.token_urlsafe(32)
    db.session.add(OneTimeLink(token_hash=users.hashed(token), user_id=user_id, expires_at=func.now() + LASTS))
    audit.record("links.make", by=by, subject_id=user_id)
    return token


def whose(token: str) -> User | None:
    """Who may choose a password by this link; None where it was used, has run out or never was one."""
    query = select(User).join(OneTimeLink, OneTimeLink.user_id == User.user_id)
    kept = OneTimeLink.token_hash == users.hashed(token)
    return db.session.scalar(query.where(kept, STILL_WORKS, User.is_active))


def choose(token: str, password: str) -> str:
    """Take this password for whose link it is, and sign them in: the token of their session.

    It works once: a link that was used or has run out is a `Conflict` (`link_over`).
    """
    user = whose(token)
    actor = users.actor(user.user_id) if user else None
    release()
    if actor is None:
        raise _over()
    return _use(token, by=actor, password_hash=users.hash_of(password, about=(actor.email, actor.name)))


@transactional
def _use(token: str, *, by: Actor, password_hash: str) -> str:
    link = update(OneTimeLink).where(OneTimeLink.token_hash == users.hashed(token), STILL_WORKS)
    user_id = db.session.scalar(link.values(used_at=func.now()).returning(OneTimeLink.user_id))
    if user_id is None:
        raise _over()
    users.replace_password(user_id, by=by, password_hash=password_hash)
    return users.start(user_id)


def _over() -> Conflict:
    return Conflict(_("This link has been used or has run out. Ask your admin for a new one."), code="link_over")
