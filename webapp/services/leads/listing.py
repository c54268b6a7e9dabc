"""The list of leads: filters, search, keyset pages, counts. Reads only."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, any_, false, func, or_, select, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import defer, joinedload

from webapp import phones
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.models import FollowUpTask, Lead, LeadActivity, LeadAssignment
from webapp.services import access
from webapp.services.access import Actor
from webapp.transaction import release
from webapp.vocabulary import CLOSED, OPEN_TASKS, Source, Status, TaskType

PAGE = 25
CUT_OFF = "57014"  # by the statement time-out
SHORTEST_FRAGMENT = 4
TELLING = 7
"""So many digits at its end tell a number from nearly all others."""


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

    @property
    def is_open(self) -> bool:
        """Whether only active leads are left: nobody's, or of such a status."""
        return self.unassigned or (bool(self.status) and not set(self.status) & set(CLOSED))


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
    narrowed, order = _narrowed(filters, by)
    if key := _key(after):
        narrowed = narrowed.where(tuple_(*order) < tuple_(*key))
    newest = narrowed.order_by(*(column.desc() for column in order)).limit(PAGE + 1).correlate(None)
    rows = [Row(*row) for row in _in_time(by_key(newest))]
    more = len(rows) > PAGE
    last = rows[PAGE - 1].lead if more else None
    return Page(rows[:PAGE], f"{last.created_at.isoformat()}_{last.lead_id}" if last else None)


def by_key(lead_ids) -> Select:
    """The lines of these leads, newest first. Nothing is looked up beside a lead that is not shown."""
    return (
        select(Lead, *_steps())
        .where(Lead.lead_id.in_(lead_ids))
        .options(
            joinedload(Lead.assignment).options(defer(LeadAssignment.explanation), joinedload(LeadAssignment.agent))
        )
        .order_by(Lead.created_at.desc(), Lead.lead_id.desc())
    )


def count(filters: Filters, *, by: Actor, at_most: int = 1000) -> int:
    """How many leads the filters leave, counted up to `at_most` + 1."""
    some = _narrowed(filters, by)[0].limit(at_most + 1).subquery()
    return _in_time(select(func.count()).select_from(some)).scalar_one()


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


def _narrowed(filters: Filters, by: Actor) -> tuple[Select, tuple]:
    """The ids of the leads that `by` may see and the filters leave, and the columns of their order.

    The leads of one owner are walked along that owner's index, however few or many they are; what only open leads
    can have is asked of those fifty alone.
    """
    owners = {owner for owner in (access.only_owner(by), filters.owner) if owner}
    if not owners:
        query = select(Lead.lead_id).where(access.leads(by=by), *_conditions(filters, Lead.created_at))
        return query, (Lead.created_at, Lead.lead_id)
    order = (LeadAssignment.lead_created_at, LeadAssignment.lead_id)
    query = select(LeadAssignment.lead_id).join(Lead, Lead.lead_id == LeadAssignment.lead_id)
    query = query.where(*(LeadAssignment.agent_id == owner for owner in owners))
    query = query.where(*_conditions(filters, order[0], owners))
    return (query.where(LeadAssignment.is_active) if filters.is_open else query), order


def _conditions(filters: Filters, came, owners=()):
    """What the filters say of a lead; `came` is the column of its capture, `owners` those it is narrowed to."""
    if filters.q:
        yield _search(filters.q)
    if filters.status:
        yield Lead.status.in_(filters.status)
    if filters.source_type:
        yield Lead.source_type.in_(filters.source_type)
    if filters.unassigned:
        yield Lead.status.not_in(CLOSED) & ~Lead.assignment.has()
    if filters.created_from:
        yield came >= filters.created_from
    if filters.created_to:
        yield came < filters.created_to
    if filters.contacted_from:
        yield Lead.activities.any(
            (LeadActivity.activity_at >= filters.contacted_from) & LeadActivity.struck_at.is_(None)
        )
    if filters.overdue:
        yield Lead.lead_id == _overdue(owners)


def _overdue(owners):
    """The leads with an open follow-up that is past due; as an array, so that these few are looked up one by one."""
    late = select(FollowUpTask.lead_id).where(FollowUpTask.status.in_(OPEN_TASKS), FollowUpTask.due_date < func.now())
    if owners:
        late = late.where(FollowUpTask.agent_id.in_(owners))
    return any_(func.array(late.scalar_subquery()))


def _search(q: str):
    """A whole phone number in any spelling, four digits and more of one, or #number."""
    if q.startswith("#") and phones.digits(q):
        return Lead.number == int(phones.digits(q)[:18])
    e164, typed = phones.to_e164(q), phones.digits(q)
    fragments = {digits for digits in (typed, typed.lstrip("0")) if len(digits) >= SHORTEST_FRAGMENT}
    return or_(Lead.phone == e164 if e164 else false(), *(_has_digits(digits) for digits in fragments))


def _has_digits(digits: str):
    """The windows find the candidates by index; the whole fragment decides.

    Of a long one the end is enough; its beginning, the country's code, is in nearly every number.
    """
    windows = func.phone_windows(digits[-TELLING:])
    return func.phone_windows(Lead.phone).op("@>")(windows) & Lead.phone.contains(digits)


def _in_time(query: Select):
    """What the query finds; `Unavailable` (`too_slow`) with a sentence where that takes longer than a page may."""
    try:
        return db.session.execute(query)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != CUT_OFF:
            raise
        release()
        sentence = _("That takes too long among so many leads. Refine your filter and try again.")
        raise Unavailable(sentence, code="too_slow") from error


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
