"""What of two leads is chosen between, and what is said of it where nobody chooses."""

from uuid import UUID

from webapp.models import Lead
from webapp.vocabulary import Side

PARTS = {
    "name": ("first_name", "last_name"),
    "phone": ("phone",),
    "email": ("email",),
    "nationality": ("nationality",),
    "language_preference": ("language_preference",),
    "spoken_language": ("spoken_language",),
    "purpose": ("purpose",),
    "property_type": ("property_type",),
    "bedrooms": ("bedrooms",),
    "preferred_areas": ("preferred_areas",),
    "budget": ("budget_min", "budget_max"),
    "consent": ("consent_at",),
}
"""By what is chosen: the columns that go together."""
CAPTURE = ("created_at", "source_type")
"""A person has come when they came first: of the two captures the earlier one is the lead's."""


def values(lead: Lead, part: str) -> list:
    """What the lead says of this part; None where it says nothing. Of consent it matters only whether it was given."""
    if part == "consent":
        return [True if lead.consent_at else None]
    said = [getattr(lead, column) for column in PARTS[part]]
    return [None if value in ("", []) else value for value in said]


def says(lead: Lead, part: str) -> bool:
    """Whether the lead says anything of this part."""
    return any(value is not None for value in values(lead, part))


def differing(lead: Lead, other: Lead) -> list[str]:
    """The parts in which the two are not the same."""
    return [part for part in PARTS if values(lead, part) != values(other, part)]


def chosen_by_itself(part: str, survivor: Lead) -> Side:
    """What the lead that stays says, or, where it says nothing, the other one."""
    return Side.LEAD if says(survivor, part) else Side.OTHER


def owners(survivor: Lead, other: Lead) -> list[UUID]:
    """Whose the lead that stays may be: who owns one of the two that is as open as it, its own owner first."""
    alike = [lead for lead in (survivor, other) if lead.status.is_closed == survivor.status.is_closed]
    return list(dict.fromkeys(lead.owner_id for lead in alike if lead.owner_id))
