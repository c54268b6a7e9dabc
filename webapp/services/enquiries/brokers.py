"""A lead that was another broker's (A2A): out of every list and figure with all that was done, and back as it was."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import AuditEntry, BrokerLead, Distinction, Enquiry, FollowUpTask, Lead, LeadAssignment, Merge
from webapp.services import access, assignments, audit, notifications, tasks
from webapp.services.access import Actor
from webapp.services.merges import drawer, rows
from webapp.transaction import transactional
from webapp.vocabulary import OPEN_TASKS, EnquiryState, NoticeKind, Status, TaskStatus, Why

WHOLE = (
    Lead,
    *(model for model, _key in drawer.FOLLOW.values() if model is not Enquiry),
    *(model for model in drawer.STAY if model is not Lead),
)
"""All that is a lead's but its enquiries, in the order in which it comes back."""
POINTERS = ("reopened", "imported")
STATE = ("state", "why", "note")


def worked_with(enquiry_id: UUID) -> ColumnElement[bool]:
    """The condition that anybody has done anything with the Lead that this enquiry made, or that it asked again."""
    again = aliased(Lead)
    return or_(
        exists().where(Enquiry.lead_id == Lead.lead_id, Enquiry.enquiry_id != enquiry_id),
        exists().where(again.reopened_from == Lead.lead_id),
        exists().where(
            AuditEntry.lead_id == Lead.lead_id,
            AuditEntry.actor_id.is_not(None),
            AuditEntry.verb != "leads.capture",  # by whoever added the phone
        ),
    )


@transactional
def set_aside(lead: Lead, enquiry_id: UUID, *, by: Actor) -> BrokerLead:
    """Put a lead that is held away whole, and its enquiries aside with it; its owner is told.

    Refused with `Conflict` (`stale`) where another lead was merged into it.
    """
    _refuse_if_merged(lead)
    lead_id, agent_id = lead.lead_id, lead.owner_id
    # Who adds an enquiry to it at this moment is waited for; who comes later finds no lead.
    db.session.execute(select(Lead.lead_id).where(Lead.lead_id == lead_id).with_for_update())
    aside = BrokerLead(
        lead_id=lead_id, number=lead.number, agent_id=agent_id, phone=lead.phone, set_aside_by=by.user_id
    )
    db.session.expunge(lead)
    with drawer.as_one_merges():
        aside.kept = _all_of(lead_id)
        db.session.add(aside)
        db.session.flush()
        theirs = update(Enquiry).where(Enquiry.lead_id == lead_id).values(broker_lead_id=aside.broker_lead_id)
        _write(theirs.values(lead_id=None, state=EnquiryState.IGNORED, why=Why.BROKER, note=None))
        _write(delete(Lead).where(Lead.lead_id == lead_id))
    audit.record(
        "enquiries.set_lead_aside", by=by, lead_id=lead_id, subject_id=enquiry_id, after={"number": aside.number}
    )
    notifications.tell_agent(agent_id, NoticeKind.LEAD_TAKEN, by=by, enquiry_id=str(enquiry_id), number=aside.number)
    return aside


@transactional
def bring_back(enquiry_id: UUID, *, by: Actor) -> list[str]:
    """Put the lead of this enquiry back with all that it had; what could not come back as it was, in sentences.

    Whoever called from its number meanwhile keeps the lead that they made. Refused with `Conflict` (`stale`): where it
    is back already, and of a person who was erased.
    """
    found = access.enquiry(enquiry_id, by=by, options=(joinedload(Enquiry.broker_lead),))
    if found.broker_lead:
        locks.phone(found.broker_lead.phone)
    locks.assignment()
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if enquiry.broker_lead_id is None:
        raise Conflict(_("This enquiry is not set aside."), code="stale")
    access.refuse_erased(enquiry)
    aside = access.broker_lead(enquiry.broker_lead_id, by=by, lock=True)
    lead_id, number, kept = aside.lead_id, aside.number, aside.kept
    owned = kept["rows"]["lead_assignments"]
    is_closed = Status(kept["rows"]["leads"][0]["status"]).is_closed
    room = [row for row in owned if is_closed or assignments.has_room(UUID(row["agent_id"]))]
    with drawer.as_one_merges():
        stays = list(_put_back(kept, lead_id, with_owner=bool(room) or not owned))
        db.session.delete(aside)
        db.session.flush()
    if owned and not room:
        stays.insert(0, assignments.leave(lead_id, UUID(owned[0]["agent_id"]), number=number, by=by))
    stays += _same_person(lead_id)
    audit.record(
        "enquiries.bring_lead_back", by=by, lead_id=lead_id, subject_id=enquiry_id, after={"stays": len(stays)}
    )
    for row in room:
        notifications.tell_agent(UUID(row["agent_id"]), NoticeKind.LEAD_ASSIGNED, lead_id=lead_id, by=by)
    return stays


def _refuse_if_merged(lead: Lead) -> None:
    newest = select(Merge.number).where(Merge.survivor_id == lead.lead_id, Merge.undone_at.is_(None))
    if number := db.session.scalar(newest.order_by(Merge.merged_at.desc()).limit(1)):
        numbers = {"other": number, "number": lead.number}
        said = _("#%(other)s was merged into #%(number)s. Undo that first, or close the lead.", **numbers)
        raise Conflict(said, code="stale")


def _all_of(lead_id: UUID) -> dict:
    """Everything of a lead, as `bring_back` needs it; nothing names the lead any more."""
    kept = {model.__tablename__: rows.of(model, lead_id) for model in WHOLE}
    kept["distinctions"] = rows.of(Distinction, lead_id, "lead_id", "other_id")
    # A merge that is undone needs nothing any more, and may hold what is another person's.
    kept["merges"] = [row | {"kept": {}, "phones": []} for row in rows.of(Merge, lead_id, "survivor_id")]
    theirs = select(Enquiry.enquiry_id, Enquiry.state, Enquiry.why, Enquiry.note).where(Enquiry.lead_id == lead_id)
    asked = [row._asdict() | {"enquiry_id": str(row.enquiry_id)} for row in db.session.execute(theirs)]
    pointed = {name: drawer.point(name, lead_id, None) for name in POINTERS}
    return {"rows": kept, "enquiries": asked, "pointed": pointed}


def _put_back(kept: dict, lead_id: UUID, *, with_owner: bool) -> Iterator[str]:
    """Insert everything again; what is not as it was, in sentences."""
    waiting = kept["rows"]
    (row,) = waiting["leads"]
    before, row["reopened_from"] = row["reopened_from"], drawer.if_there(row["reopened_from"])
    # What the database keeps of its owner and its follow-ups comes with them.
    row |= {"owner_id": row["owner_id"] if with_owner else None, "next_step_at": None, "next_step_type": None}
    is_whole = before == row["reopened_from"]
    for model in WHOLE:
        if model is FollowUpTask:
            if not _follow_ups_back(waiting["follow_up_tasks"], with_owner=with_owner):
                yield _("A follow-up is at another time or cancelled: its own is taken, or nobody has the lead.")
        elif model is not LeadAssignment or with_owner:
            rows.insert(model, waiting[model.__tablename__])
        if model is Lead:
            is_whole &= sum(_enquiry_back(one, lead_id) for one in kept["enquiries"]) == len(kept["enquiries"])
    rows.insert(Merge, waiting["merges"])
    is_whole &= drawer.tell_apart_again(waiting["distinctions"]) == len(waiting["distinctions"])
    for name, ids in kept["pointed"].items():
        is_whole &= drawer.point_back(name, ids, lead_id) == len(ids)
    if not is_whole:
        yield _("Something that belonged to it was removed since.")


def _enquiry_back(was: dict, lead_id: UUID) -> bool:
    """The enquiry is on its lead as it was; False where it is gone."""
    mine = update(Enquiry).where(Enquiry.enquiry_id == UUID(was["enquiry_id"])).returning(Enquiry.enquiry_id)
    values = {name: was[name] for name in STATE} | {"lead_id": lead_id, "broker_lead_id": None}
    return _write(mine.values(values)).scalar() is not None


def _follow_ups_back(waiting: list[dict], *, with_owner: bool) -> bool:
    """Insert them, open ones at their time or the next that is free, if somebody has the lead. Is all as it was?"""
    is_open = {row["task_id"]: TaskStatus(row["status"]) in OPEN_TASKS for row in waiting}
    rows.insert(FollowUpTask, [row for row in waiting if not is_open[row["task_id"]]])
    opened = sorted((row for row in waiting if is_open[row["task_id"]]), key=lambda row: row["due_date"])
    if not with_owner:
        rows.insert(FollowUpTask, [row | _cancelled() for row in opened])
        return not opened
    for agent_id in sorted({row["agent_id"] for row in opened}):
        locks.calendar(UUID(agent_id))
    return sum(_in_time(row) for row in opened) == len(opened)


def _in_time(row: dict) -> bool:
    wish = datetime.fromisoformat(row["due_date"])
    due_date = tasks.next_free_slot(UUID(row["agent_id"]), wish)
    rows.insert(FollowUpTask, [row | {"due_date": due_date.isoformat()}])
    return due_date == wish


def _cancelled() -> dict:
    now = db.session.scalars(select(func.now())).one()
    return {"status": TaskStatus.COMPLETED, "cancelled_at": now.isoformat(), "cancel_reason": _("Nobody has the lead")}


def _same_person(lead_id: UUID) -> Iterator[str]:
    """Who called from its number meanwhile has a lead of their own."""
    mine, other = aliased(Lead), aliased(Lead)
    query = select(other.number).join(mine, mine.phone == other.phone)
    since = query.where(mine.lead_id == lead_id, other.lead_id != lead_id).order_by(other.number)
    for number in db.session.scalars(since):
        yield _("#%(number)s has the same phone number.", number=number)


def _write(statement):
    return db.session.execute(statement.execution_options(synchronize_session=False))
