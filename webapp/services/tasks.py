"""Follow-ups: the next step with a lead, never less than 30 minutes from another one of the same agent (R7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.orm import contains_eager, joinedload

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import FollowUpTask, Lead, LeadAssignment
from webapp.services import access, audit, notifications
from webapp.services.access import SYSTEM, Actor
from webapp.stopping import Tally
from webapp.transaction import transactional
from webapp.vocabulary import OPEN_TASKS, NoticeKind, Priority, TaskStatus, TaskType

GAP = timedelta(minutes=30)
FIRST_DUE = timedelta(hours=24)
TOO_LATE = timedelta(days=30)
EXACTLY, WHOLE_MINUTES = Decimal("0.000001"), Decimal(60)

NEXT_FREE_SLOT = text("""
    WITH busy AS (
        SELECT due_date FROM follow_up_tasks
        WHERE agent_id = :agent_id AND status IN ('pending', 'overdue')
          AND due_date > :wish - :gap AND task_id IS DISTINCT FROM CAST(:moving AS uuid)
    ), candidates AS (
        SELECT :wish AS slot
        UNION SELECT to_timestamp(ceil(extract(epoch FROM due_date + :gap) / :step) * :step) FROM busy
    )
    SELECT min(slot) FROM candidates
    WHERE slot >= :wish AND NOT EXISTS (
        SELECT FROM busy WHERE due_date > slot - :gap AND due_date < slot + :gap)
""").columns(min=FollowUpTask.due_date.type)


@dataclass(frozen=True)
class FollowUp:
    """What is to be done next, and when."""

    type: TaskType
    due_date: datetime
    priority: Priority = Priority.MEDIUM
    notes: str = ""


@dataclass(frozen=True)
class Slot:
    """Whose an open follow-up was, and when it was due."""

    agent_id: UUID
    due_date: datetime
    status: TaskStatus


@transactional
def schedule(lead_id: UUID, follow_up: FollowUp, *, by: Actor) -> FollowUpTask:
    """Put a follow-up into the calendar of the lead's owner.

    A clash is a `Conflict` (`follow_up_conflict`) that names the other follow-up and carries `free`, the next
    free slot. Closed leads and leads without an owner take none.
    """
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.status.is_closed:
        raise Invalid(_("This lead is closed. Open it again to plan a next step."), field="due_date")
    agent_id = owner_of(lead_id)
    if agent_id is None:
        raise Invalid(_("Nobody owns this lead yet. Assign it first."), field="due_date")
    refuse_if_long_ago(follow_up.due_date)
    locks.calendar(agent_id)
    refuse_clash(agent_id, follow_up.due_date)
    task = _add(lead_id, agent_id, follow_up)
    audit.record(
        "tasks.schedule",
        by=by,
        lead_id=lead_id,
        subject_id=task.task_id,
        after=facts(task),
    )
    return task


def schedule_first(lead: Lead, agent_id: UUID) -> FollowUpTask:
    """The call that every new owner gets: due a day after the capture, at the next free slot (R1)."""
    locks.calendar(agent_id)
    wish = max(lead.created_at + FIRST_DUE, db.session.scalars(select(func.now())).one())
    due_date = next_free_slot(agent_id, wish)
    return _add(lead.lead_id, agent_id, FollowUp(TaskType.CALL, due_date, Priority.HIGH))


@transactional
def reschedule(task_id: UUID, *, by: Actor, due_date: datetime) -> FollowUpTask:
    """Move an open follow-up to another moment; refused like `schedule`."""
    task = _open_task(task_id, by)
    refuse_if_long_ago(due_date)
    locks.calendar(task.agent_id)
    refuse_clash(task.agent_id, due_date, moving=task_id)
    before = facts(task)
    _put(task, due_date)
    _tell_audit("reschedule", task, before, by)
    return task


@transactional
def complete(task_id: UUID, *, by: Actor) -> FollowUpTask:
    """Mark an open follow-up as done."""
    task = _open_task(task_id, by)
    before = facts(task)
    task.status = TaskStatus.COMPLETED
    _tell_audit("complete", task, before, by)
    return task


@transactional
def cancel(task_id: UUID, *, by: Actor, reason: str) -> FollowUpTask:
    """Take an open follow-up off the calendar without having done it."""
    task = _open_task(task_id, by)
    before = facts(task)
    _cancel(FollowUpTask.task_id == task_id, reason)
    _tell_audit("cancel", task, before, by)
    return task


def cancel_open(lead_id: UUID, *, reason: str) -> None:
    """Take all open follow-ups of a lead off the calendar: it was closed, unassigned or merged away."""
    _cancel(FollowUpTask.lead_id == lead_id, reason)


def move_open(lead_id: UUID, agent_id: UUID) -> list[FollowUpTask]:
    """Give a lead's open follow-ups to its new owner; those that would clash go to the next free slot (R5).

    Returns the follow-ups whose time changed.
    """
    locks.calendar(agent_id)
    moved = []
    for task in _open_ones(lead_id):
        free = next_free_slot(agent_id, task.due_date, moving=task.task_id)
        if free != task.due_date:
            moved.append(task)
            _put(task, free)
        task.agent_id = agent_id
        db.session.flush()
    return moved


def put_back(lead_id: UUID, slots: Mapping[UUID, Slot]) -> None:
    """Give a lead's open follow-ups back to whose they were, at their time; those that have no slot are cancelled.

    A time that is taken meanwhile is a `follow_up_conflict` (R7).
    """
    for agent_id in sorted({slot.agent_id for slot in slots.values()}):
        locks.calendar(agent_id)
    for task in _open_ones(lead_id):
        if task.task_id not in slots:
            _cancel(FollowUpTask.task_id == task.task_id, _("The hand-over was undone"))
            continue
        slot = slots[task.task_id]
        refuse_clash(slot.agent_id, slot.due_date, moving=task.task_id)
        task.agent_id, task.due_date, task.status = slot.agent_id, slot.due_date, slot.status
        db.session.flush()


@transactional
def mark_overdue() -> Tally:
    """The job `overdue`: pending follow-ups past due become overdue; at 30 days the managers are told, once.

    It waits for nobody: what somebody is working on at this moment is looked at the next time.
    """
    late = _untouched(FollowUpTask.status == TaskStatus.PENDING, FollowUpTask.due_date < func.now())
    marked = len(db.session.scalars(late.values(status=TaskStatus.OVERDUE)).all())
    too_late = _untouched(
        FollowUpTask.status == TaskStatus.OVERDUE,
        FollowUpTask.due_date <= func.now() - TOO_LATE,
        FollowUpTask.escalated_at.is_(None),
    )
    for lead_id in db.session.scalars(too_late.values(escalated_at=func.now())).all():
        notifications.tell_managers(NoticeKind.FOLLOW_UP_ESCALATED, lead_id=lead_id, by=SYSTEM)
    if marked:
        audit.record("tasks.mark_overdue", by=SYSTEM, after={"marked": marked})
    return Tally(marked)


def find(task_id: UUID, *, by: Actor) -> FollowUpTask:
    """The follow-up alone, if `by` may see its lead."""
    return access.task(task_id, by=by)


def open_of(agent_id: UUID, *, until: datetime | None = None, limit: int = 50) -> list[FollowUpTask]:
    """An agent's open follow-ups with leads that are theirs, in order of time."""
    query = (
        select(FollowUpTask)
        .join(FollowUpTask.lead)
        .where(FollowUpTask.agent_id == agent_id, FollowUpTask.status.in_(OPEN_TASKS), Lead.owner_id == agent_id)
        .options(contains_eager(FollowUpTask.lead))
        .order_by(FollowUpTask.due_date)
        .limit(limit)
    )
    if until:
        query = query.where(FollowUpTask.due_date < until)
    return list(db.session.scalars(query))


def next_free_slot(agent_id: UUID, wish: datetime, *, moving: UUID | None = None, step: Decimal = EXACTLY) -> datetime:
    """The earliest moment not before `wish` that is 30 minutes or more from every open follow-up.

    With `step` WHOLE_MINUTES it is one that people can write down.
    """
    return db.session.scalar(
        NEXT_FREE_SLOT, {"agent_id": agent_id, "wish": wish, "gap": GAP, "moving": moving, "step": step}
    )


def refuse_clash(agent_id: UUID, due_date: datetime, *, moving: UUID | None = None) -> None:
    """Raise the `follow_up_conflict` of this moment, if there is one. Hold the calendar's lock before."""
    clash = db.session.scalar(
        select(FollowUpTask)
        .where(
            FollowUpTask.agent_id == agent_id,
            FollowUpTask.status.in_(OPEN_TASKS),
            FollowUpTask.due_date > due_date - GAP,
            FollowUpTask.due_date < due_date + GAP,
            FollowUpTask.task_id.is_distinct_from(moving),
        )
        .options(joinedload(FollowUpTask.lead))
        .order_by(FollowUpTask.due_date)
    )
    if clash is None:
        return
    raise Conflict(
        _("Too close to another follow-up. They need 30 minutes between them."),
        code="follow_up_conflict",
        field="due_date",
        type=clash.type,
        name=clash.lead.name,
        due_date=clash.due_date,
        free=next_free_slot(agent_id, due_date, moving=moving, step=WHOLE_MINUTES),
    )


def refuse_if_long_ago(due_date: datetime) -> None:
    """Raise `overdue_task` where a follow-up would be born more than 30 days late."""
    if due_date < db.session.scalars(select(func.now() - TOO_LATE)).one():
        raise Invalid(_("That is more than 30 days ago. Choose a later date."), code="overdue_task", field="due_date")


def owner_of(lead_id: UUID) -> UUID | None:
    """The agent who owns the lead now."""
    return db.session.scalar(select(LeadAssignment.agent_id).where(LeadAssignment.lead_id == lead_id))


def facts(task: FollowUpTask) -> dict:
    """What the audit keeps of a follow-up, in JSON's types: enough to put it back."""
    return {
        "type": task.type,
        "agent_id": str(task.agent_id),
        "due_date": task.due_date.astimezone(UTC).isoformat(),
        "status": task.status,
        "cancel_reason": task.cancel_reason,
    }


def _tell_audit(deed: str, task: FollowUpTask, before: dict, by: Actor) -> None:
    audit.record(
        f"tasks.{deed}", by=by, lead_id=task.lead_id, subject_id=task.task_id, before=before, after=facts(task)
    )


def _add(lead_id, agent_id, follow_up: FollowUp) -> FollowUpTask:
    task = FollowUpTask(
        lead_id=lead_id,
        agent_id=agent_id,
        type=follow_up.type,
        due_date=follow_up.due_date,
        priority=follow_up.priority,
        notes=follow_up.notes or None,
    )
    db.session.add(task)
    db.session.flush()
    return task


def _put(task: FollowUpTask, due_date: datetime) -> None:
    """Give a follow-up its moment; one that is still to come is not overdue. Written with whatever else changes."""
    now = db.session.scalars(select(func.now())).one()
    task.due_date = due_date
    if due_date > now:
        task.status = TaskStatus.PENDING


def _open_ones(lead_id: UUID) -> list[FollowUpTask]:
    """A lead's open follow-ups in order of time, held until the transaction ends."""
    query = select(FollowUpTask).where(FollowUpTask.lead_id == lead_id, FollowUpTask.status.in_(OPEN_TASKS))
    query = query.order_by(FollowUpTask.due_date).with_for_update(key_share=True)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _untouched(*conditions: ColumnElement[bool]):
    """A change of those follow-ups that nobody is working on, which gives their leads."""
    nobodys = select(FollowUpTask.task_id).where(*conditions).with_for_update(skip_locked=True, key_share=True)
    return update(FollowUpTask).where(FollowUpTask.task_id.in_(nobodys)).returning(FollowUpTask.lead_id)


def _open_task(task_id, by) -> FollowUpTask:
    found = access.task(task_id, by=by)
    access.lead(found.lead_id, by=by, lock=True)
    task = access.task(task_id, by=by, lock=True)
    if not task.is_open:
        raise Conflict(_("This follow-up is already closed."), code="stale")
    return task


def _cancel(which: ColumnElement[bool], reason: str) -> None:
    db.session.execute(
        update(FollowUpTask)
        .where(which, FollowUpTask.status.in_(OPEN_TASKS))
        .values(status=TaskStatus.COMPLETED, cancelled_at=func.now(), cancel_reason=reason)
    )
