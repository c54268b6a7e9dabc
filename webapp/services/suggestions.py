"""Properties that leads like this one wanted (R11), and what else its page shows of properties. Reads only, and never
inside the capture's locks."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, case, cast, column, literal, null, select, text, union_all

from webapp.extensions import db
from webapp.models import Lead, LeadPropertyInterest, LeadSource, Listing
from webapp.vocabulary import InterestLevel

MOST, MOST_LIKED = 5, 20

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


@dataclass(frozen=True)
class Liked:
    """A property that the lead likes, and how much."""

    interest_id: UUID
    property_id: UUID
    interest_level: InterestLevel
    listing: Listing | None


@dataclass(frozen=True)
class Asked:
    """The property that the lead asked about."""

    property_id: UUID
    listing: Listing | None


@dataclass(frozen=True)
class Properties:
    """Every property on a lead's page: asked about, liked (the most wanted first, of equals the newest), suggested."""

    asked_about: Asked | None
    liked: list[Liked]
    suggested: list[Suggestion]


def for_lead(lead: Lead) -> list[Suggestion]:
    """Up to five properties, the most wanted first; none where the lead's type or areas are not known."""
    if not lead.property_type or not lead.preferred_areas:
        return []
    alike = ALIKE.subquery()
    found = db.session.execute(
        select(*alike.c, Listing)
        .outerjoin_from(alike, Listing, Listing.property_id == alike.c.property_id)
        .order_by(alike.c.weight.desc(), alike.c.leads.desc(), alike.c.property_id),
        _wish(lead),
    )
    return [Suggestion(row.property_id, row.weight, row.leads, row.Listing) for row in found]


def of_page(lead: Lead) -> Properties:
    """What the lead asked about, likes, and might like, in one round trip; a closed lead gets no suggestions."""
    parts = [_asked(lead.lead_id), _liked(lead.lead_id)]
    if lead.property_type and lead.preferred_areas and not lead.status.is_closed:
        alike = ALIKE.subquery()
        parts.append(
            select(literal("suggested"), alike.c.property_id, null(), null(), alike.c.weight, alike.c.leads, null())
        )
    of_lead = union_all(*parts).subquery()
    level = case({word: place for place, word in enumerate(InterestLevel)}, value=of_lead.c.interest_level)
    rows = db.session.execute(
        select(of_lead, Listing)
        .outerjoin_from(of_lead, Listing, Listing.property_id == of_lead.c.property_id)
        .order_by(
            level, of_lead.c.created_at.desc(), of_lead.c.weight.desc(), of_lead.c.leads.desc(), of_lead.c.property_id
        ),
        _wish(lead),
    ).all()
    asked = [Asked(row.property_id, row.Listing) for row in rows if row.kind == "asked"]
    return Properties(
        asked[0] if asked else None,
        [
            Liked(row.interest_id, row.property_id, InterestLevel.stored(row.interest_level), row.Listing)
            for row in rows
            if row.kind == "liked"
        ],
        [Suggestion(row.property_id, row.weight, row.leads, row.Listing) for row in rows if row.kind == "suggested"],
    )


def _asked(lead_id: UUID):
    """The newest source that names a property."""
    return (
        select(
            literal("asked").label("kind"),
            LeadSource.property_id,
            cast(null(), Uuid).label("interest_id"),
            cast(null(), String).label("interest_level"),
            cast(null(), Integer).label("weight"),
            cast(null(), Integer).label("leads"),
            LeadSource.created_at,
        )
        .where(LeadSource.lead_id == lead_id, LeadSource.property_id.is_not(None))
        .order_by(LeadSource.created_at.desc())
        .limit(1)
    )


def _liked(lead_id: UUID):
    mine = LeadPropertyInterest
    level = case({word: place for place, word in enumerate(InterestLevel)}, value=mine.interest_level)
    return (
        select(
            literal("liked"),
            mine.property_id,
            mine.interest_id,
            cast(mine.interest_level, String),
            null(),
            null(),
            mine.created_at,
        )
        .where(mine.lead_id == lead_id)
        .order_by(level, mine.created_at.desc())
        .limit(MOST_LIKED)
    )


def _wish(lead: Lead) -> dict:
    return {
        "lead_id": lead.lead_id,
        "property_type": lead.property_type,
        "areas": lead.preferred_areas,
        "budget_min": lead.budget_min,
        "budget_max": lead.budget_max,
        "purpose": lead.purpose,
        "most": MOST,
    }
