"""Which leads a list is narrowed to and in which order they come: one answer for list, board, counts and exports."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
)

from webapp import phones
from webapp.models import Agent, Lead, LeadAssignment, LeadConversionHistory
from webapp.models.merges import reached_by
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.leads.attention import why
from webapp.vocabulary import CLOSED, Attention, Fit, LeadOrder, LostBecause, PropertyType, Source, Status, Wait

SHORTEST_FRAGMENT = 4
TELLING = 7
"""So many digits at its end tell a number from nearly all others."""

# As the indexes of open and of closed leads say it, word for word, so that a prepared statement finds it too.
OPEN = text("leads.status NOT IN ('converted', 'lost')")
CLOSED_ALREADY = text("leads.status IN ('converted', 'lost')")

NEVER = literal("infinity").cast(DateTime(timezone=True))
ORDERS: dict[LeadOrder, tuple[bool, tuple[Any, ...]]] = {
    LeadOrder.NEWEST: (True, (Lead.created_at, Lead.lead_id)),
    LeadOrder.OLDEST: (False, (Lead.created_at, Lead.lead_id)),
    LeadOrder.SCORE: (True, (Lead.score, Lead.created_at, Lead.lead_id)),
    LeadOrder.NEXT_STEP: (False, (func.coalesce(Lead.next_step_at, text("'infinity'")), Lead.lead_id)),
    LeadOrder.SILENT: (False, (func.coalesce(Lead.last_contact_at, Lead.created_at), Lead.lead_id)),
}
"""By order: whether it goes downwards, and its columns, which no two leads share."""

FITS = or_(
    cast(Lead.property_type, Text) == any_(Agent.specialization_property_type),
    Agent.specialization_areas.overlap(Lead.preferred_areas),
)
"""The agent is specialised in the lead's property type or in one of its areas."""


@dataclass(frozen=True)
class Filters:
    """What a list of leads is narrowed to; None or empty means anything. Moments: from (inclusive) to (exclusive)."""

    q: str = ""
    status: tuple[Status, ...] = ()
    source_type: tuple[Source, ...] = ()
    property_type: tuple[PropertyType, ...] = ()
    no_property_type: bool = False
    area: str = ""
    owner: UUID | None = None
    unassigned: bool = False
    score_min: int | None = None
    score_max: int | None = None
    budget_min: Decimal | None = None
    budget_max: Decimal | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    contacted_from: datetime | None = None
    contacted_to: datetime | None = None
    converted_from: datetime | None = None
    converted_to: datetime | None = None
    never_contacted: bool = False
    answered_by_owner: bool = False
    first_answer: tuple[Wait, ...] = ()
    fit: Fit | None = None
    reached: Status | None = None
    lost_because: tuple[LostBecause, ...] = ()
    overdue: bool = False
    no_next_step: bool = False
    attention: Attention | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()

    @property
    def is_open(self) -> bool:
        """Whether only active leads are left: without a next step, late with it, those that need a manager, of such a
        status, or nobody's where no status is said."""
        asked = self.no_next_step or self.overdue or self.attention is not None
        if self.status:
            return asked or not set(self.status) & set(CLOSED)
        return asked or self.unassigned

    @property
    def is_closed(self) -> bool:
        """Whether only closed leads are left."""
        return bool(self.status) and set(self.status) <= set(CLOSED)


def narrowed(filters: Filters, *, by: Actor) -> Select:
    """The ids of the leads that `by` may see and the filters leave."""
    return select(Lead.lead_id).where(access.leads(by=by), *_conditions(filters))


def ordered(query: Select, order: LeadOrder) -> Select:
    """The query's leads in this order."""
    downwards, columns = ORDERS[order]
    return query.order_by(*(column.desc() if downwards else column.asc() for column in columns))


def following(query: Select, order: LeadOrder, key: str | None) -> Select:
    """What comes after the lead that `key` was made of; everything where it is none, or of another order."""
    values = _read(order, key)
    if values is None:
        return query
    downwards, columns = ORDERS[order]
    here, there = tuple_(*columns), tuple_(*values)
    return query.where(here < there if downwards else here > there)


def key_of(lead: Lead, order: LeadOrder) -> str:
    """The lead's place in this order, as an address can hold it."""
    moment = {
        LeadOrder.NEXT_STEP: lead.next_step_at,
        LeadOrder.SILENT: lead.last_contact_at or lead.created_at,
    }.get(order, lead.created_at)
    place = (moment.isoformat() if moment else "infinity", str(lead.lead_id))
    return "~".join((order, *([str(lead.score)] if order == LeadOrder.SCORE else []), *place))


def _read(order: LeadOrder, key: str | None) -> list | None:
    try:
        name, *numbers, moment, lead_id = (key or "").split("~")
        if name != order or len(numbers) != (order == LeadOrder.SCORE):
            return None
        at = NEVER if moment == "infinity" else literal(datetime.fromisoformat(moment), DateTime(timezone=True))
        return [*(int(number) for number in numbers), at, UUID(lead_id)]
    except ValueError:
        return None


def _conditions(filters: Filters):
    if filters.q:
        yield _search(filters.q)
    if filters.is_open:
        yield OPEN
    if filters.is_closed:
        yield CLOSED_ALREADY
    yield from _one_of(Lead.status, filters.status)
    yield from _one_of(Lead.source_type, filters.source_type)
    if filters.no_property_type:
        yield or_(Lead.property_type.is_(None), *_one_of(Lead.property_type, filters.property_type))
    else:
        yield from _one_of(Lead.property_type, filters.property_type)
    if filters.area:
        yield Lead.preferred_areas.contains([filters.area])
    if filters.owner:
        yield Lead.owner_id == filters.owner
    if filters.unassigned:
        yield Lead.owner_id.is_(None)
    yield from _between(Lead.score, filters.score_min, filters.score_max)
    yield from _between(Lead.budget_max, filters.budget_min, filters.budget_max)
    yield from within(Lead.created_at, filters.created_from, filters.created_to)
    yield from within(Lead.last_contact_at, filters.contacted_from, filters.contacted_to)
    # Nobody is spoken with before they come in: the newest leads need no look.
    yield from within(Lead.created_at, None, filters.contacted_to)
    if filters.converted_from or filters.converted_to:
        yield _converted(filters.converted_from, filters.converted_to)
    if filters.never_contacted:
        yield Lead.last_contact_at.is_(None)
    if filters.answered_by_owner:
        yield exists().where(LeadAssignment.lead_id == Lead.lead_id, Lead.first_contact_at >= LeadAssignment.since)
    if filters.first_answer:
        yield or_(*(waited(Lead.first_contact_at - Lead.created_at, wait) for wait in filters.first_answer))
    if filters.fit:
        yield Lead.owner_id.is_not(None)
        yield is_specialised() if filters.fit == Fit.SPECIALISED else ~is_specialised()
    if filters.reached and filters.reached != Status.NEW:
        yield _moved(filters.reached)
    if filters.lost_because:
        yield or_(*(_moved(Status.LOST, _reason(word)) for word in filters.lost_because))
    if filters.overdue:
        yield Lead.next_step_at < func.now()
    if filters.no_next_step:
        yield Lead.next_step_at.is_(None)
    if filters.attention:
        yield why() == filters.attention


def _one_of(column, words):
    if words:
        yield column == words[0] if len(words) == 1 else column.in_(words)


def _between(column, least, most):
    if least is not None:
        yield column >= least
    if most is not None:
        yield column <= most


def within(column, begin, end):
    """The conditions for a moment from (inclusive) to (exclusive); None is no end."""
    if begin is not None:
        yield column >= begin
    if end is not None:
        yield column < end


def waited(took, wait: Wait) -> ColumnElement[bool]:
    """It took so long."""
    over, up_to = (None if hours is None else timedelta(hours=hours) for hours in wait.hours)
    return and_(
        took.is_not(None),
        *([took > over] if over is not None else []),
        *([took <= up_to] if up_to is not None else []),
    )


def is_specialised() -> ColumnElement[bool]:
    """The lead's owner is specialised in its property type or in one of its areas."""
    return exists().where(Agent.agent_id == Lead.owner_id, FITS)


def _converted(begin, end) -> ColumnElement[bool]:
    """The deal was made then. That the status says so too lets an index find the few that have one."""
    made = LeadConversionHistory
    dates = within(made.changed_at, begin, end)
    return (Lead.status == Status.CONVERTED) & exists().where(
        made.lead_id == Lead.lead_id, made.status_to == Status.CONVERTED, *dates
    )


def _moved(status: Status, *how) -> ColumnElement[bool]:
    """The lead has come to this status since it came in, the first time like this; it may have left it."""
    made = LeadConversionHistory
    return exists().where(made.lead_id == Lead.lead_id, made.status_to == status, made.is_first, *how)


def _reason(word: LostBecause) -> ColumnElement[bool]:
    said = LeadConversionHistory.lost_reason
    return said.is_(None) if word == LostBecause.NONE else cast(said, Text) == word.value


def _search(q: str) -> ColumnElement[bool]:
    """#number; a phone number in any spelling, or four digits and more; else beginnings of names, or an e-mail."""
    digits = phones.digits(q)
    if q.startswith("#") and digits:
        return Lead.number == int(digits[:18])
    if any(letter.isalpha() for letter in q):
        return Lead.words.op("@@")(func.words_typed(q))
    e164 = phones.to_e164(q)
    fragments = {digits for digits in (digits, digits.lstrip("0")) if len(digits) >= SHORTEST_FRAGMENT}
    return or_(reached_by(e164) if e164 else false(), *(_has_digits(digits) for digits in fragments))


def _has_digits(digits: str) -> ColumnElement[bool]:
    """The windows find the candidates by index; the whole fragment decides.

    Of a long one the end is enough; its beginning, the country's code, is in nearly every number.
    """
    windows = func.phone_windows(digits[-TELLING:])
    return func.phone_windows(Lead.phone).op("@>")(windows) & Lead.phone.contains(digits)
