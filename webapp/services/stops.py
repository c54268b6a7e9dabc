"""Who is not to be contacted: said by whoever works with the person, lifted by managers and admins, kept for good."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import ContactStop, Lead, Merge
from webapp.models.stops import STANDS
from webapp.services import access, audit, contact_guard
from webapp.services.access import Actor
from webapp.services.contact_guard import Guarded
from webapp.transaction import transactional
from webapp.vocabulary import CallResult, StopChannel, StopReason

OF_CALLS = {CallResult.REFUSED: StopReason.REFUSED, CallResult.WRONG_NUMBER: StopReason.WRONG_NUMBER}
"""Calls after which nobody is called again."""


@dataclass(frozen=True)
class Contact:
    """How the person of a lead may be contacted, and what was said of that before."""

    lead: Lead
    guard: Guarded
    stops: list[ContactStop]


def show(lead_id: UUID, *, by: Actor) -> Contact:
    """What holds of the person of this lead, and every stop there was, the newest first."""
    lead, found = access.lead_with(lead_id, contact_guard.facts(), by=by)
    theirs = select(ContactStop).where(_of(lead)).options(joinedload(ContactStop.stopper))
    stops = db.session.scalars(theirs.order_by(ContactStop.stopped_at.desc()).limit(50))
    return Contact(lead, contact_guard.read(found), list(stops))


@transactional
def add(lead_id: UUID, *, by: Actor, channel: StopChannel, reason: StopReason, note: str = "") -> UUID:
    """The person of this lead is not to be contacted by this way, whoever's leads they are.

    Refused with `Conflict` (`stale`) where that stands already, and with `Invalid` where another reason has no words.
    """
    lead = access.lead(lead_id, by=by, lock=True)
    access.refuse_erased(lead)
    if reason == StopReason.OTHER and not note:
        raise Invalid(_("Say in words why."), field="note")
    stop_id = put_down(lead, by=by, channel=channel, reason=reason, note=note)
    if stop_id is None:
        raise Conflict(_("That they are not to be contacted this way is on record already."), code="stale")
    return stop_id


def put_down(lead: Lead, *, by: Actor, channel: StopChannel, reason: StopReason, note: str = "") -> UUID | None:
    """The same as a part of another deed; None where such a stop stands already."""
    said = {"phone": lead.phone, "channel": channel, "reason": reason, "note": note or None, "stopped_by": by.user_id}
    adding = insert(ContactStop).values(said)
    adding = adding.on_conflict_do_nothing(index_elements=["phone", "channel"], index_where=STANDS)
    stop_id = db.session.scalar(adding.returning(ContactStop.stop_id))
    if stop_id:
        _put_on_record(lead, stop_id, channel, reason, by)
    return stop_id


@transactional
def lift(lead_id: UUID, stop_id: UUID, *, by: Actor, reason: str) -> None:
    """Somebody may be contacted again, for a reason; the stop stays on record with it."""
    lead = access.lead(lead_id, by=by, lock=True)
    query = select(ContactStop).where(ContactStop.stop_id == stop_id, _of(lead))
    stop = db.session.scalar(query.with_for_update())
    if stop is None:
        raise Missing
    if stop.lifted_at:
        raise Conflict(_("Somebody has lifted this already."), code="stale")
    if not reason:
        raise Invalid(_("Say why they may be contacted again."), field="reason")
    stop.lifted_at, stop.lifted_by, stop.lift_reason = func.clock_timestamp(), by.user_id, reason
    told = {"channel": stop.channel, "reason": stop.reason}
    audit.record("stops.lift", by=by, lead_id=lead_id, subject_id=stop_id, before=told)


def _of(lead: Lead):
    """The stops of this person: of the lead's number and of those that merges say are theirs as well."""
    merged = select(func.unnest(Merge.phones)).where(Merge.survivor_id == lead.lead_id, Merge.undone_at.is_(None))
    return (ContactStop.phone != "") & or_(ContactStop.phone == lead.phone, ContactStop.phone.in_(merged))


def _put_on_record(lead: Lead, stop_id: UUID, channel: StopChannel, reason: StopReason, by: Actor) -> None:
    told = {"channel": channel, "reason": reason}
    audit.record("stops.add", by=by, lead_id=lead.lead_id, subject_id=stop_id, after=told)
