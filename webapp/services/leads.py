"""Leads: from enquiry to owned lead in one transaction (R1), duplicates (R2), the list, amending, opening again."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from webapp import areas, phones
from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Enquiry, FollowUpTask, Lead, LeadActivity, LeadAssignment, LeadSource
from webapp.services import access, assignments, audit, notifications, scoring
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import (
    OPEN_TASKS,
    Channel,
    EnquiryState,
    Language,
    NoticeKind,
    PropertyType,
    Purpose,
    Source,
    SpokenLanguage,
    Status,
    TaskType,
)

WINDOW = timedelta(hours=24)
HIGHEST_BUDGET = Decimal(500_000_000)
PAGE = 25
SHORTEST_FRAGMENT = 4


@dataclass(frozen=True)
class Details:
    """What is known of a person and their search. Only phone and source are required (R1)."""

    phone: str
    source_type: Source
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    nationality: str | None = None
    language_preference: Language | None = None
    spoken_language: SpokenLanguage | None = None
    budget_min: Decimal | None = None
    budget_max: Decimal | None = None
    property_type: PropertyType | None = None
    preferred_areas: tuple[str, ...] = ()
    purpose: Purpose | None = None
    bedrooms: int | None = None
    consent: bool = False


@dataclass(frozen=True)
class Origin:
    """How the enquiry came: its channel, words, campaign, referrer and property."""

    channel: Channel = Channel.BY_HAND
    message: str = ""
    campaign_id: str | None = None
    referrer_agent_id: UUID | None = None
    property_id: UUID | None = None
    utm_source: str | None = None


@dataclass(frozen=True)
class Capture:
    """What became of an enquiry: a new lead, or the lead it was added to."""

    lead: Lead
    enquiry: Enquiry
    created: bool
    assignment: LeadAssignment | None = None


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


@transactional
def capture(details: Details, origin: Origin, *, by: Actor) -> Capture:
    """Turn an enquiry into an owned, scored lead with its first follow-up, or add it to the lead it repeats.

    A repeat is the same phone from the same source within 24 hours (R2). Where no agent has room the lead is
    captured unassigned and the managers are told. Nothing is kept when anything is refused.
    """
    details = checked(details)
    locks.phone(details.phone)
    if repeated := _repeated(details):
        return _attach(repeated, origin, by)
    lead = _insert(details, origin)
    enquiry = _enquiry(lead, origin, EnquiryState.CAPTURED, by)
    scoring.score_details(lead)
    assignment = assignments.give(lead, by=by)
    audit.record(
        "leads.capture",
        by=by,
        lead_id=lead.lead_id,
        after={"source_type": lead.source_type, "number": lead.number},
    )
    return Capture(lead, enquiry, created=True, assignment=assignment)


@transactional
def amend(lead_id: UUID, details: Details, *, by: Actor, version: int) -> Lead:
    """Change a lead's details and score them anew. Where somebody saved in between, `stale` carries the lead."""
    details = checked(details)
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.version != version:
        raise Conflict(_("Somebody changed this lead meanwhile. Compare, then save again."), code="stale", lead=lead)
    before = _facts(lead)
    for name, value in _columns(details).items():
        setattr(lead, name, value)
    lead.version += 1
    db.session.flush()
    scoring.score_details(lead)
    after = _facts(lead)
    changed = [name for name in before if before[name] != after[name]]
    audit.record(
        "leads.amend",
        by=by,
        lead_id=lead_id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return lead


@transactional
def open_again(lead_id: UUID, *, by: Actor) -> Lead:
    """A new lead of the same person, linked to this closed one: a person's act, outside R2's window (R8)."""
    closed = access.lead(lead_id, by=by, lock=True)
    if not closed.status.is_closed:
        raise Conflict(_("This lead is still open."), code="stale")
    details = Details(**{f.name: getattr(closed, f.name) for f in fields(Details) if f.name != "consent"})
    details = replace(details, preferred_areas=tuple(closed.preferred_areas or ()))
    origin = Origin(channel=Channel.BY_HAND)
    lead = _insert(details, origin)
    lead.reopened_from, lead.consent_at = lead_id, closed.consent_at
    _enquiry(lead, origin, EnquiryState.CAPTURED, by)
    scoring.score_details(lead)
    assignments.give(lead, by=by)
    audit.record("leads.open_again", by=by, lead_id=lead.lead_id, before={"lead_id": str(lead_id)})
    return lead


def find(lead_id: UUID, *, by: Actor) -> Lead:
    """The lead alone, if `by` may see it."""
    return access.lead(lead_id, by=by)


def checked(details: Details) -> Details:
    """The same details, normalised: phone as E.164, areas canonical, one figure as the upper budget.

    Raises `Invalid` at the field that cannot be right.
    """
    e164 = phones.to_e164(details.phone)
    if e164 is None:
        raise Invalid(phone_refusal(details.phone), field="phone")
    lowest, highest = details.budget_min, details.budget_max
    for name, budget in (("budget_min", lowest), ("budget_max", highest)):
        if budget is not None and not (budget.is_finite() and 0 < budget <= HIGHEST_BUDGET):
            raise Invalid(_("A budget is above zero and at most AED 500,000,000."), field=name)
    if lowest and (not highest or lowest == highest):
        lowest, highest = None, highest or lowest
    if lowest and highest and lowest > highest:
        raise Invalid(_("The upper budget must be above the lower one."), field="budget_max")
    named = dict.fromkeys(areas.canonical(area) for area in details.preferred_areas)
    return replace(details, phone=e164, budget_min=lowest, budget_max=highest, preferred_areas=tuple(named))


def phone_refusal(raw: str) -> str:
    """Why this cannot be a person's number, in a sentence that says what to do."""
    digits = phones.digits(raw)
    if not digits:
        return _("Type a phone number.")
    if phones.is_service(raw):
        return _("600 and 800 numbers are call centres, not a person. Ask for a mobile or landline.")
    if digits.startswith(("051", "057", "059")):
        return _(
            "No UAE mobile starts with %(prefix)s. Check the digits, or start with + and the country code.",
            prefix=digits[:3],
        )
    return _("That is not a phone number we can call. Check the digits, or start with + and the country code.")


def page(filters: Filters, *, by: Actor, after: str | None = None) -> Page:
    """Newest first, 25 at a time, in one round trip; `after` is the key of an earlier page."""
    query = (
        select(Lead, *_steps())
        .where(access.leads(by=by), *_conditions(filters))
        .options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
        .order_by(Lead.created_at.desc(), Lead.lead_id.desc())
        .limit(PAGE + 1)
    )
    if key := _key(after):
        query = query.where(tuple_(Lead.created_at, Lead.lead_id) < tuple_(*key))
    rows = [Row(*row) for row in db.session.execute(query)]
    more = len(rows) > PAGE
    last = rows[PAGE - 1].lead if more else None
    return Page(rows[:PAGE], f"{last.created_at.isoformat()}_{last.lead_id}" if last else None)


def count(filters: Filters, *, by: Actor, at_most: int = 1000) -> int:
    """How many leads the filters leave, counted up to `at_most` + 1."""
    some = select(Lead.lead_id).where(access.leads(by=by), *_conditions(filters)).limit(at_most + 1).subquery()
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


def _conditions(filters: Filters):
    if filters.q:
        yield _search(filters.q)
    if filters.status:
        yield Lead.status.in_(filters.status)
    if filters.source_type:
        yield Lead.source_type.in_(filters.source_type)
    if filters.unassigned:
        yield ~Lead.assignment.has()
    elif filters.owner:
        yield Lead.assignment.has(LeadAssignment.agent_id == filters.owner)
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


def _repeated(details: Details) -> Lead | None:
    return db.session.scalar(
        select(Lead)
        .where(
            Lead.phone == details.phone,
            Lead.source_type == details.source_type,
            Lead.created_at > func.clock_timestamp() - WINDOW,
        )
        .order_by(Lead.created_at.desc())
        .limit(1)
    )


def _attach(lead: Lead, origin: Origin, by: Actor) -> Capture:
    """Keep a repeat as an enquiry on its lead and tell whoever must know."""
    enquiry = _enquiry(lead, origin, EnquiryState.ATTACHED, by)
    assignment = db.session.scalar(select(LeadAssignment).where(LeadAssignment.lead_id == lead.lead_id))
    owner = assignment.agent_id if assignment else None
    notifications.tell_agent(owner, NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    if lead.status.is_closed or not owner:
        notifications.tell_managers(NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    audit.record("leads.repeat", by=by, lead_id=lead.lead_id, subject_id=enquiry.enquiry_id)
    return Capture(lead, enquiry, created=False, assignment=assignment)


def _insert(details: Details, origin: Origin) -> Lead:
    lead = Lead(**_columns(details), source_type=details.source_type, created_at=func.clock_timestamp())
    if details.consent:
        lead.consent_at = func.now()
    lead.sources.append(
        LeadSource(
            source_type=details.source_type,
            campaign_id=origin.campaign_id,
            referrer_agent_id=origin.referrer_agent_id,
            property_id=origin.property_id,
            utm_source=origin.utm_source,
        )
    )
    db.session.add(lead)
    db.session.flush()
    return lead


def _enquiry(lead: Lead, origin: Origin, state: EnquiryState, by: Actor) -> Enquiry:
    enquiry = Enquiry(
        lead_id=lead.lead_id,
        source_type=lead.source_type,
        channel=origin.channel,
        state=state,
        message=origin.message or None,
        taken_by=by.user_id,
    )
    db.session.add(enquiry)
    db.session.flush()
    return enquiry


def _columns(details: Details) -> dict:
    columns = {f.name: getattr(details, f.name) for f in fields(details)}
    del columns["consent"], columns["source_type"]
    return columns | {"preferred_areas": list(details.preferred_areas) or None}


def _facts(lead: Lead) -> dict:
    names = [f.name for f in fields(Details) if f.name not in ("consent", "source_type")]
    return {name: _plain(getattr(lead, name)) for name in names}


def _plain(value):
    return str(value) if isinstance(value, Decimal) else value
