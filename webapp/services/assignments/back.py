"""Taking an assignment back: the lead, its clocks and its follow-ups are as they were before it (R5, R7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Agent, AssignmentMove, LeadAssignment
from webapp.services import access, audit, notifications, tasks
from webapp.services.access import Actor
from webapp.services.assignments import candidates
from webapp.services.tasks import Slot
from webapp.transaction import transactional
from webapp.vocabulary import CAP, AssignmentKind, NoticeKind


@dataclass(frozen=True)
class Before:
    """Whose a lead was (None: nobody's), since when, and whose its follow-ups were at what time."""

    agent_id: UUID | None
    reassigned_at: datetime | None
    escalated_at: datetime | None
    follow_ups: Mapping[UUID, Slot]


@transactional
def give_back(lead_id: UUID, *, by: Actor, before: Before) -> None:
    """Make a lead its former owner's again, or nobody's; the history keeps both moves.

    The owner may be off duty, as they may have been before. Refused with `Conflict`: who is full meanwhile
    (`agent_overload`) or has left (`agent_left`), and a follow-up whose time is taken (`follow_up_conflict`).
    """
    locks.assignment()
    access.lead(lead_id, by=by, lock=True)
    current = db.session.scalars(select(LeadAssignment).where(LeadAssignment.lead_id == lead_id)).one()
    taken_from = current.agent_id
    if before.agent_id is None:
        db.session.delete(current)
    else:
        _refuse_without_room(before.agent_id, taken_from)
        current.agent_id, current.kind = before.agent_id, AssignmentKind.GIVEN_BACK
        current.explanation, current.reason = {"by": by.name}, None
        current.reassigned_at, current.escalated_at = before.reassigned_at, before.escalated_at
    db.session.flush()
    tasks.put_back(lead_id, before.follow_ups)
    notifications.tell_of_move(lead_id, taken_from, before.agent_id, by=by)
    audit.record(
        "assignments.give_back",
        by=by,
        lead_id=lead_id,
        before={"agent_id": str(taken_from)},
        after={"agent_id": str(before.agent_id) if before.agent_id else None},
    )


def has_room(agent_id: UUID) -> bool:
    """Whether an agent, who is held from here on, can take back an active lead."""
    agent = candidates.hold(agent_id).get(agent_id)
    return agent is not None and not agent.left_at and not agent.is_full


def leave(lead_id: UUID, agent_id: UUID, *, number: int, by: Actor) -> str:
    """A lead that came back without its agent, who has no room: the history and the managers know it. In words."""
    name = db.session.scalar(select(Agent.full_name).where(Agent.agent_id == agent_id))
    taken = {"from_agent_id": agent_id, "from_agent_name": name, "moved_by": by.user_id}
    db.session.add(AssignmentMove(lead_id=lead_id, **taken))
    notifications.tell_managers(NoticeKind.LEAD_UNASSIGNED, lead_id=lead_id, by=by)
    return _("Nobody owns #%(number)s: %(name)s has no room.", number=number, name=name)


def _refuse_without_room(agent_id: UUID, taken_from: UUID) -> None:
    agent = candidates.hold(agent_id, taken_from)[agent_id]
    if agent.left_at:
        raise Conflict(_("%(name)s has left the office.", name=agent.full_name), code="agent_left")
    if agent.is_full:
        full = _("%(name)s already has %(cap)s active leads.", name=agent.full_name, cap=CAP)
        raise Conflict(full, code="agent_overload")
