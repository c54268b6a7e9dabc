"""What becomes of an enquiry that a portal sent: a lead, a touch on one, or somebody's to review."""

from uuid import UUID

from sqlalchemy import func, or_, select

from webapp.errors import Refused
from webapp.extensions import db
from webapp.models import Agent, Enquiry, Listing
from webapp.services import leads, notifications
from webapp.services.access import Actor
from webapp.services.leads import Details, Origin
from webapp.transaction import alone
from webapp.vocabulary import Channel, EnquiryState, NoticeKind, Purpose, Why

LONGEST_NAME, LONGEST_EMAIL, LONGEST_CAMPAIGN = 100, 255, 100


def settle(enquiry: Enquiry, *, by: Actor) -> Refused | None:
    """Capture an enquiry that waits for it (R1, R2); without a phone that can be called it is somebody's to review.

    What has become of it already stays. Returns why it could not be captured, if it could not.
    """
    if not enquiry.waits:
        return None
    suspicion = (enquiry.extra or {}).get("suspicion")
    if suspicion and by.user_id is None:  # what somebody has looked at is no longer suspicious
        _doubt(enquiry, Why(suspicion), by)
        return None
    if enquiry.phone_e164 is None:
        is_unreadable = enquiry.channel == Channel.UNKNOWN
        why = Why.BAD_PHONE if enquiry.phone else Why.UNREADABLE if is_unreadable else Why.NO_PHONE
        ask_for_review(enquiry, why, by=by)
        return None
    refused = alone(lambda: leads.capture(_details(enquiry), _origin(enquiry), by=by))
    if refused:
        ask_for_review(enquiry, Why.REFUSED, str(refused.message), by=by)
    else:
        enquiry.why = enquiry.note = None
        db.session.flush()
    return refused


def ask_for_review(
    enquiry: Enquiry, why: Why, note: str = "", *, by: Actor, state: EnquiryState = EnquiryState.NEEDS_REVIEW
) -> None:
    """Put it before the agent whom the portal names, else the managers; they are told once."""
    is_first = enquiry.why is None
    enquiry.state, enquiry.why, enquiry.note = state, why, note[:200] or None
    enquiry.owner_id = enquiry.owner_id or _named_agent(enquiry)
    db.session.flush()
    if not is_first:
        return
    enquiry_id = str(enquiry.enquiry_id)
    if enquiry.owner_id:
        notifications.tell_agent(enquiry.owner_id, NoticeKind.ENQUIRY_WAITING, by=by, enquiry_id=enquiry_id)
    else:
        notifications.tell_managers(NoticeKind.ENQUIRY_WAITING, by=by, enquiry_id=enquiry_id)


def _doubt(enquiry: Enquiry, why: Why, by: Actor) -> None:
    """Spam is set aside, where it can be found and brought back; what may be spam somebody looks at first."""
    if why == Why.SPAM:
        enquiry.state, enquiry.why = EnquiryState.IGNORED, why
        db.session.flush()
    else:
        ask_for_review(enquiry, why, by=by)


def _details(enquiry: Enquiry) -> Details:
    first, _space, last = (enquiry.name or "").partition(" ")
    extra = enquiry.extra or {}
    email = enquiry.email or ""
    return Details(
        phone=enquiry.phone_e164 or "",
        source_type=enquiry.source_type,
        first_name=first[:LONGEST_NAME],
        last_name=last[:LONGEST_NAME],
        email=email if "@" in email and len(email) <= LONGEST_EMAIL else None,
        purpose=Purpose(extra["purpose"]) if "purpose" in extra else None,
        consent="consent" in extra,
    )


def _origin(enquiry: Enquiry) -> Origin:
    extra = enquiry.extra or {}
    reference = (enquiry.listing_reference or "").upper()
    known = select(Listing.property_id).where(func.upper(Listing.reference) == reference).limit(1)
    return Origin(
        channel=enquiry.channel,
        property_id=db.session.scalar(known) if reference else None,
        utm_source=_short(extra.get("utm_source")),
        campaign_id=_short(extra.get("campaign_id")),
        enquiry_id=enquiry.enquiry_id,
    )


def _short(said: str | None) -> str | None:
    return said[:LONGEST_CAMPAIGN] if said else None


def _named_agent(enquiry: Enquiry) -> UUID | None:
    """The agent whom the portal means, by the number that was called or by their e-mail; never by name."""
    agent, call = enquiry.agent or {}, enquiry.call or {}
    numbers = [number for number in (*(call.get("receiver_e164") or ()), agent.get("phone_e164")) if number]
    is_called = Agent.phone.in_(numbers)
    is_named = func.lower(Agent.email) == (agent.get("email") or "").lower()
    query = select(Agent.agent_id).where(or_(is_called, is_named), Agent.left_at.is_(None))
    return db.session.scalar(query.order_by(is_called.desc(), Agent.agent_id).limit(1))
