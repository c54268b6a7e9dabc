"""Keys by which programs bring leads: shown once, kept as a hash, revoked at any time; and what they were answered."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from webapp.database import rate_limits
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import ApiAnswer, ApiKey
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import release, transactional
from webapp.vocabulary import Role

KEPT = timedelta(hours=72)
PREFIX = "ld_"
SHOWN = 8


@dataclass(frozen=True)
class Made:
    """A new key, and its token: the only time that it can be read."""

    key: ApiKey
    token: str


@dataclass(frozen=True)
class Answer:
    """What a program is answered: the status and the body of a JSON answer."""

    status: int
    body: dict


@transactional
def add(name: str, *, by: Actor) -> Made:
    """Make a key of this name; two keys that work never have one name."""
    name = name.strip()
    if db.session.scalar(select(ApiKey.key_id).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))):
        raise Conflict(
            _("There is a key of that name. Revoke it, or name this one after its program."), code="stale", field="name"
        )
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(name=name, token_hash=_hashed(token), begins=token[:SHOWN], created_by=by.user_id)
    db.session.add(key)
    db.session.flush()
    audit.record("api_keys.add", by=by, subject_id=key.key_id, after={"name": name})
    return Made(key, token)


@transactional
def revoke(key_id: UUID, *, by: Actor) -> ApiKey:
    """Let the key work no more, from the next request on."""
    revoked = update(ApiKey).where(ApiKey.key_id == key_id, ApiKey.revoked_at.is_(None))
    key = db.session.scalar(revoked.values(revoked_at=func.now()).returning(ApiKey))
    if key is None:
        raise Missing(_("That is not here, or not yours to see."))
    audit.record("api_keys.revoke", by=by, subject_id=key_id, before={"name": key.name})
    return key


def everyone() -> list[ApiKey]:
    """All keys, those that work first, the newest first."""
    query = select(ApiKey).options(joinedload(ApiKey.maker))
    return list(db.session.scalars(query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.created_at.desc())))


def holder(token: str, address: str) -> tuple[ApiKey, Actor] | None:
    """Whose token this is, and as whom they act; None where it does not work.

    Every request counts: past 600 a minute of a key, or 100 wrong tokens an hour from an address, it is `TooMany`.
    """
    key = db.session.scalar(select(ApiKey).where(ApiKey.token_hash == _hashed(token), ApiKey.revoked_at.is_(None)))
    release()
    if key is None:
        rate_limits.wrong_key(address)
        return None
    rate_limits.call(str(key.key_id))
    actor = Actor(user_id=None, name=f"API: {key.name}", role=Role.MANAGER)
    _mark_used(key.key_id, by=actor)
    return key, actor


@transactional
def once(key: ApiKey, idempotency_key: str | None, body: bytes, write: Callable[[], Answer], *, by: Actor) -> Answer:
    """The answer of `write`, made at most once in 72 hours for this key and Idempotency-Key.

    Asked again with the same body it is the first answer; with another body it is `Invalid`
    (`idempotency_key_reused`). What `write` refuses leaves the Idempotency-Key unused.
    """
    if idempotency_key is None:
        return write()
    fingerprint = hashlib.sha256(body).digest()
    claim = insert(ApiAnswer).values(key_id=key.key_id, idempotency_key=idempotency_key, fingerprint=fingerprint)
    mine = db.session.scalar(claim.on_conflict_do_nothing().returning(ApiAnswer.key_id))
    kept = db.session.get_one(ApiAnswer, (key.key_id, idempotency_key))
    if mine is None:
        if kept.fingerprint != fingerprint:
            raise Invalid(_("This Idempotency-Key came before with another body."), code="idempotency_key_reused")
        return Answer(kept.status or 200, kept.body or {})
    answer = write()
    kept.status, kept.body = answer.status, answer.body
    return answer


@transactional
def forget() -> int:
    """Forget answers of more than 72 hours ago; how many."""
    old = delete(ApiAnswer).where(ApiAnswer.created_at < func.now() - KEPT).returning(ApiAnswer.key_id)
    return len(db.session.scalars(old).all())


@transactional
def _mark_used(key_id: UUID, *, by: Actor) -> None:
    """Keep when it was last used, at most once a minute."""
    long_ago = ApiKey.last_used_at.is_(None) | (ApiKey.last_used_at < func.now() - timedelta(minutes=1))
    db.session.execute(update(ApiKey).where(ApiKey.key_id == key_id, long_ago).values(last_used_at=func.now()))


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
