"""What people do with an enquiry that no machine could make a lead of."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from webapp import phones
from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Enquiry, Lead
from webapp.services import access, audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.enquiries import brokers
from webapp.services.enquiries.settle import settle
from webapp.transaction import transactional
from webapp.vocabulary import EnquiryState, NoticeKind, Why


@dataclass(frozen=True)
class Back:
    """An enquiry that was brought back; if its lead was away with it, what of that is not as it was, in sentences."""

    enquiry: Enquiry
    stays: list[str] | None = None


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
    access.refuse_erased(lead)
    enquiry.lead_id, enquiry.state, enquiry.why, enquiry.note = lead.lead_id, EnquiryState.ATTACHED, None, None
    notifications.tell_agent(lead.owner_id, NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    if lead.status.is_closed or lead.owner_id is None:
        notifications.tell_managers(NoticeKind.REPEAT_ENQUIRY, lead_id=lead.lead_id, by=by)
    audit.record("enquiries.attach", by=by, lead_id=lead.lead_id, subject_id=enquiry_id)
    return lead


@transactional
def mark_broker(enquiry_id: UUID, *, by: Actor) -> Enquiry:
    """Set it aside as another broker's (A2A): no lead, no figure.

    The lead that it made goes too. If nobody has worked with it, the enquiry is captured anew when it is brought back;
    else all that was done waits, and comes back with the lead.
    """
    enquiry = access.enquiry(enquiry_id, by=by, options=(joinedload(Enquiry.lead),))
    if enquiry.state == EnquiryState.CAPTURED and enquiry.lead:
        return _with_its_lead(enquiry, enquiry.lead, by)
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if not enquiry.waits and enquiry.state != EnquiryState.ATTACHED:
        raise Conflict(_("Somebody has dealt with this enquiry already."), code="stale")
    return _set_aside(enquiry, Why.BROKER, "", by)


@transactional
def close(enquiry_id: UUID, *, by: Actor, note: str) -> Enquiry:
    """Set it aside without a lead, with the reason in words."""
    return _set_aside(_waiting(enquiry_id, by), Why.CLOSED, note, by)


@transactional
def bring_back(enquiry_id: UUID, *, by: Actor) -> Back:
    """Take back that it was set aside: it is on its lead again, or waits for somebody.

    A lead that was set aside with it comes back as it was.
    """
    if access.enquiry(enquiry_id, by=by).broker_lead_id:
        stays = brokers.bring_back(enquiry_id, by=by)
        return Back(access.enquiry(enquiry_id, by=by), stays)
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if enquiry.state != EnquiryState.IGNORED or enquiry.erased_at or enquiry.broker_lead_id:
        raise Conflict(_("This enquiry is not set aside."), code="stale")
    if enquiry.lead_id:
        enquiry.state, enquiry.why, enquiry.note = EnquiryState.ATTACHED, None, None
    else:
        enquiry.state = EnquiryState.NEEDS_REVIEW
        settle(enquiry, by=by)
    audit.record("enquiries.bring_back", by=by, lead_id=enquiry.lead_id, subject_id=enquiry_id)
    return Back(enquiry)


def _with_its_lead(enquiry: Enquiry, lead: Lead, by: Actor) -> Enquiry:
    enquiry_id, lead_id = enquiry.enquiry_id, lead.lead_id
    # A capture of the same person waits, and then finds no lead to be added to.
    locks.phone(lead.phone)
    locks.assignment()
    db.session.expire(enquiry)
    _refuse_unless_of(access.enquiry(enquiry_id, by=by), lead_id)
    lead = access.lead(lead_id, by=by, lock=True)
    access.refuse_erased(lead)
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    _refuse_unless_of(enquiry, lead_id)
    if enquiry.phone_e164 is None or db.session.scalar(
        select(brokers.worked_with(enquiry_id)).where(Lead.lead_id == lead_id)
    ):
        brokers.set_aside(lead, enquiry_id, by=by)
        db.session.refresh(enquiry)
        return enquiry
    _set_aside(enquiry, Why.BROKER, "", by)
    enquiry.lead_id = None
    db.session.flush()
    db.session.execute(delete(Lead).where(Lead.lead_id == lead_id))
    return enquiry


def _refuse_unless_of(enquiry: Enquiry, lead_id: UUID) -> None:
    if enquiry.state != EnquiryState.CAPTURED or enquiry.lead_id != lead_id:
        raise Conflict(_("Somebody has dealt with this enquiry already."), code="stale")


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
