"""The list of leads: filters, search, keyset pages, counts. Reads only."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from webapp import phones
from webapp.extensions import db
from webapp.models import FollowUpTask, Lead, LeadActivity, LeadAssignment
from webapp.services import access
from webapp.services.access import Actor
from webapp.vocabulary import CLOSED, OPEN_TASKS, Source, Status, TaskType

PAGE = 25
SHORTEST_FRAGMENT = 4


@dataclass(frozen=True)
class Filters:
    """What a list of leads is narrowed to; None or empty means anything."""

    q: str = ""
    status: tuple[Status, ...] = ()
    source_type: tuple[Source, ...] = ()
    owner: UUID | None = None
    unassigned: bool = False
    created_from: datetime | None = None
    created_to: datetime | None = None
    contacted_from: datetime | None = None
    overdue: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()


@dataclass(frozen=True)
class Row:
    """One line of the list: the lead, its next step and its last contact."""

    lead: Lead
    next_due: datetime | None
    next_type: TaskType | None
    contacted_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Some lines of the list and the key of the next ones, None at the end."""

    rows: list[Row] = field(default_factory=list)
    after: str | None = None


def find(lead_id: UUID, *, by: Actor) -> Lead:
    """The lead alone, if `by` may see it."""
    return access.lead(lead_id, by=by)


def page(filters: Filters, *, by: Actor, after: str | None = None) -> Page:
    """Newest first, 25 at a time, in one round trip; `after` is the key of an earlier page."""
    query, order = _seen(select(Lead, *_steps()), filters, by)
    query = query.options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent)).limit(PAGE + 1)
    query = query.order_by(*(column.desc() for column in order))
    if key := _key(after):
        query = query.where(tuple_(*order) < tuple_(*key))
    rows = [Row(*row) for row in db.session.execute(query)]
    more = len(rows) > PAGE
    last = rows[PAGE - 1].lead if more else None
    return Page(rows[:PAGE], f"{last.created_at.isoformat()}_{last.lead_id}" if last else None)


def count(filters: Filters, *, by: Actor, at_most: int = 1000) -> int:
    """How many leads the filters leave, counted up to `at_most` + 1."""
    some = _seen(select(Lead.lead_id), filters, by)[0].limit(at_most + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(some)).one()


def unanswered(*, by: Actor, limit: int = 20) -> list[Lead]:
    """The newest leads that nobody has contacted yet, among those `by` may see."""
    query = (
        select(Lead)
        .where(access.leads(by=by), Lead.status == Status.NEW)
        .options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
        .order_by(Lead.created_at.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _seen(query: Select, filters: Filters, by: Actor) -> tuple[Select, tuple]:
    """`query` narrowed to what `by` may see and the filters leave, and the columns of its order.

    The leads of one owner are walked along that owner's index, however few or many they are.
    """
    query = query.where(*_conditions(filters))
    owners = {owner for owner in (access.only_owner(by), filters.owner) if owner}
    if not owners:
        return query.where(access.leads(by=by)), (Lead.created_at, Lead.lead_id)
    query = query.join(LeadAssignment).where(*(LeadAssignment.agent_id == owner for owner in owners))
    return query, (LeadAssignment.lead_created_at, LeadAssignment.lead_id)


def _conditions(filters: Filters):
    if filters.q:
        yield _search(filters.q)
    if filters.status:
        yield Lead.status.in_(filters.status)
    if filters.source_type:
        yield Lead.source_type.in_(filters.source_type)
    if filters.unassigned:
        yield Lead.status.not_in(CLOSED) & ~Lead.assignment.has()
    if filters.created_from:
        yield Lead.created_at >= filters.created_from
    if filters.created_to:
        yield Lead.created_at < filters.created_to
    if filters.contacted_from:
        yield Lead.activities.any(
            (LeadActivity.activity_at >= filters.contacted_from) & LeadActivity.struck_at.is_(None)
        )
    if filters.overdue:
        yield Lead.tasks.any(FollowUpTask.status.in_(OPEN_TASKS) & (FollowUpTask.due_date < func.now()))


def _search(q: str):
    """A whole phone number in any spelling, four digits and more of one, or #number."""
    if q.startswith("#") and phones.digits(q):
        return Lead.number == int(phones.digits(q)[:18])
    e164, typed = phones.to_e164(q), phones.digits(q)
    fragments = {digits for digits in (typed, typed.lstrip("0")) if len(digits) >= SHORTEST_FRAGMENT}
    return or_(Lead.phone == e164 if e164 else false(), *(_has_digits(digits) for digits in fragments))


def _has_digits(digits: str):
    """The windows find the candidates by index; the whole fragment decides."""
    return func.phone_windows(Lead.phone).op("@>")(func.phone_windows(digits)) & Lead.phone.contains(digits)


def _steps():
    """The next open follow-up's time and type, and the last contact, as columns beside each lead."""
    next_step = (
        select(FollowUpTask)
        .where(FollowUpTask.lead_id == Lead.lead_id, FollowUpTask.status.in_(OPEN_TASKS))
        .order_by(FollowUpTask.due_date)
        .limit(1)
    )
    last_contact = (
        select(LeadActivity.activity_at)
        .where(LeadActivity.lead_id == Lead.lead_id, LeadActivity.struck_at.is_(None))
        .order_by(LeadActivity.activity_at.desc())
        .limit(1)
    )
    return (
        next_step.with_only_columns(FollowUpTask.due_date).scalar_subquery(),
        next_step.with_only_columns(FollowUpTask.type).scalar_subquery(),
        last_contact.scalar_subquery(),
    )


def _key(after: str | None) -> tuple[datetime, UUID] | None:
    moment, _sep, lead_id = (after or "").partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(lead_id)
    except ValueError:
        return None
