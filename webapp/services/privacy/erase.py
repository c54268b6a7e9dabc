"""Erasing a person: what is theirs becomes nobody's; leads, statuses, history and money stay."""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from webapp import phones
from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import KeptSale, Lead
from webapp.services import access, audit, imports, tasks
from webapp.services.access import Actor
from webapp.services.merges import drawer
from webapp.services.privacy import files, sales, whose
from webapp.services.privacy.blank import blank
from webapp.services.privacy.whose import Person
from webapp.transaction import transactional
from webapp.vocabulary import ErasureReason

LAST_DIGITS = 4
# Uploaded rows and the audit are read through as a whole, which happens seldom.
PATIENCE = text("SET LOCAL statement_timeout = '5min'")


def erase(lead_id: UUID, *, by: Actor, reason: ErasureReason, digits: str) -> list[KeptSale]:
    """Erase the person of this lead, in all their leads and in all that came from them; what is kept of their sales.

    `digits` are the last four of the lead's number, typed once more: others are refused with `Invalid`. Uploaded files
    that name them and were not imported are discarded. Refused with `Conflict` (`stale`) where it is done already. The
    same number is a new person afterwards.
    """
    for import_id in files.that_name(_asked(lead_id, digits, by)):
        imports.discard(import_id, by=by)
    return _erase(lead_id, by=by, reason=reason)


@transactional
def _erase(lead_id: UUID, *, by: Actor, reason: ErasureReason) -> list[KeptSale]:
    return erase_held(held(lead_id, by=by), by=by, reason=reason)


def held(lead_id: UUID, *, by: Actor) -> Person:
    """The person of this lead, and whoever might capture, assign or merge a lead of theirs meanwhile, held."""
    db.session.execute(PATIENCE)
    locks.phones(whose.of(access.lead(lead_id, by=by)).phones)
    locks.assignment()
    lead = access.lead(lead_id, by=by)
    for mine in sorted(whose.of(lead).lead_ids):
        _refuse_erased(access.lead(mine, by=by, lock=True))
    return whose.of(lead)


@transactional
def erase_held(person: Person, *, by: Actor, reason: ErasureReason) -> list[KeptSale]:
    """Erase a person who is `held`."""
    now: datetime = db.session.scalars(select(func.now())).one()
    kept = sales.to_keep(person, now=now)
    db.session.add_all(kept)
    # When a lead was last changed, and so when it was closed, stays, as it does by a merge.
    with drawer.as_one_merges():
        for lead in person.leads:
            tasks.cancel_open(lead.lead_id, reason="")
        blank(person, now, by=by)
    until = {sale.lead_id: sale.kept_until.isoformat() for sale in kept}
    for lead in person.leads:
        told = {"reason": reason, "kept_until": until.get(lead.lead_id)}
        audit.record("privacy.erase", by=by, lead_id=lead.lead_id, after=told)
    return kept


def _asked(lead_id: UUID, digits: str, by: Actor) -> Person:
    """The person whom somebody wants to erase and whose number they know."""
    lead = access.lead(lead_id, by=by)
    _refuse_erased(lead)
    if phones.digits(digits) != lead.phone[-LAST_DIGITS:]:
        raise Invalid(_("These are not the last four digits of their number."), field="digits")
    return whose.of(lead)


def _refuse_erased(lead: Lead) -> None:
    if lead.erased_at:
        raise Conflict(_("This person was erased already."), code="stale")
