"""Links that let somebody choose a password, once: shown to the admin, who passes them on."""

import secrets
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from webapp.errors import Missing
from webapp.extensions import db
from webapp.models import OneTimeLink, User
from webapp.services import audit
from webapp.services.access import Actor
from webapp.services.users.accounts import STILL_WORKS, replace_password
from webapp.services.users.hashes import hash_of, hashed
from webapp.services.users.sessions import as_actor, start
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
    db.session.add(OneTimeLink(token_hash=hashed(token), user_id=user_id, expires_at=func.now() + LASTS))
    audit.record("users.make_link", by=by, subject_id=user_id)
    return token


def whose(token: str) -> User:
    """Who may choose a password by this link; `Missing` where it was used, has run out or never was one."""
    query = select(User).join(OneTimeLink, OneTimeLink.user_id == User.user_id)
    user = db.session.scalar(query.where(OneTimeLink.token_hash == hashed(token), STILL_WORKS, User.is_active))
    if user is None:
        raise _over()
    return user


def use(token: str, password: str) -> str:
    """Take this password for whose link it is, and sign them in: the token of their session. Works once."""
    user = whose(token)
    user_id, about, actor = user.user_id, (user.email, user.name), as_actor(user)
    release()
    return _use(token, user_id, by=actor, password_hash=hash_of(password, about=about))


@transactional
def _use(token: str, user_id: UUID, *, by: Actor, password_hash: str) -> str:
    link = update(OneTimeLink).where(OneTimeLink.token_hash == hashed(token), STILL_WORKS)
    if db.session.scalar(link.values(used_at=func.now()).returning(OneTimeLink.user_id)) is None:
        raise _over()
    replace_password(user_id, by=by, password_hash=password_hash)
    return start(user_id)


def _over() -> Missing:
    return Missing(_("This link has been used or has run out. Ask your admin for a new one."), code="link_over")
