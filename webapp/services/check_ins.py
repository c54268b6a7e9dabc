"""Visitors who check in by themselves: nothing is shown to them, and reception greets them before anything else."""

from dataclasses import dataclass, replace
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import check_in_address, phones
from webapp.database import locks, rate_limits
from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Enquiry, OfficeSettings
from webapp.services import access, audit, enquiries, leads, office
from webapp.services.access import SYSTEM, Actor
from webapp.services.leads import Capture, Details, Origin
from webapp.transaction import release, transactional
from webapp.vocabulary import WORDING, Channel, EnquiryState, Source, Why


@dataclass(frozen=True)
class Said:
    """What a visitor has typed about themselves."""

    phone: str
    first_name: str
    last_name: str
    message: str
    consent: bool


def seal() -> str:
    """What the address has now that visitors check in at."""
    return check_in_address.sealed(office.settings().check_in_turn)


def admit(given: str) -> OfficeSettings:
    """The office that they come to; `Missing` where this is not the seal of the address as it is now."""
    found = office.settings()
    if check_in_address.turn_of(given) != found.check_in_turn:
        raise Missing(_("That is not here, or not yours to see."))
    return found


def arrive(given: str, said: Said, *, address: str) -> None:
    """Keep that somebody is here; reception sees it at once. Twice the same number is one visitor, as said last.

    Refused with `Invalid` at a phone that cannot be called, and with `TooMany` where too many come from one address.
    """
    admit(given)
    release()
    rate_limits.check_in(address)
    _arrive(said, by=SYSTEM)


@transactional
def _arrive(said: Said, *, by: Actor) -> None:
    e164 = phones.to_e164(said.phone)
    if e164 is None:
        raise Invalid(leads.phone_refusal(said.phone), field="phone")
    locks.enquiry(Source.WALK_IN, e164)
    known = select(Enquiry).where(Enquiry.phone_e164 == e164, enquiries.CHECKED_IN).with_for_update()
    enquiry = db.session.scalar(known)
    if enquiry is None:
        enquiry = Enquiry(
            source_type=Source.WALK_IN, channel=Channel.VISIT, state=EnquiryState.NEEDS_REVIEW, why=Why.CHECK_IN
        )
        db.session.add(enquiry)
    enquiry.phone, enquiry.phone_e164 = said.phone, e164
    enquiry.name = f"{said.first_name} {said.last_name}".strip() or None
    enquiry.message = said.message or None
    names = {"first_name": said.first_name, "last_name": said.last_name}
    enquiry.extra = names | ({"consent": True, "consent_wording": WORDING} if said.consent else {})


@transactional
def renew(*, by: Actor) -> None:
    """Give the page another address: the code that hangs at reception so far leads nowhere from now on."""
    found = office.held()
    found.check_in_turn += 1
    audit.record("check_ins.renew", by=by, after={"turn": found.check_in_turn})


def find(enquiry_id: UUID) -> Enquiry:
    """Somebody who has checked in and was not greeted yet."""
    return access.check_in(enquiry_id)


@transactional
def greet(enquiry_id: UUID, details: Details, origin: Origin, *, by: Actor) -> Capture:
    """Register somebody who has checked in, by what reception has made of it (R1, R2)."""
    enquiry = access.check_in(enquiry_id, lock=True)
    enquiry.taken_by, enquiry.why = by.user_id, None
    enquiry.message = origin.message or enquiry.message
    db.session.flush()
    return enquiries.register(details, replace(origin, enquiry_id=enquiry_id), by=by)


@transactional
def dismiss(enquiry_id: UUID, *, by: Actor) -> None:
    """Nobody is here, or not for us: it becomes no lead, and stays among the enquiries that were set aside."""
    enquiry = access.check_in(enquiry_id, lock=True)
    enquiry.state, enquiry.why, enquiry.note = EnquiryState.IGNORED, Why.CLOSED, _("Nobody was here")
    audit.record("check_ins.dismiss", by=by, subject_id=enquiry_id)
