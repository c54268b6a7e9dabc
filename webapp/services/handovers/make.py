"""The job `handovers`: what is more than one transaction should hold, one lead a transaction."""

import logging
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from webapp import stopping
from webapp.database import locks
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.models import Handover, HandoverLead
from webapp.services import access, notifications, users
from webapp.services.access import SYSTEM, Actor
from webapp.services.handovers.take import Wish, hand_over
from webapp.services.handovers.undo import give_back
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import HandoverState, NoticeKind

UNDER_WAY = Handover.ended_at.is_(None) | (Handover.undone_at.is_not(None) & Handover.undo_ended_at.is_(None))

log = logging.getLogger(__name__)


def make_waiting() -> Tally:
    """Go on with every hand-over that is under way, and with every undo, the oldest first.

    Stopped or killed in the middle, the next turn goes on with the next lead: what is done is written with its lead.
    """
    under_way = db.session.scalars(select(Handover.handover_id).where(UNDER_WAY).order_by(Handover.asked_at)).all()
    release()
    return Tally(sum(_go_on(handover_id) for handover_id in stopping.until_told(under_way)))


def _go_on(handover_id: UUID) -> int:
    handover = db.session.get_one(Handover, handover_id)
    undoing = handover.undone_at is not None
    doer = users.actor(handover.undone_by if undoing and handover.undone_by else handover.user_id)
    left = HandoverState.MOVED if undoing else HandoverState.WAITING
    numbers = db.session.scalars(_rows(handover_id, left)).all()
    release()
    if doer is None or not doer.sees_all_leads:
        _leave(handover_id, undoing, by=SYSTEM)
        doer, numbers = SYSTEM, []
    with force_locale(doer.language):
        looked_at = sum(_one_or_later(handover_id, number, left, doer) for number in stopping.until_told(numbers))
    _end(handover_id, left, by=SYSTEM)
    return looked_at


def _rows(handover_id: UUID, state: HandoverState):
    """The numbers of its leads in this state; an undo begins with what was moved last."""
    rows = select(HandoverLead.number).where(HandoverLead.handover_id == handover_id, HandoverLead.state == state)
    return rows.order_by(HandoverLead.number.desc() if state == HandoverState.MOVED else HandoverLead.number)


def _one_or_later(handover_id: UUID, number: int, left: HandoverState, by: Actor) -> bool:
    try:
        return _one(handover_id, number, left, by=by)
    except Unavailable:
        return False
    except Exception:
        log.exception("Lead %s of hand-over %s could not be moved", number, handover_id)
        _give_up(handover_id, number, left, by=by)
        return True


@transactional
def _one(handover_id: UUID, number: int, left: HandoverState, *, by: Actor) -> bool:
    locks.assignment()
    mine = HandoverLead.handover_id == handover_id, HandoverLead.number == number, HandoverLead.state == left
    query = select(HandoverLead).where(*mine).with_for_update(skip_locked=True)
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        return False
    access.lead(row.lead_id, by=by, lock=True)
    if left == HandoverState.MOVED:
        give_back(row, by=by)
    else:
        handover = access.handover(handover_id, by=by)
        hand_over(row, Wish(handover.agent_id, handover.reason), by=by)
    return True


@transactional
def _give_up(handover_id: UUID, number: int, left: HandoverState, *, by: Actor) -> None:
    _stay(_this(handover_id, left, HandoverLead.number == number), left, _("It could not be moved. Try it alone."))


@transactional
def _leave(handover_id: UUID, undoing: bool, *, by: Actor) -> None:
    """Whoever asked for it may not any more: what is not done yet stays."""
    left = HandoverState.MOVED if undoing else HandoverState.WAITING
    _stay(_this(handover_id, left), left, _("Whoever asked for it no longer works here."))


@transactional
def _end(handover_id: UUID, left: HandoverState, *, by: Actor) -> None:
    """Once nothing is left, say so to whoever asked, once."""
    handover = access.handover(handover_id, by=by, lock=True)
    if not handover.is_under_way or db.session.scalar(_rows(handover_id, left).limit(1)):
        return
    counted = select(func.count()).where(HandoverLead.handover_id == handover_id)
    if left == HandoverState.WAITING:
        handover.ended_at = func.clock_timestamp()
        whom, kind, state = handover.user_id, NoticeKind.HANDOVER_ENDED, HandoverState.MOVED
    else:
        handover.undo_ended_at = func.clock_timestamp()
        whom, kind, state = handover.undone_by or handover.user_id, NoticeKind.HANDOVER_UNDONE, HandoverState.RETURNED
    count = db.session.scalar(counted.where(HandoverLead.state == state))
    notifications.tell_user(whom, kind, by=by, handover_id=str(handover_id), count=count)


def _this(handover_id: UUID, state: HandoverState, *more):
    return update(HandoverLead).where(HandoverLead.handover_id == handover_id, HandoverLead.state == state, *more)


def _stay(rows, left: HandoverState, why: str) -> None:
    state = HandoverState.KEPT if left == HandoverState.MOVED else HandoverState.STAYED
    db.session.execute(rows.values(state=state, why=why))
