"""A hand-over undone: for 10 minutes, everything that nobody has touched since goes back, the rest is listed."""

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Handover, HandoverLead, User
from webapp.services import access, assignments, audit, bulk
from webapp.services.access import Actor
from webapp.services.handovers.facts import before, facts, touched
from webapp.services.handovers.take import AT_ONCE
from webapp.transaction import alone, transactional
from webapp.vocabulary import HandoverState

PATIENCE = timedelta(minutes=10)


@transactional
def undo(handover_id: UUID, *, by: Actor) -> Handover:
    """Give the leads back to whose they were, with their follow-ups at their times; those that were nobody's are again.

    What somebody has touched since, or what cannot go back by the rules, stays and says why. Up to 200 leads at once;
    more by the worker, and `undo_ended_at` is empty until it is done. Refused with `Conflict` (`stale`): before it has
    ended, 10 minutes after, and where somebody has undone it already.
    """
    handover = access.handover(handover_id, by=by, lock=True)
    _refuse_if_late(handover)
    moved = select(HandoverLead).where(
        HandoverLead.handover_id == handover_id, HandoverLead.state == HandoverState.MOVED
    )
    rows = list(db.session.scalars(moved.order_by(HandoverLead.number.desc())))
    if not rows:
        raise Conflict(_("Nothing was moved; there is nothing to undo."), code="stale")
    handover.undone_at, handover.undone_by = func.clock_timestamp(), by.user_id
    audit.record("handovers.undo", by=by, subject_id=handover_id, after={"leads": len(rows)})
    if len(rows) <= AT_ONCE:
        locks.assignment()
        bulk.held([row.lead_id for row in rows], by=by)
        for row in rows:
            give_back(row, by=by)
        handover.undo_ended_at = func.clock_timestamp()
    db.session.flush()
    return handover


def give_back(row: HandoverLead, *, by: Actor) -> None:
    """Undo one lead of a hand-over, or note why it stays. Its row is held."""
    kept, left = row.before or {}, row.after or {}

    def move() -> None:
        access.lead(row.lead_id, by=by, lock=True)
        if why := touched(left, facts(row.lead_id)):
            raise Conflict(why, code="stale")
        assignments.give_back(row.lead_id, by=by, before=before(kept))

    refused = alone(move)
    row.state = HandoverState.KEPT if refused else HandoverState.RETURNED
    row.why = str(refused.message) if refused else None
    db.session.flush()


def _refuse_if_late(handover: Handover) -> None:
    if handover.undone_at:
        name = db.session.scalar(select(User.name).where(User.user_id == handover.undone_by))
        raise Conflict(_("%(name)s has undone it already.", name=name or _("Somebody")), code="stale")
    if handover.ended_at is None:
        raise Conflict(_("It is still going on. Undo it when it has ended."), code="stale")
    if db.session.scalars(select(func.clock_timestamp())).one() >= handover.ended_at + PATIENCE:
        raise Conflict(_("It is too late to undo that: 10 minutes have passed."), code="stale")
