"""The call register: every call that was logged, as a list and as rows of a file. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.clock import DUBAI
from webapp.extensions import db
from webapp.models import Agent, Enquiry, Lead, LeadActivity, User
from webapp.models.leads import full_name
from webapp.vocabulary import ActivityType, CallResult, Channel, ContactOrigin

SHOWN, AT_ONCE, A_PART = 50, 10_000, 500

_before = aliased(LeadActivity)
_LAST = LeadActivity.activity_at - LeadActivity.pause
"""When they had been in contact before; none for the first contact."""
_ENQUIRED = exists().where(
    Enquiry.lead_id == LeadActivity.lead_id,
    Enquiry.channel != Channel.FILE,
    Enquiry.received_at <= LeadActivity.activity_at,
    Enquiry.received_at > _LAST,
)
_CALLED_BACK = exists().where(
    _before.lead_id == LeadActivity.lead_id,
    _before.activity_at == _LAST,
    _before.struck_at.is_(None),
    _before.call_result == CallResult.CALLBACK_REQUESTED,
)
_FROM_A_FILE = exists().where(Enquiry.lead_id == LeadActivity.lead_id, Enquiry.channel == Channel.FILE)
_FIRST_ENQUIRED = exists().where(
    Enquiry.lead_id == LeadActivity.lead_id,
    Enquiry.channel != Channel.FILE,
    Enquiry.received_at <= LeadActivity.activity_at,
)
ORIGIN = case(
    (LeadActivity.struck_at.is_not(None), None),
    (
        or_(
            and_(LeadActivity.pause.is_(None), or_(~_FROM_A_FILE, _FIRST_ENQUIRED)),
            and_(LeadActivity.pause.is_not(None), or_(_ENQUIRED, _CALLED_BACK)),
        ),
        ContactOrigin.ENQUIRY.value,
    ),
    else_=ContactOrigin.MARKETING.value,
)
"""Whether a call answered an enquiry or was marketing: what the contact guard said when it was made."""


@dataclass(frozen=True)
class Filters:
    """Which calls are wanted; what is empty narrows nothing. `until` itself is left out."""

    since: datetime | None = None
    until: datetime | None = None
    agent_id: UUID | None = None
    result: CallResult | None = None


@dataclass(frozen=True)
class Called:
    """One call: when, who made it for which agent, to whom, what came of it, and what it was."""

    at: datetime
    lead_id: UUID
    number: int
    name: str
    phone: str
    """Empty where the person was erased."""
    who: str
    agent: str
    result: CallResult | None
    origin: ContactOrigin | None
    """None where the call was struck out."""


def page(filters: Filters) -> list[Called]:
    """The latest fifty of these calls."""
    return [_called(row) for row in db.session.execute(_newest(SHOWN, filters))]


def count(filters: Filters) -> int:
    """How many of these calls there are, counted up to one more than fit into a file."""
    some = select(LeadActivity.activity_id).where(*_narrowed(filters)).limit(AT_ONCE + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(some)).one()


def rows(filters: Filters) -> Iterator[list]:
    """The headings, then a row a call, the newest first; moments are Dubai's. Notes are left out."""
    yield [
        _("When"),
        _("Who"),
        _("Agent"),
        _("Phone number"),
        _("Lead"),
        _("Result of the call"),
        _("Reason for the call"),
        _("Struck out"),
    ]
    query = _newest(AT_ONCE, filters).execution_options(yield_per=A_PART)
    for part in db.session.execute(query).partitions():
        for row in part:
            yield _line(_called(row))


def _newest(most: int, filters: Filters) -> Select:
    # They are chosen first: what each of them was is then looked up for so many, not prepared for all there are.
    newest = LeadActivity.activity_at.desc(), LeadActivity.activity_id.desc()
    wanted = select(LeadActivity.activity_id).where(*_narrowed(filters)).order_by(*newest).limit(most)
    named = Lead.first_name, Lead.last_name, Lead.erased_at
    query = (
        select(
            LeadActivity.activity_at,
            LeadActivity.lead_id,
            LeadActivity.call_result,
            Lead.number,
            *named,
            Lead.phone,
            User.name.label("user_name"),
            Agent.full_name,
            ORIGIN.label("origin"),
        )
        .join(Lead, Lead.lead_id == LeadActivity.lead_id)
        .join(Agent, Agent.agent_id == LeadActivity.agent_id)
        .outerjoin(User, User.user_id == LeadActivity.logged_by)
        .where(LeadActivity.activity_id.in_(wanted))
    )
    return query.order_by(*newest)


def _narrowed(filters: Filters) -> Iterator[ColumnElement[bool]]:
    yield LeadActivity.type == ActivityType.CALL
    if filters.since:
        yield LeadActivity.activity_at >= filters.since
    if filters.until:
        yield LeadActivity.activity_at < filters.until
    if filters.agent_id:
        yield LeadActivity.agent_id == filters.agent_id
    if filters.result:
        yield LeadActivity.call_result == filters.result


def _called(row: Row) -> Called:
    return Called(
        at=row.activity_at,
        lead_id=row.lead_id,
        number=row.number,
        name=_("Erased person") if row.erased_at else full_name(row.first_name, row.last_name),
        phone=row.phone,
        who=row.user_name or row.full_name,
        agent=row.full_name,
        result=row.call_result,
        origin=ContactOrigin(row.origin) if row.origin else None,
    )


def _line(call: Called) -> list:
    return [
        call.at.astimezone(DUBAI).replace(tzinfo=None, microsecond=0),
        call.who,
        call.agent,
        call.phone or None,
        call.number,
        str(call.result.label) if call.result else None,
        str(call.origin.label) if call.origin else None,
        None if call.origin else _("yes"),
    ]
