"""Changing what is known of a lead, without overwriting what somebody else has just saved."""

from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _

from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access, audit, consents, scoring
from webapp.services.access import Actor
from webapp.services.leads.details import Details, checked, columns, of_lead
from webapp.transaction import transactional
from webapp.vocabulary import ConsentHow


@transactional
def amend(lead_id: UUID, details: Details, *, by: Actor, version: int) -> Lead:
    """Change a lead's details and score them anew. Where somebody saved in between, `stale` carries the lead."""
    details = checked(details)
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.version != version:
        raise Conflict(_("Somebody changed this lead meanwhile. Compare, then save again."), code="stale", lead=lead)
    access.refuse_erased(lead)
    before = _facts(lead)
    for name, value in columns(details).items():
        setattr(lead, name, value)
    if details.consent != (lead.consent_at is not None):
        consents.put_down(lead, by=by, is_given=details.consent, how=ConsentHow.ENTERED)
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


def _facts(lead: Lead) -> dict:
    """What the audit keeps of the details, in JSON's types."""
    known = columns(of_lead(lead)) | {"consent": lead.consent_at is not None}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in known.items()}
