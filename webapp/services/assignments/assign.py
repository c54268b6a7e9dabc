"""Giving a lead to an agent: by the rules at its capture, by hand, and what an assignment brings with it (R4, R5)."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import FollowUpTask, Lead, LeadAssignment
from webapp.services import access, audit, notifications, tasks
from webapp.services.access import Actor
from webapp.services.assignments import candidates
from webapp.services.assignments.candidates import Choice
from webapp.transaction import transactional
from webapp.vocabulary import CAP, AssignmentKind, NoticeKind


@dataclass(frozen=True)
class Assigned:
    """What an assignment did: the row, and the follow-ups that had to move to another time."""

    assignment: LeadAssignment
    moved: list[FollowUpTask]


def give(lead: Lead, *, by: Actor) -> LeadAssignment | None:
    """Choose the agent of a lead that has none, assign it and plan the first call. None: nobody can take it.

    The office-wide lock is held from here to the commit, so that turns are exact.
    """
    locks.assignment()
    choice = candidates.choose_and_hold(lead, by=by)
    if choice is None:
        notifications.tell_managers(NoticeKind.LEAD_UNASSIGNED, lead_id=lead.lead_id, by=by)
        return None
    return _insert(lead, choice, by)


@transactional
def assign(
    lead_id: UUID, *, by: Actor, agent_id: UUID | None, reason: str = "", owner_from: str | None = None
) -> Assigned:
    """Give a lead to this agent by hand, or to the best match where `agent_id` is None. Follow-ups move along.

    `owner_from` is the owner that `by` saw (an id, "" for nobody, None: does not matter); where somebody was
    faster, `stale` says who has the lead now.

    Refused: the same agent, an agent off duty, an agent at the cap (`agent_overload`), a closed lead, taking a
    lead from its owner without a reason.
    """
    locks.assignment()
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.status.is_closed:
        raise Invalid(_("This lead is closed; its owner stays."), field="agent_id")
    current = db.session.scalar(select(LeadAssignment).where(LeadAssignment.lead_id == lead_id))
    _refuse_if_faster(current, owner_from)
    choice = _choice_by_hand(lead, agent_id, current, by)
    if current and not reason:
        raise Invalid(_("Say why it changes hands."), field="reason")
    if current is None:
        assignment = _insert(lead, choice, by, reason)
        # Data that was taken over may hold follow-ups of leads that are nobody's.
        return Assigned(assignment, tasks.move_open(lead_id, choice.agent_id))
    return move(lead, current, choice, by=by, reason=reason)


def bring(lead: Lead, agent_id: UUID, *, by: Actor, number: int) -> None:
    """Give a locked lead to whoever owned the one that was merged into it, if that is somebody else; on duty or not.

    Its follow-ups are theirs; those that would clash go to the next free slot. Hold the office-wide lock.
    """
    current = db.session.scalar(select(LeadAssignment).where(LeadAssignment.lead_id == lead.lead_id))
    choice = Choice(agent_id, AssignmentKind.BY_HAND, {"by": by.name})
    if current and current.agent_id != agent_id:
        candidates.hold(agent_id, current.agent_id)
        move(lead, current, choice, by=by, reason=_("Merged with #%(number)s", number=number))
    else:
        if current is None:
            candidates.hold(agent_id)
            row = LeadAssignment(
                lead_id=lead.lead_id, agent_id=agent_id, kind=choice.kind, explanation=choice.explanation
            )
            db.session.add(row)
            db.session.flush()
            _tell(lead, choice, by)
        tasks.move_open(lead.lead_id, agent_id)


def _refuse_if_faster(current: LeadAssignment | None, owner_from: str | None) -> None:
    if owner_from is None or owner_from == (str(current.agent_id) if current else ""):
        return
    if current is None:
        raise Conflict(_("Nobody owns this lead any more. Look again."), code="stale", field="agent_id")
    name = access.agent(current.agent_id).full_name
    raise Conflict(_("Somebody was faster: %(name)s owns this lead now.", name=name), code="stale", field="agent_id")


def _choice_by_hand(lead, agent_id, current, by) -> Choice:
    owner = current.agent_id if current else None
    if agent_id is None:
        choice = candidates.choose_and_hold(lead, by=by, but=[owner] if owner else ())
        if choice is None:
            raise Conflict(_("Nobody else on duty has room."), code="agent_overload", field="agent_id")
        return choice
    candidates.hold(agent_id, owner)
    agent = access.agent(agent_id)
    if owner == agent_id:
        raise Invalid(_("%(name)s owns this lead already.", name=agent.full_name), field="agent_id")
    if agent.left_at:
        raise Invalid(_("%(name)s has left the office.", name=agent.full_name), field="agent_id")
    if not agent.on_duty:
        raise Invalid(_("%(name)s is off duty.", name=agent.full_name), field="agent_id")
    if agent.is_full:
        raise Conflict(
            _(
                "%(name)s already has %(cap)s active leads. Choose somebody else.",
                name=agent.full_name,
                cap=CAP,
            ),
            code="agent_overload",
            field="agent_id",
        )
    return Choice(agent_id, AssignmentKind.BY_HAND, {"by": by.name})


def _insert(lead: Lead, choice: Choice, by: Actor, reason: str = "") -> LeadAssignment:
    assignment = LeadAssignment(
        lead_id=lead.lead_id,
        agent_id=choice.agent_id,
        kind=choice.kind,
        reason=reason or None,
        explanation=choice.explanation,
    )
    db.session.add(assignment)
    db.session.flush()
    if not lead.status.is_closed:
        tasks.schedule_first(lead, choice.agent_id)
    _tell(lead, choice, by)
    return assignment


def move(lead: Lead, current: LeadAssignment, choice: Choice, *, by: Actor, reason: str) -> Assigned:
    """Hand a locked lead over to the chosen agent, who is held; its follow-ups move along."""
    before = current.agent_id
    current.agent_id = choice.agent_id
    current.kind = choice.kind
    current.explanation = choice.explanation
    current.reason = reason or None
    current.reassigned_at = func.now()
    current.escalated_at = None
    db.session.flush()
    moved = tasks.move_open(lead.lead_id, choice.agent_id)
    _tell(lead, choice, by, before)
    return Assigned(current, moved)


def _tell(lead, choice, by, before: UUID | None = None):
    notifications.tell_of_move(lead.lead_id, before, choice.agent_id, by=by)
    audit.record(
        "assignments.assign",
        by=by,
        lead_id=lead.lead_id,
        before={"agent_id": str(before)} if before else None,
        after={"agent_id": str(choice.agent_id), "kind": choice.kind},
    )
