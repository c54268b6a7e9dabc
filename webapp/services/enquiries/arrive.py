"""What portals deliver: kept as it came, then read into one enquiry for each of the portal's leads."""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from webapp import portals, stopping
from webapp.database import locks
from webapp.errors import Conflict, Refused
from webapp.extensions import db
from webapp.models import Delivery, Enquiry
from webapp.portals import Arrival
from webapp.services import access, audit
from webapp.services.access import SYSTEM, Actor
from webapp.services.enquiries.settle import ask_for_review, settle
from webapp.stopping import Tally
from webapp.transaction import transactional
from webapp.vocabulary import Channel, DeliveryState, EnquiryState, Source, Why

log = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(minutes=5)
SAME_WITHIN = timedelta(minutes=10)
TOLD = (
    "channel",
    "origin",
    "listing_reference",
    "listing_id",
    "listing_url",
    "project_id",
    "reply_link",
    "name",
    "email",
    "whatsapp_username",
    "intent",
    "message",
)


@transactional
def keep(source: Source, raw: bytes, *, by: Actor) -> UUID | None:
    """Keep what arrived as it came, whatever it holds; None where this event of the portal is here already."""
    arrived = insert(Delivery).values(
        source=source, external_id=portals.read(source, raw).external_id, payload=raw, state=DeliveryState.RECEIVED
    )
    known = arrived.on_conflict_do_nothing(constraint="uq_delivery_source_external_id")
    return db.session.scalar(known.returning(Delivery.delivery_id))


@transactional
def keep_pulled(source: Source, raws: list[bytes], *, by: Actor) -> list[UUID]:
    """Keep what a portal told when it was asked, all of it or nothing; those that are new."""
    told = [{"external_id": portals.read(source, raw).external_id, "payload": raw} for raw in raws]
    rows = [one | {"source": source, "state": DeliveryState.RECEIVED, "is_pulled": True} for one in told]
    arrived = insert(Delivery).values(rows).on_conflict_do_nothing(constraint="uq_delivery_source_external_id")
    return list(db.session.scalars(arrived.returning(Delivery.delivery_id)))


@transactional
def take(delivery_id: UUID, *, by: Actor) -> Enquiry | None:
    """Read a delivery into its enquiry, and make that a lead, a touch or somebody's to review (R1, R2).

    Later events of one portal lead change its enquiry; an older event never overwrites what a newer one said. None
    where it is taken up already.
    """
    delivery = _held(delivery_id)
    if delivery is None:
        return None
    arrival = portals.read(delivery.source, delivery.payload)
    enquiry = _enquiry_of(arrival, delivery)
    delivery.state, delivery.enquiry_id = DeliveryState.TAKEN, enquiry.enquiry_id
    settle(enquiry, by=by)
    return enquiry


def take_or_leave(delivery_id: UUID) -> None:
    """Take a delivery up, whatever becomes of that: what cannot be done now the worker does within a minute."""
    try:
        take(delivery_id, by=SYSTEM)
    except Refused as refused:
        log.warning("Left to the worker: %s", type(refused).__name__)
    except Exception:
        log.exception("Left to the worker")


def take_waiting() -> Tally:
    """Take up what was kept and left behind; what breaks is put aside with its reason, for somebody to look at."""
    waiting = select(Delivery.delivery_id).where(Delivery.state == DeliveryState.RECEIVED)
    ids = list(db.session.scalars(waiting.order_by(Delivery.received_at)))
    return stopping.one_by_one(ids, _take_or_fail, otherwise="The delivery %s stays where it is")


@transactional
def retry(enquiry_id: UUID, *, by: Actor) -> Enquiry:
    """Read again all that was delivered of an enquiry that waits, oldest first, and settle it anew."""
    enquiry = access.enquiry(enquiry_id, by=by, lock=True)
    if not enquiry.waits:
        raise Conflict(_("Somebody has dealt with this enquiry already."), code="stale")
    of_this = select(Delivery).where(Delivery.enquiry_id == enquiry_id).order_by(Delivery.received_at)
    for delivery in db.session.scalars(of_this.with_for_update()):
        _tell(enquiry, portals.read(delivery.source, delivery.payload), delivery.received_at)
        delivery.state, delivery.note = DeliveryState.TAKEN, None
    audit.record("enquiries.retry", by=by, subject_id=enquiry_id)
    settle(enquiry, by=by)
    return enquiry


def _take_or_fail(delivery_id: UUID) -> bool:
    try:
        return take(delivery_id, by=SYSTEM) is not None
    except Refused:
        raise
    except Exception as error:
        log.exception("The delivery %s breaks", delivery_id)
        _fail(delivery_id, type(error).__name__, by=SYSTEM)
        raise


@transactional
def _fail(delivery_id: UUID, note: str, *, by: Actor) -> None:
    delivery = _held(delivery_id)
    if delivery is None:
        return
    enquiry = _enquiry_of(portals.read(delivery.source, delivery.payload), delivery)
    delivery.state, delivery.note, delivery.enquiry_id = DeliveryState.FAILED, note[:200], enquiry.enquiry_id
    if enquiry.waits:
        ask_for_review(enquiry, Why.BROKE, note, state=EnquiryState.FAILED, by=by)


def _held(delivery_id: UUID) -> Delivery | None:
    waiting = select(Delivery).where(Delivery.delivery_id == delivery_id, Delivery.state == DeliveryState.RECEIVED)
    return db.session.scalar(waiting.with_for_update().execution_options(populate_existing=True))


def _enquiry_of(arrival: Arrival, delivery: Delivery) -> Enquiry:
    """The enquiry of the portal's lead, new or known, with what this event says of it."""
    locks.enquiry(arrival.source, arrival.portal_lead_id or delivery.external_id)
    enquiry = (_known(arrival) or _told_the_other_way(arrival, delivery)) if arrival.portal_lead_id else None
    if enquiry is None:
        enquiry = Enquiry(
            source_type=arrival.source,
            portal_lead_id=arrival.portal_lead_id,
            channel=arrival.channel or Channel.UNKNOWN,
            state=EnquiryState.NEEDS_REVIEW,
            received_at=delivery.received_at,
            is_estimated=True,
        )
        db.session.add(enquiry)
    _tell(enquiry, arrival, delivery.received_at)
    db.session.flush()
    return enquiry


def _known(arrival: Arrival) -> Enquiry | None:
    ids = or_(Enquiry.portal_lead_id == arrival.portal_lead_id, Enquiry.other_lead_id == arrival.portal_lead_id)
    of_this = select(Enquiry).where(Enquiry.source_type == arrival.source, ids).order_by(Enquiry.received_at).limit(1)
    return db.session.scalar(of_this.with_for_update())


def _told_the_other_way(arrival: Arrival, delivery: Delivery) -> Enquiry | None:
    """The same enquiry as the portal brought it, or as we fetched it, under another id; from now on it has both.

    It is the same where phone and reference are, within ten minutes.
    """
    if arrival.phone_e164 is None:
        return None
    locks.phone(arrival.phone_e164)
    came_at = arrival.received_at or delivery.received_at
    of_it = Delivery.enquiry_id == Enquiry.enquiry_id
    same = select(Enquiry).where(
        Enquiry.source_type == arrival.source,
        Enquiry.phone_e164 == arrival.phone_e164,
        Enquiry.listing_reference.is_not_distinct_from(arrival.listing_reference),
        Enquiry.received_at.between(came_at - SAME_WITHIN, came_at + SAME_WITHIN),
        Enquiry.portal_lead_id.is_not(None),
        Enquiry.other_lead_id.is_(None),
        exists().where(of_it, Delivery.is_pulled != delivery.is_pulled),
        ~exists().where(of_it, Delivery.is_pulled == delivery.is_pulled),
    )
    enquiry = db.session.scalar(same.order_by(Enquiry.received_at).limit(1).with_for_update())
    if enquiry:
        enquiry.other_lead_id = arrival.portal_lead_id
    return enquiry


def _tell(enquiry: Enquiry, arrival: Arrival, arrived_at: datetime) -> None:
    """Put into the enquiry what this event says: its moment is the earliest that was told, its words the newest."""
    told_at = arrival.received_at
    if told_at and told_at > arrived_at + CLOCKS_DIFFER:
        told_at = None
    if told_at and (enquiry.is_estimated or told_at < enquiry.received_at):
        enquiry.received_at, enquiry.is_estimated = told_at, False
    at = told_at or arrived_at
    is_newer = enquiry.told_at is None or at >= enquiry.told_at
    said = {name: getattr(arrival, name) for name in TOLD}
    said["agent"] = asdict(arrival.agent) if arrival.agent else None
    said["call"] = asdict(arrival.call) if arrival.call else None
    said["extra"] = _extra(arrival)
    for name, value in said.items():
        if value is not None and (is_newer or getattr(enquiry, name) is None):
            setattr(enquiry, name, value)
    if arrival.phone and (is_newer or enquiry.phone_e164 is None):
        enquiry.phone, enquiry.phone_e164 = arrival.phone, arrival.phone_e164
    if is_newer:
        enquiry.told_at = at


def _extra(arrival: Arrival) -> dict | None:
    """What only our website says."""
    said = {
        "purpose": arrival.purpose,
        "consent": arrival.consent or None,
        "consent_wording": arrival.consent_wording if arrival.consent else None,
        "site": arrival.site,
        "suspicion": arrival.suspicion,
        "utm_source": arrival.utm_source,
        "campaign_id": arrival.campaign_id,
    }
    return {name: value for name, value in said.items() if value} or None
