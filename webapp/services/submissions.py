"""Create forms that may be sent twice: a double click, a reload or a lost answer writes once."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Submission
from webapp.services.access import Actor
from webapp.transaction import transactional

KEPT = timedelta(hours=72)


@transactional
def forget() -> int:
    """Forget forms that were sent more than three days ago; how many. Sent again after that they are new."""
    old = delete(Submission).where(Submission.created_at < func.now() - KEPT).returning(Submission.nonce)
    return len(db.session.scalars(old).all())


@transactional
def once(nonce: UUID, body: dict, write: Callable[[], dict], *, by: Actor) -> dict:
    """The result of `write`, made at most once per nonce; later sendings of the same body get the first result.

    The same nonce with another body is refused with `Invalid`. A refused `write` leaves the nonce unused.
    """
    fingerprint = hashlib.sha256(json.dumps([str(by.user_id), body], sort_keys=True).encode()).digest()
    claim = insert(Submission).values(nonce=nonce, user_id=by.user_id, fingerprint=fingerprint)
    mine = db.session.scalar(claim.on_conflict_do_nothing().returning(Submission.nonce))
    kept = db.session.scalars(select(Submission).where(Submission.nonce == nonce)).one()
    if mine is None:
        if kept.fingerprint != fingerprint:
            raise Invalid(_("This form was sent before with other contents. Open it again."), code="validation_error")
        return kept.result or {}
    kept.result = result = write()
    return result
