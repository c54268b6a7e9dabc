"""What is known of a person and their search, checked at the door (R1)."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _

from webapp import areas, phones
from webapp.errors import Invalid
from webapp.models import Lead
from webapp.services.pipeline import Past
from webapp.vocabulary import Channel, Language, PropertyType, Purpose, Source, SpokenLanguage

HIGHEST_BUDGET = Decimal(500_000_000)
NOT_COLUMNS = ("consent", "source_type")


@dataclass(frozen=True)
class Details:
    """What is known of a person and their search. Only phone and source are required (R1)."""

    phone: str
    source_type: Source
    first_name: str = ""
    last_name: str = ""
    email: str | None = None
    nationality: str | None = None
    language_preference: Language | None = None
    spoken_language: SpokenLanguage | None = None
    budget_min: Decimal | None = None
    budget_max: Decimal | None = None
    property_type: PropertyType | None = None
    preferred_areas: tuple[str, ...] = ()
    purpose: Purpose | None = None
    bedrooms: int | None = None
    consent: bool = False


@dataclass(frozen=True)
class Origin:
    """How the enquiry came: its channel, words, campaign, referrer and property.

    `enquiry_id` is the enquiry itself, where it was kept before anybody tried to make a lead of it. A file may tell
    when somebody came (`came_at`), and where they stood elsewhere (`past`).
    """

    channel: Channel = Channel.BY_HAND
    message: str = ""
    campaign_id: str | None = None
    referrer_agent_id: UUID | None = None
    property_id: UUID | None = None
    utm_source: str | None = None
    enquiry_id: UUID | None = None
    came_at: datetime | None = None
    past: Past | None = None


def checked(details: Details) -> Details:
    """The same details, normalised: phone as E.164, areas canonical, one figure as the upper budget.

    Raises `Invalid` at the field that cannot be right.
    """
    e164 = phones.to_e164(details.phone)
    if e164 is None:
        raise Invalid(phone_refusal(details.phone), field="phone")
    lowest, highest = details.budget_min, details.budget_max
    for name, budget in (("budget_min", lowest), ("budget_max", highest)):
        if budget is not None and not (budget.is_finite() and 0 < budget <= HIGHEST_BUDGET):
            raise Invalid(_("A budget is above zero and at most AED 500,000,000."), field=name)
    if lowest and (not highest or lowest == highest):
        lowest, highest = None, highest or lowest
    if lowest and highest and lowest > highest:
        raise Invalid(_("The upper budget must be above the lower one."), field="budget_max")
    named = dict.fromkeys(areas.canonical(area) for area in details.preferred_areas)
    return replace(details, phone=e164, budget_min=lowest, budget_max=highest, preferred_areas=tuple(named))


def phone_refusal(raw: str) -> str:
    """Why this cannot be a person's number, in a sentence that says what to do."""
    digits = phones.digits(raw)
    if not digits:
        return _("Type a phone number.")
    if phones.is_service(raw):
        return _("600 and 800 numbers are call centres, not a person. Ask for a mobile or landline.")
    if digits.startswith(("051", "057", "059")):
        return _(
            "No UAE mobile starts with %(prefix)s. Check the digits, or start with + and the country code.",
            prefix=digits[:3],
        )
    return _("That is not a phone number we can call. Check the digits, or start with + and the country code.")


def columns(details: Details) -> dict:
    """The details as columns of a lead; consent is a moment there, and the source never changes."""
    named = {f.name: getattr(details, f.name) for f in fields(details) if f.name not in NOT_COLUMNS}
    return named | {"preferred_areas": list(details.preferred_areas) or None}


def of_lead(lead: Lead) -> Details:
    """The details that a lead has now."""
    known = {f.name: getattr(lead, f.name) for f in fields(Details) if f.name != "consent"}
    known["preferred_areas"] = tuple(lead.preferred_areas or ())
    return Details(**known, consent=lead.consent_at is not None)
