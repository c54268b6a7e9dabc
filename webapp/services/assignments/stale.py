"""The job `reassign-stale` (R5): leads that their owner has not answered for a day go to somebody else."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, text

from webapp import stopping
from webapp.database import locks
from webapp.extensions import db
from webapp.models import AssignmentMove, Lead, LeadAssignment
from webapp.services import access, notifications
from webapp.services.access import SYSTEM, Actor
from webapp.services.assignments import candidates
from webapp.services.assignments.assign import move
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import AssignmentKind, NoticeKind

PATIENCE = timedelta(hours=24)
MOST_MOVES = 3
"""Since somebody last spoke with them; then it is the managers' turn."""

# Nobody has spoken with them since they became the owner's. As everywhere an activity counts no earlier than 15
# minutes before it was logged. What another product or a file brought only once it has been worked.
_SILENT = """
    FROM leads l JOIN lead_assignments a USING (lead_id)
    WHERE l.status NOT IN ('converted', 'lost') AND l.erased_at IS NULL
      AND coalesce(a.reassigned_at, a.assigned_at) <= now() - :patience
      AND (l.last_contact_at IS NULL OR NOT EXISTS (
          SELECT FROM lead_activities c
          WHERE c.lead_id = l.lead_id AND c.struck_at IS NULL
            AND greatest(c.activity_at, c.logged_at - interval '15 minutes')
                >= coalesce(a.reassigned_at, a.assigned_at)))
      AND (l.first_contact_at IS NOT NULL OR EXISTS (
          SELECT FROM enquiries e WHERE e.lead_id = l.lead_id AND e.state = 'captured' AND e.channel <> 'file'))
"""
STALE = text(f"SELECT l.lead_id {_SILENT} AND a.escalated_at IS NULL ORDER BY l.score DESC, l.lead_id")
IS_STALE = text(f"SELECT EXISTS (SELECT {_SILENT} AND l.lead_id = :lead_id)")


def reassign_stale() -> Tally:
    """Move on every lead that its owner has not answered for 24 hours, the best first.

    Each is looked at again under its lock, in a transaction of its own. After three moves since anybody last spoke
    with them, and where nobody can take it, it stays and the managers are told, once. It never goes back to
    somebody who let it lapse.
    """
    stale = db.session.scalars(STALE, {"patience": PATIENCE}).all()
    release()
    return stopping.one_by_one(
        stale, partial(_move_on, by=SYSTEM), otherwise="Lead %s, which nobody answers, could not be moved on"
    )


@transactional
def _move_on(lead_id: UUID, *, by: Actor) -> bool:
    locks.assignment()
    lead = access.lead(lead_id, by=by, lock=True)
    if not db.session.scalar(IS_STALE, {"lead_id": lead_id, "patience": PATIENCE}):
        return False
    current = db.session.scalars(select(LeadAssignment).where(LeadAssignment.lead_id == lead_id)).one()
    lapsed = _let_it_lapse(lead)
    choice = None
    if len(lapsed) < MOST_MOVES:
        choice = candidates.choose_and_hold(lead, by=by, but={current.agent_id, *lapsed})
    if choice is None:
        _escalate(current, by)
        return False
    explained = candidates.Choice(choice.agent_id, AssignmentKind.STALE, choice.explanation)
    move(lead, current, explained, by=by, reason=AssignmentKind.STALE)
    return True


def _let_it_lapse(lead: Lead) -> list[UUID]:
    """From whom it was taken since somebody last spoke with them, once for each time."""
    moved = AssignmentMove
    since = lead.last_contact_at
    taken = select(moved.from_agent_id).where(moved.lead_id == lead.lead_id, moved.kind == AssignmentKind.STALE)
    return list(db.session.scalars(taken.where(moved.moved_at > since) if since else taken))


def _escalate(current: LeadAssignment, by: Actor) -> None:
    if current.escalated_at is None:
        current.escalated_at = func.now()
        notifications.tell_managers(NoticeKind.LEAD_ESCALATED, lead_id=current.lead_id, by=by)
