"""From enquiry to owned lead in one transaction (R1), and what repeats one (R2)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import joinedload

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Enquiry, Lead, LeadAssignment, LeadSource
from webapp.models.merges import took_in
from webapp.services import access, agents, assignments, audit, consents, notifications, pipeline, scoring
from webapp.services.access import Actor
from webapp.services.leads.details import Details, Origin, checked, columns, of_lead
from webapp.transaction import transactional
from webapp.vocabulary import Channel, ConsentHow, EnquiryState, NoticeKind

WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Capture:
    """What became of an enquiry: a new lead, or the lead it was added to."""

    lead: Lead
    enquiry: Enquiry
    created: bool
    assignment: LeadAssignment | None = None


@transactional
def capture(details: Details, origin: Origin, *, by: Actor) -> Capture:
    """Turn an enquiry into an owned, scored lead with its first follow-up, or add it to the lead it repeats.

    A repeat is the same phone from the same source within 24 hours (R2). Where no agent has room the lead is
    captured unassigned and the managers are told; one that a file brings closed is nobody's. Nothing is kept when
    anything is refused.
    """
    details = checked(details)
    locks.phone(details.phone)
    if repeated := _repeated(details, origin):
        return _attach(repeated, origin, by)
    lead = _insert(details, origin)
    enquiry = _enquiry(lead, origin, EnquiryState.CAPTURED, by)
    if details.consent:
        consents.put_down(lead, by=by, is_given=True, **_how(enquiry))
    scoring.score_details(lead)
    if origin.past:
        pipeline.take_over(lead, origin.past)
    assignment = None if lead.status.is_closed else assignments.give(lead, by=by)
    audit.record(
        "leads.capture",
        by=by,
        lead_id=lead.lead_id,
        after={"source_type": lead.source_type, "number": lead.number},
    )
    return Capture(lead, enquiry, created=True, assignment=assignment)


@transactional
def open_again(lead_id: UUID, *, by: Actor) -> Lead:
    """A new lead of the same person, linked to this closed one: a person's act, outside R2's window (R8)."""
    locks.phone(access.lead(lead_id, by=by).phone)
    locks.assignment()
    closed = access.lead(lead_id, by=by, lock=True)
    if not closed.status.is_closed:
        raise Conflict(_("This lead is still open."), code="stale")
    access.refuse_erased(closed)
    origin = Origin()
    lead = _insert(of_lead(closed), origin)
    lead.reopened_from, lead.consent_at = lead_id, closed.consent_at
    _enquiry(lead, origin, EnquiryState.CAPTURED, by)
    scoring.score_details(lead)
    assignments.give(lead, by=by)
    audit.record("leads.open_again", by=by, lead_id=lead.lead_id, before={"lead_id": str(lead_id)})
    return lead


def as_captured(lead_id: UUID, *, by: Actor) -> Lead:
    """The lead with its owner, as the database's triggers left it: score, owner, next step."""
    query = select(Lead).where(Lead.lead_id == lead_id, access.leads(by=by)).options(joinedload(Lead.owner))
    db.session.flush()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _how(enquiry: Enquiry) -> dict:
    """How somebody agreed who came by this enquiry, and in which words."""
    how = consents.HOW.get(enquiry.channel, ConsentHow.ENTERED)
    if wording := (enquiry.extra or {}).get("consent_wording"):
        return {"how": ConsentHow.CHECK_IN if enquiry.channel == Channel.VISIT else how, "wording": wording}
    # The website's words are its own, whatever version of them it was.
    return {"how": how, "wording": "website"} if how == ConsentHow.WEBSITE else {"how": how}


def _repeated(details: Details, origin: Origin) -> Lead | None:
    """The newest lead of the window, or the lead that it was merged into."""
    came_at = literal(origin.came_at, Lead.created_at.type) if origin.came_at else func.clock_timestamp()
    # A file may be in any order: what it brings later may have come earlier.
    since, until = came_at - WINDOW, came_at + WINDOW
    return db.session.scalar(
        select(Lead)
        .where(
            or_(
                and_(
                    Lead.phone == details.phone,
                    Lead.source_type == details.source_type,
                    Lead.created_at > since,
                    Lead.created_at < until,
                ),
                took_in(details.phone, details.source_type, since, until),
            )
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
    if origin.referrer_agent_id and not agents.find(origin.referrer_agent_id):
        raise Invalid(_("That agent is not here."), field="referrer_agent_id")
    lead = Lead(
        **columns(details), source_type=details.source_type, created_at=origin.came_at or func.clock_timestamp()
    )
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
    if origin.enquiry_id:
        enquiry = db.session.get_one(Enquiry, origin.enquiry_id)
        enquiry.lead_id, enquiry.state = lead.lead_id, state
    else:
        enquiry = Enquiry(
            lead_id=lead.lead_id,
            source_type=lead.source_type,
            channel=origin.channel,
            state=state,
            message=origin.message or None,
            taken_by=by.user_id,
            received_at=origin.came_at or func.now(),
        )
        db.session.add(enquiry)
    db.session.flush()
    return enquiry
