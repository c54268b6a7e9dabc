"""Properties that leads like this one wanted (R11). Reads only, and never inside the capture's locks."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, Uuid, column, select, text

from webapp.extensions import db
from webapp.models import Lead, Listing

MOST = 5

# The interests of serious leads carry their lead's wish: the same type in an area of ours, to buy or to rent as we
# do, for a budget that meets ours. What was not said is no limit; what is only to let is no suggestion for a buyer.
ALIKE = text("""
    SELECT property_id,
           sum(CASE interest_level WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS weight,
           count(*) AS leads
    FROM lead_property_interests LEFT JOIN listings USING (property_id)
    WHERE wish && wish_keys(:property_type, :purpose, CAST(:areas AS text[]))
      AND budget && numrange(:budget_min, :budget_max, '[]')
      AND coalesce(purpose, :purpose, '') = coalesce(:purpose, purpose, '')
      AND property_id NOT IN (SELECT property_id FROM lead_property_interests WHERE lead_id = :lead_id)
    GROUP BY property_id
    ORDER BY weight DESC, leads DESC, property_id
    LIMIT :most
""").columns(column("property_id", Uuid), column("weight", Integer), column("leads", Integer))


@dataclass(frozen=True)
class Suggestion:
    """A property, its listing if it is one of ours, and how many leads like this one wanted it how much."""

    property_id: UUID
    weight: int
    leads: int
    listing: Listing | None


def for_lead(lead: Lead) -> list[Suggestion]:
    """Up to five properties, the most wanted first; none where the lead's type or areas are not known."""
    if not lead.property_type or not lead.preferred_areas:
        return []
    alike = ALIKE.subquery()
    found = db.session.execute(
        select(*alike.c, Listing)
        .outerjoin_from(alike, Listing, Listing.property_id == alike.c.property_id)
        .order_by(alike.c.weight.desc(), alike.c.leads.desc(), alike.c.property_id),
        {
            "lead_id": lead.lead_id,
            "property_type": lead.property_type,
            "areas": lead.preferred_areas,
            "budget_min": lead.budget_min,
            "budget_max": lead.budget_max,
            "purpose": lead.purpose,
            "most": MOST,
        },
    )
    return [Suggestion(row.property_id, row.weight, row.leads, row.Listing) for row in found]
