"""Enquiries as lists and pages show them: what came, what became of it, and what waits for whom."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import BrokerLead, Delivery, Enquiry, Lead
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.enquiries import brokers
from webapp.vocabulary import WAITING_STATES, Channel, EnquiryState, Source, Why

AT_ONCE, FEW = 50, 6
WAITS = Enquiry.state.in_(WAITING_STATES)


@dataclass(frozen=True)
class Filters:
    """Which enquiries a list shows; what is empty narrows nothing."""

    states: Iterable[EnquiryState] = ()
    sources: Iterable[Source] = ()


@dataclass(frozen=True)
class Page:
    """Up to fifty enquiries, the newest first, and the place from which the next ones are asked for."""

    rows: list[tuple[Enquiry, bool]]
    """Each with whether its lead may be opened."""
    after: str | None


@dataclass(frozen=True)
class Shown:
    """One enquiry with all that was delivered of it, its lead and who may be the same person."""

    enquiry: Enquiry
    may_open: bool
    deliveries: list[Delivery]
    alike: list[Lead]
    takes_lead: bool
    """Whether its lead goes whole where it is a broker's."""
    may_bring_back: bool


@dataclass(frozen=True)
class OneWaiting:
    """An enquiry that waits, as first pages show it."""

    enquiry_id: UUID
    name: str | None
    source_type: Source
    channel: Channel
    received_at: datetime
    why: Why | None


@dataclass(frozen=True)
class Waiting:
    """How many enquiries wait for somebody, and those that wait longest."""

    count: int = 0
    rows: list[OneWaiting] = field(default_factory=list)


def page(filters: Filters, *, by: Actor, after: str | None = None) -> Page:
    """The enquiries that `by` may review, from this place on; a place that cannot be read is the newest."""
    conditions = [access.enquiries(by=by)]
    if states := tuple(filters.states):
        conditions.append(Enquiry.state.in_(states))
    if sources := tuple(filters.sources):
        conditions.append(Enquiry.source_type.in_(sources))
    if place := _place(after):
        conditions.append(tuple_(Enquiry.received_at, Enquiry.enquiry_id) < tuple_(*place))
    query = (
        select(Enquiry, access.leads(by=by).label("mine"))
        .outerjoin(Lead, Lead.lead_id == Enquiry.lead_id)
        .where(*conditions)
        .options(joinedload(Enquiry.lead), joinedload(Enquiry.owner))
        .order_by(Enquiry.received_at.desc(), Enquiry.enquiry_id.desc())
        .limit(AT_ONCE + 1)
    )
    found = [(enquiry, bool(enquiry.lead_id and mine)) for enquiry, mine in db.session.execute(query)]
    more = len(found) > AT_ONCE
    return Page(found[:AT_ONCE], _word(found[AT_ONCE - 1][0]) if more else None)


def shown(enquiry_id: UUID, *, by: Actor) -> Shown:
    """The enquiry, if `by` may see it, with what was delivered of it, the newest first."""
    aside = joinedload(Enquiry.broker_lead).joinedload(BrokerLead.setter)
    options = joinedload(Enquiry.lead), joinedload(Enquiry.owner), aside
    enquiry = access.enquiry(enquiry_id, by=by, options=options)
    of_this = select(Delivery).where(Delivery.enquiry_id == enquiry_id).order_by(Delivery.received_at.desc())
    worked_with = brokers.worked_with(enquiry_id).label("worked_with")
    mine = select(worked_with).where(Lead.lead_id == enquiry.lead_id, access.leads(by=by))
    lead = db.session.execute(mine).one_or_none() if enquiry.lead_id else None
    return Shown(
        enquiry,
        may_open=lead is not None,
        deliveries=list(db.session.scalars(of_this.limit(AT_ONCE))),
        alike=_alike(enquiry, by) if enquiry.waits and (enquiry.email or enquiry.whatsapp_username) else [],
        takes_lead=lead is not None
        and enquiry.state == EnquiryState.CAPTURED
        and (lead.worked_with or enquiry.phone_e164 is None),
        may_bring_back=enquiry.state == EnquiryState.IGNORED
        and (enquiry.broker_lead is None or by.sees_all_leads or enquiry.broker_lead.agent_id == by.agent_id)
        and enquiry.erased_at is None,
    )


def waiting_of(*, by: Actor):
    """The enquiries that wait for `by`, as an expression for a query that is made anyway; `Waiting` reads it."""
    mine = select(Enquiry).where(WAITS, access.enquiries(by=by))
    longest = mine.order_by(Enquiry.received_at, Enquiry.enquiry_id).limit(FEW).subquery()
    row = func.jsonb_build_array(
        longest.c.enquiry_id,
        longest.c.name,
        longest.c.source_type,
        longest.c.channel,
        longest.c.received_at,
        longest.c.why,
    )
    rows = select(func.jsonb_agg(aggregate_order_by(row, longest.c.received_at))).scalar_subquery()
    count = select(func.count()).select_from(mine.subquery()).scalar_subquery()
    return func.jsonb_build_array(count, rows)


def read_waiting(found) -> Waiting:
    """What `waiting_of` found."""
    count, rows = found
    return Waiting(
        count,
        [
            OneWaiting(
                UUID(enquiry_id),
                name,
                Source.stored(source),
                Channel.stored(channel),
                datetime.fromisoformat(received_at),
                Why.stored(why) if why else None,
            )
            for enquiry_id, name, source, channel, received_at, why in rows or ()
        ],
    )


def _alike(enquiry: Enquiry, by: Actor) -> list[Lead]:
    """Leads that may be of the same person: by e-mail, then by WhatsApp username; never by name."""
    same: ColumnElement[bool] = false()
    if enquiry.email:
        same = Lead.words.bool_op("@@")(func.words_typed(enquiry.email)) & (
            func.lower(Lead.email) == enquiry.email.lower()
        )
    elif enquiry.whatsapp_username:
        of_name = Enquiry.source_type == enquiry.source_type, Enquiry.whatsapp_username == enquiry.whatsapp_username
        same = Lead.lead_id.in_(select(Enquiry.lead_id).where(*of_name))
    query = select(Lead).where(access.leads(by=by), same).order_by(Lead.created_at.desc()).limit(3)
    return list(db.session.scalars(query))


def _word(enquiry: Enquiry) -> str:
    at = enquiry.received_at.astimezone(UTC).isoformat()
    return urlsafe_b64encode(f"{at}~{enquiry.enquiry_id}".encode()).decode().rstrip("=")


def _place(word: str | None) -> tuple[datetime, UUID] | None:
    try:
        at, _tilde, enquiry_id = urlsafe_b64decode(f"{word or ''}==").decode().partition("~")
        moment = datetime.fromisoformat(at)
        return (moment, UUID(enquiry_id)) if moment.tzinfo == UTC else None
    except ValueError:
        return None
