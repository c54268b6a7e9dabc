"""What somebody has just done, undone again: for a minute, and only while nobody has built on it.

The audit says what was done, what was before and what was after. A status move is never undone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import AuditEntry, FollowUpTask, Lead, LeadActivity, LeadPropertyInterest
from webapp.services import access, audit, interests, scoring, tasks
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import OPEN_TASKS, InterestLevel, TaskStatus

MINUTE = timedelta(minutes=1)


def latest(subject_id: UUID, *, by: Actor) -> int | None:
    """The number of what `by` did last to this follow-up, interest or activity, if it can still be undone."""
    mine = _of_the_last_minute(by).where(AuditEntry.subject_id == subject_id)
    entry = db.session.scalar(mine.order_by(AuditEntry.entry_id.desc()).limit(1))
    return entry.entry_id if entry and entry.verb in PUT_BACK else None


def planned(lead_id: UUID, *, by: Actor) -> int | None:
    """The number of the follow-up that `by` planned last for this lead, if it can still be undone."""
    mine = _of_the_last_minute(by).where(AuditEntry.lead_id == lead_id, AuditEntry.verb == "tasks.schedule")
    entry = db.session.scalar(mine.order_by(AuditEntry.entry_id.desc()).limit(1))
    return entry.entry_id if entry else None


@transactional
def undo(lead_id: UUID, *, by: Actor, deed: int) -> Lead:
    """Put things back as they were before a deed of `by`, the score included; the audit keeps both.

    Refused with `Conflict`: after a minute, where something has changed since (`stale`), and where a follow-up's
    time is taken meanwhile (`follow_up_conflict`, R7).
    """
    lead = access.lead(lead_id, by=by, lock=True)
    mine = _of_the_last_minute(by).where(AuditEntry.lead_id == lead_id, AuditEntry.entry_id == deed)
    entry = db.session.scalar(mine.where(AuditEntry.verb.in_(PUT_BACK)))
    if entry is None:
        raise Conflict(_("It is too late to undo that: a minute has passed."), code="stale")
    if not PUT_BACK[entry.verb](lead, entry):
        raise Conflict(_what_came_between(entry, by), code="stale")
    audit.record(
        "deeds.undo",
        by=by,
        lead_id=lead_id,
        subject_id=entry.subject_id,
        before=entry.after,
        after=(entry.before or {}) | {"undone": entry.verb},
    )
    return lead


def _of_the_last_minute(by: Actor):
    return select(AuditEntry).where(
        AuditEntry.actor_id == by.user_id, AuditEntry.happened_at > func.clock_timestamp() - MINUTE
    )


def _what_came_between(entry: AuditEntry, by: Actor) -> str:
    """Who changed what was to be undone; of several, whoever touched the very thing, and last."""
    newer = select(AuditEntry).where(AuditEntry.lead_id == entry.lead_id, AuditEntry.entry_id > entry.entry_id)
    about_it = AuditEntry.subject_id.is_not_distinct_from(entry.subject_id)
    found = db.session.scalar(newer.order_by(about_it.desc(), AuditEntry.entry_id.desc()).limit(1))
    if found is None:
        return _("It has changed meanwhile; nothing was undone.")
    if found.actor_id != by.user_id:
        return _("%(name)s changed it meanwhile; nothing was undone.", name=found.actor_name)
    return (
        _("That is undone already.") if found.verb == "deeds.undo" else _("You changed it since; nothing was undone.")
    )


def _put_back_task(lead: Lead, entry: AuditEntry) -> bool:
    """A follow-up is as it was, if its lead is still open and its agent's, and its time still free (R7)."""
    task = db.session.get(FollowUpTask, entry.subject_id, populate_existing=True, with_for_update={"key_share": True})
    if task is None or lead.status.is_closed or task.agent_id != tasks.owner_of(lead.lead_id):
        return False
    if _told_apart(tasks.facts(task)) != _told_apart(entry.after or {}):
        return False
    if entry.before is None:
        db.session.delete(task)
        return True
    due_date = datetime.fromisoformat(entry.before["due_date"])
    locks.calendar(task.agent_id)
    tasks.refuse_clash(task.agent_id, due_date, moving=task.task_id)
    task.due_date, task.status = due_date, TaskStatus(entry.before["status"])
    task.cancelled_at = task.cancel_reason = None
    return True


def _told_apart(facts: dict) -> dict:
    """A follow-up's facts but for pending and overdue, between which time alone passes."""
    return facts | {"status": facts.get("status") in OPEN_TASKS}


def _put_back_interest(lead: Lead, entry: AuditEntry) -> bool:
    """An interest is there, or not, and as strong as it was."""
    mine = LeadPropertyInterest.interest_id == entry.subject_id
    found = db.session.scalar(select(LeadPropertyInterest).where(mine).execution_options(populate_existing=True))
    if (interests.facts(found) if found else None) != entry.after:
        return False
    if entry.before is None:
        db.session.execute(delete(LeadPropertyInterest).where(mine))
    elif found:
        found.interest_level = InterestLevel(entry.before["interest_level"])
    else:
        return _add_again(lead, entry.subject_id, entry.before)
    return True


def _add_again(lead: Lead, interest_id: UUID | None, before: dict) -> bool:
    property_id = UUID(before["property_id"])
    if interests.of_property(lead.lead_id, property_id):
        return False
    db.session.add(
        LeadPropertyInterest(
            interest_id=interest_id,
            lead_id=lead.lead_id,
            property_id=property_id,
            interest_level=InterestLevel(before["interest_level"]),
            created_at=datetime.fromisoformat(before["created_at"]),
        )
    )
    return True


def _put_back_activity(lead: Lead, entry: AuditEntry) -> bool:
    """An activity counts again, if the score has not moved since it was struck out."""
    activity = db.session.get_one(LeadActivity, entry.subject_id, populate_existing=True)
    if activity.struck_at != datetime.fromisoformat((entry.after or {})["struck_at"]):
        return False
    if not scoring.give_back_activity(lead, activity):
        return False
    activity.struck_at = activity.struck_by = None
    return True


PUT_BACK: dict[str, Callable[[Lead, AuditEntry], bool]] = {
    "tasks.schedule": _put_back_task,
    "tasks.reschedule": _put_back_task,
    "tasks.complete": _put_back_task,
    "tasks.cancel": _put_back_task,
    "interests.add": _put_back_interest,
    "interests.change": _put_back_interest,
    "interests.remove": _put_back_interest,
    "activities.strike": _put_back_activity,
}
