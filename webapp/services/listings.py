"""Listings: the properties that leads ask about, want and buy, by their reference and title."""

from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import areas
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import LeadPropertyInterest, LeadSource, Listing
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import PropertyType, Purpose


@transactional
def add(
    reference: str,
    *,
    by: Actor,
    title: str,
    property_type: PropertyType | None = None,
    area: str | None = None,
    purpose: Purpose | None = None,
    price: Decimal | None = None,
    permit: str | None = None,
    url: str | None = None,
) -> Listing:
    """Add a property under a reference that no other has; `price` is AED, a year's for a rental."""
    listing = Listing(
        reference=reference.strip().upper(),
        title=title,
        property_type=property_type,
        area=areas.canonical(area) if area else None,
        purpose=purpose,
        price=price,
        permit=permit,
        url=url,
    )
    db.session.add(listing)
    db.session.flush()
    audit.record("listings.add", by=by, subject_id=listing.property_id, after={"reference": listing.reference})
    return listing


def identify(typed: str) -> UUID:
    """The property that a reference names, or that an id is; ids of properties elsewhere are taken as they are."""
    try:
        return UUID(typed)
    except ValueError:
        known = db.session.scalar(select(Listing.property_id).where(Listing.reference == typed.strip().upper()))
    if known is None:
        raise Invalid(_("No property has this reference."), field="property_id")
    return known


def wanted_by(lead_id: UUID) -> list[Listing]:
    """Our listings that a lead asked about or is interested in, by reference."""
    asked = select(LeadSource.property_id).where(LeadSource.lead_id == lead_id)
    liked = select(LeadPropertyInterest.property_id).where(LeadPropertyInterest.lead_id == lead_id)
    query = select(Listing).where(Listing.property_id.in_(asked.union(liked)))
    return list(db.session.scalars(query.order_by(Listing.reference)))
