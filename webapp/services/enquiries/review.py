"""What people do with an enquiry that no machine could make a lead of."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import phones
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Enquiry, Lead
from webapp.services import access, audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.enquiries.settle import settle
from webapp.transaction import transactional
from webapp.vocabulary import EnquiryState, NoticeKind, Why


@transactional
def add_phone(enquiry_id: UUID, *, by: Actor, phone: str) -> Enquiry:
    """Give it a number that somebody found out: then it is captured like any other (R1, R2)."""
    enquiry = _waiting(enquiry_id, by)
    e164 = phones.to_e164(phone)
    if e164 is None:
        raise Invalid(leads.phone_refusal(phone), field="phone")
    enquiry.phone, enquiry.phone_e164 = enquiry.phone or phone, e164
    audit.record("enquiries.add_phone", by=by, subject_id=enquiry_id)
    if refused := settle(enquiry, by=by):
        raise refused
    return enquiry


@transactional
def attach(enquiry_id: UUID, *, by: Actor, number: int) -> Lead:
    """Add it to the lead of this number, whose owner is told; the lead is one that `by` may see."""
    enquiry = _waiting(enquiry_id, by)
    mine = select(Lead).where(Lead.number == number, access.leads(by=by))
    lead = db.session.scalar(mine.with_for_update(read=True, key_share=True))
    if lead is None:
        raise Invalid(_("There is no lead #%(number)s, or it is not yours.", number=number), field="number")
    enquiry.lead_id, enquiry.state, enquiry.why, enquiry.note = lead.lead_id, EnquiryState.ATTACHED, None, None
    notifications.tell_agent(lead.owner_id, NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    if lead.status.is_closed or lead.owner_id is None:
        notifications.tell_managers(NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    audit.record("enquiries.attach", by=by, lead_id=lead.lead_id, subject_id=enquiry_id)
    return lead


@transactional
def mark_broker(enquiry_id: UUID, *, by: Actor) -> Enquiry:
    """Set it aside as another broker's (A2A): no lead, no figure. One that made a lead is that lead's to close."""
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if not enquiry.waits and enquiry.state != EnquiryState.ATTACHED:
        raise Conflict(_("Somebody has dealt with this enquiry already."), code="stale")
    return _set_aside(enquiry, Why.BROKER, "", by)


@transactional
def close(enquiry_id: UUID, *, by: Actor, note: str) -> Enquiry:
    """Set it aside without a lead, with the reason in words."""
    return _set_aside(_waiting(enquiry_id, by), Why.CLOSED, note, by)


@transactional
def bring_back(enquiry_id: UUID, *, by: Actor) -> Enquiry:
    """Take back that it was set aside: it is on its lead again, or waits for somebody."""
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if enquiry.state != EnquiryState.IGNORED:
        raise Conflict(_("This enquiry is not set aside."), code="stale")
    if enquiry.lead_id:
        enquiry.state, enquiry.why, enquiry.note = EnquiryState.ATTACHED, None, None
    else:
        enquiry.state = EnquiryState.NEEDS_REVIEW
        settle(enquiry, by=by)
    audit.record("enquiries.bring_back", by=by, lead_id=enquiry.lead_id, subject_id=enquiry_id)
    return enquiry


def _waiting(enquiry_id: UUID, by: Actor) -> Enquiry:
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if not enquiry.waits:
        raise Conflict(_("Somebody has dealt with this enquiry already."), code="stale")
    return enquiry


def _set_aside(enquiry: Enquiry, why: Why, note: str, by: Actor) -> Enquiry:
    enquiry.state, enquiry.why, enquiry.note = EnquiryState.IGNORED, why, note or None
    audit.record(
        "enquiries.set_aside", by=by, lead_id=enquiry.lead_id, subject_id=enquiry.enquiry_id, after={"why": why}
    )
    return enquiry
