"""The properties that a lead likes, and how much: what leads alike are suggested (R11)."""

from datetime import UTC
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import exists, select

from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import LeadPropertyInterest
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import InterestLevel


@transactional
def add(lead_id: UUID, property_id: UUID, *, by: Actor, interest_level: InterestLevel) -> LeadPropertyInterest:
    """Note that a lead likes a property; one that is noted already is a `Conflict` (`duplicate_interest`)."""
    access.lead(lead_id, by=by, lock=True)
    if of_property(lead_id, property_id):
        raise Conflict(
            _("This lead already has an interest in that property."), code="duplicate_interest", field="property_id"
        )
    interest = LeadPropertyInterest(lead_id=lead_id, property_id=property_id, interest_level=interest_level)
    db.session.add(interest)
    db.session.flush()
    audit.record("interests.add", by=by, lead_id=lead_id, subject_id=interest.interest_id, after=facts(interest))
    return interest


@transactional
def change(interest_id: UUID, *, by: Actor, interest_level: InterestLevel) -> LeadPropertyInterest:
    """Say anew how much they like it."""
    interest = _held(interest_id, by)
    before = facts(interest)
    interest.interest_level = interest_level
    audit.record(
        "interests.change",
        by=by,
        lead_id=interest.lead_id,
        subject_id=interest_id,
        before=before,
        after=facts(interest),
    )
    return interest


@transactional
def remove(interest_id: UUID, *, by: Actor) -> LeadPropertyInterest:
    """They no longer want it: the interest is gone, the audit keeps what it was."""
    interest = _held(interest_id, by)
    audit.record("interests.remove", by=by, lead_id=interest.lead_id, subject_id=interest_id, before=facts(interest))
    db.session.delete(interest)
    return interest


def find(interest_id: UUID, *, by: Actor) -> LeadPropertyInterest:
    """The interest alone, if `by` may see its lead."""
    return access.interest(interest_id, by=by)


def of_property(lead_id: UUID, property_id: UUID) -> bool:
    """Whether the lead's interest in this property is noted."""
    noted = exists().where(LeadPropertyInterest.lead_id == lead_id, LeadPropertyInterest.property_id == property_id)
    return bool(db.session.scalar(select(noted)))


def facts(interest: LeadPropertyInterest) -> dict:
    """What the audit keeps of an interest, in JSON's types: enough to put it back."""
    return {
        "property_id": str(interest.property_id),
        "interest_level": interest.interest_level,
        "created_at": interest.created_at.astimezone(UTC).isoformat(),
    }


def _held(interest_id: UUID, by: Actor) -> LeadPropertyInterest:
    """The interest with its lead's row held; missing where somebody has just removed it."""
    found = access.interest(interest_id, by=by)
    access.lead(found.lead_id, by=by, lock=True)
    return access.interest(interest_id, by=by, lock=True)
