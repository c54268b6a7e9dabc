"""Search from anywhere: people by number, name, e-mail or #number, and properties by their reference. Reads only."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from webapp import phones
from webapp.extensions import db
from webapp.models import Lead, LeadPropertyInterest, Listing
from webapp.services import access, people
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.services.leads.filters import SHORTEST_FRAGMENT, narrowed, ordered
from webapp.services.leads.listing import in_time
from webapp.services.people import Person
from webapp.vocabulary import LeadOrder, Role

MOST = 7
"""People that are shown at once; who wants more opens the list."""
PROPERTIES, ASKERS = 3, 3
"""Properties, and of each how many who like it."""
SHORTEST_NAME, SHORTEST_REFERENCE = 2, 3


@dataclass(frozen=True)
class Wanted:
    """A property and the newest leads that like it, of those that somebody may see."""

    listing: Listing
    leads: list[Lead]


@dataclass(frozen=True)
class Found:
    """What somebody may see of what they looked for; `phone` is the whole number that was typed, if it was one."""

    people: list[Lead] = field(default_factory=list)
    more: bool = False
    visitor: Person | None = None
    phone: str | None = None
    properties: list[Wanted] = field(default_factory=list)
    is_too_short: bool = False

    @property
    def count(self) -> int:
        """How many people and properties are shown."""
        return len(self.people) + (self.visitor is not None) + len(self.properties)

    @property
    def is_nothing(self) -> bool:
        return not self.count


def find(typed: str, *, by: Actor, today: datetime) -> Found:
    """Whom and what these words name, as far as `by` may see them (R14).

    People as the list finds them (R11), then those whose whole name is spelled so in either script. Reception finds by
    a whole number only: who it is, as at the front desk. `today` is the start of the Dubai day.
    """
    typed = typed.strip()
    phone = phones.to_e164(typed) if typed else None
    if by.role == Role.RECEPTIONIST:
        return Found(visitor=people.find(phone, today=today) if phone else None, phone=phone)
    nothing = Found(phone=phone, is_too_short=bool(typed) and not _is_telling(typed))
    if not typed or nothing.is_too_short:
        return nothing
    found = list(in_time(_people(typed, by=by)).scalars())
    return replace(nothing, people=found[:MOST], more=len(found) > MOST, properties=_properties(typed, by=by))


def _is_telling(typed: str) -> bool:
    """Whether it is long enough to look for anybody: a number, two letters, or the digits that R11 asks for."""
    if any(letter.isalpha() for letter in typed):
        return sum(letter.isalnum() for letter in typed) >= SHORTEST_NAME
    digits = phones.digits(typed)
    return len(digits) >= (1 if typed.startswith("#") else SHORTEST_FRAGMENT)


def _people(typed: str, *, by: Actor) -> Select:
    """The newest whose words or digits these are, then those with such a name, each once with their owners."""
    ways = [narrowed(Filters(q=typed), by=by)]
    if len(typed.split()) > 1 and any(letter.isalpha() for letter in typed):
        key = func.name_key(Lead.first_name, Lead.last_name)
        ways.append(select(Lead.lead_id).where(access.leads(by=by), key == func.name_key(typed, "")))
    some = [
        ordered(way.add_columns(literal(rank).label("rank")), LeadOrder.NEWEST).limit(MOST + 1).subquery().select()
        for rank, way in enumerate(ways)
    ]
    found = union_all(*some).subquery()
    best = select(found.c.lead_id, func.min(found.c.rank).label("rank")).group_by(found.c.lead_id).subquery()
    query = select(Lead).join(best, best.c.lead_id == Lead.lead_id).options(joinedload(Lead.owner))
    return query.order_by(best.c.rank, Lead.created_at.desc(), Lead.lead_id).limit(MOST + 1)


def _properties(typed: str, *, by: Actor) -> list[Wanted]:
    """The properties whose references begin so."""
    reference = typed.upper()
    if len(reference) < SHORTEST_REFERENCE or not any(sign.isdigit() for sign in reference) or typed[0] in "#+":
        return []
    named = select(Listing).where(func.starts_with(Listing.reference, reference))
    first = named.order_by(Listing.reference).limit(PROPERTIES).subquery()
    liked = LeadPropertyInterest.property_id == first.c.property_id
    askers = (
        select(Lead.lead_id)
        .join(LeadPropertyInterest, LeadPropertyInterest.lead_id == Lead.lead_id)
        .where(liked, access.leads(by=by))
        .order_by(LeadPropertyInterest.created_at.desc(), Lead.lead_id)
        .limit(ASKERS)
        .lateral()
    )
    query = (
        select(Listing, Lead)
        .join(first, first.c.property_id == Listing.property_id)
        .outerjoin(askers, literal(True))
        .outerjoin(Lead, Lead.lead_id == askers.c.lead_id)
        .options(joinedload(Lead.owner))
        .order_by(Listing.reference)
    )
    found: dict[Listing, list[Lead]] = {}
    for listing, lead in db.session.execute(query):
        found.setdefault(listing, []).extend([lead] if lead else [])
    # A property in no area that nobody likes leads nowhere.
    return [Wanted(listing, leads) for listing, leads in found.items() if leads or listing.area]
