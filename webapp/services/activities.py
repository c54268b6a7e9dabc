"""Contacts with a lead, logged by people; they move the score, the status and the next step (R9)."""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import LeadActivity
from webapp.services import (
    access,
    assignments,
    audit,
    contact_guard,
    notifications,
    pipeline,
    scoring,
    stops,
    tasks,
)
from webapp.services.access import Actor
from webapp.services.tasks import FollowUp
from webapp.transaction import transactional
from webapp.vocabulary import ActivityType, CallResult, NoticeKind, Outcome, Status, StopChannel


@transactional
def log(
    lead_id: UUID,
    *,
    by: Actor,
    type: ActivityType,
    outcome: Outcome | None = None,
    call_result: CallResult | None = None,
    notes: str = "",
    activity_at: datetime | None = None,
    follow_up: FollowUp | None = None,
    task_id: UUID | None = None,
) -> LeadActivity:
    """Add to the lead's timeline, refresh the score, move a new lead to contacted, book the next step: all or nothing.

    `activity_at` lies between the capture and now (None: now). A lead without an owner is assigned first. `task_id`
    is the lead's follow-up that this contact was: it is done now, and its slot free for the next step.

    A contact that the guard had blocked is logged all the same, and the managers are told. Whoever refused, or has
    another number, is not offered for calls any more.
    """
    if call_result and type != ActivityType.CALL:
        raise Invalid(_("Only a call has a result."), field="call_result")
    if tasks.owner_of(lead_id) is None:
        locks.assignment()
    lead = access.lead(lead_id, by=by, lock=True)
    access.refuse_erased(lead)
    now = db.session.scalars(select(func.now())).one()
    if task_id:
        tasks.complete(task_id, by=by)
    happened = activity_at or now
    if happened > now:
        raise Invalid(_("That is in the future. Plan a follow-up instead."), field="activity_at")
    if happened < lead.created_at.replace(second=0, microsecond=0):
        raise Invalid(_("That is before the lead came in."), field="activity_at")
    agent_id = tasks.owner_of(lead_id) or _first_owner(lead, by)
    blocked = contact_guard.blocked(lead, type, at=happened)
    first = not db.session.scalar(
        select(exists().where(LeadActivity.lead_id == lead_id, LeadActivity.struck_at.is_(None)))
    )
    activity = LeadActivity(
        lead_id=lead_id,
        agent_id=agent_id,
        type=type,
        outcome=outcome,
        call_result=call_result,
        notes=notes or None,
        activity_at=max(happened, lead.created_at),
        logged_by=by.user_id,
        logged_at=now,
    )
    db.session.add(activity)
    db.session.flush()
    scoring.score_activity(lead, activity, first=first)
    if lead.status == Status.NEW and type.is_first_contact:
        pipeline.step(lead, Status.CONTACTED)
    if follow_up:
        tasks.schedule(lead_id, follow_up, by=by)
    if reason := stops.OF_CALLS.get(call_result) if call_result else None:
        stops.put_down(lead, by=by, channel=StopChannel.CALL, reason=reason)
    if blocked:
        facts = {"who": by.name, "type": type, "why": blocked.why}
        notifications.tell_managers(NoticeKind.CONTACT_BLOCKED, lead_id=lead_id, by=by, **facts)
    audit.record(
        "activities.log",
        by=by,
        lead_id=lead_id,
        subject_id=activity.activity_id,
        after={"type": type, "outcome": outcome}
        | ({"call_result": call_result} if call_result else {})
        | ({"in_spite_of": blocked.why} if blocked else {}),
    )
    return activity


@transactional
def strike(activity_id: UUID, *, by: Actor) -> LeadActivity:
    """Strike an activity out: it stays readable, its points go back, and the first one's clock starts again."""
    found = access.activity(activity_id, by=by)
    lead = access.lead(found.lead_id, by=by, lock=True)
    activity = db.session.get_one(LeadActivity, activity_id, populate_existing=True)
    if activity.struck_at:
        raise Conflict(_("This activity is struck out already."), code="stale")
    activity.struck_at = db.session.scalars(select(func.now())).one()
    activity.struck_by = by.user_id
    db.session.flush()
    scoring.strike_activity(lead, activity)
    audit.record(
        "activities.strike",
        by=by,
        lead_id=lead.lead_id,
        subject_id=activity_id,
        after={"struck_at": activity.struck_at.isoformat()},
    )
    return activity


def _first_owner(lead, by) -> UUID:
    assignment = assignments.give(lead, by=by)
    if assignment is None:
        raise Conflict(
            _("Nobody owns this lead and nobody on duty has room. Give it to an agent first."),
            code="agent_overload",
        )
    # Data that was taken over may hold follow-ups of leads that are nobody's.
    tasks.move_open(lead.lead_id, assignment.agent_id)
    return assignment.agent_id
