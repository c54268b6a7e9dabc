"""Who somebody is, by their phone number: all leads, visits and contacts of one phone together (R2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Lead, LeadAssignment
from webapp.models.leads import full_name
from webapp.services import access
from webapp.services.access import Actor
from webapp.vocabulary import Language, SpokenLanguage

# Everything the front desk may know of one phone, in one row (R14).
PERSON = text("""
    WITH theirs AS (
        SELECT l.*, a.agent_id, coalesce(a.reassigned_at, a.assigned_at) AS owned_since
        FROM leads l LEFT JOIN lead_assignments a USING (lead_id) WHERE l.phone = :phone
    ), main AS (
        SELECT * FROM theirs
        ORDER BY status IN ('converted', 'lost'), owned_since DESC NULLS LAST, created_at DESC LIMIT 1
    )
    SELECT main.lead_id, main.first_name, main.last_name, main.phone, main.spoken_language,
           main.language_preference, main.status IN ('converted', 'lost') AS is_closed,
           g.agent_id, g.full_name AS agent_name,
           is_on_duty(g.on_duty, g.off_duty_until, g.left_at) AS on_duty, g.phone AS agent_phone,
           (SELECT count(*) FROM theirs) AS leads,
           contact.activity_at AS contacted_at, contact.type AS contacted_by,
           viewing.due_date AS viewing_at,
           visits.times, visits.latest AS visited_at, visits.waiting
    FROM main
    LEFT JOIN agents g ON g.agent_id = main.agent_id
    LEFT JOIN LATERAL (
        SELECT activity_at, type FROM lead_activities
        WHERE lead_id IN (SELECT lead_id FROM theirs) AND struck_at IS NULL
        ORDER BY activity_at DESC LIMIT 1) contact ON true
    LEFT JOIN LATERAL (
        SELECT due_date FROM follow_up_tasks
        WHERE lead_id IN (SELECT lead_id FROM theirs) AND type = 'viewing' AND status IN ('pending', 'overdue')
          AND due_date >= :today AND due_date < :today + interval '1 day'
        ORDER BY due_date LIMIT 1) viewing ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS times, max(arrived_at) AS latest, bool_or(status = 'waiting') AS waiting FROM visits
        WHERE lead_id IN (SELECT lead_id FROM theirs)) visits ON true
""")


@dataclass(frozen=True)
class Person:
    """A known phone number, as the front desk may see it: no budgets, no notes."""

    lead_id: UUID
    first_name: str
    last_name: str
    phone: str
    spoken_language: str | None
    language_preference: str | None
    is_closed: bool
    agent_id: UUID | None
    agent_name: str | None
    on_duty: bool | None
    agent_phone: str | None
    leads: int
    contacted_at: datetime | None
    contacted_by: str | None
    viewing_at: datetime | None
    times: int
    visited_at: datetime | None
    waiting: bool | None

    @property
    def name(self) -> str:
        return full_name(self.first_name, self.last_name)

    @property
    def speaks(self):
        if self.spoken_language:
            return SpokenLanguage(self.spoken_language)
        return Language.stored(self.language_preference) if self.language_preference else None


def find(phone: str, *, today: datetime) -> Person | None:
    """The person with this phone (E.164), or None for a new one. `today` is the start of the Dubai day."""
    row = db.session.execute(PERSON, {"phone": phone, "today": today}).mappings().first()
    return Person(**row) if row else None


@dataclass(frozen=True)
class Met:
    """A lead that somebody ran into as a duplicate: its date, source and owner, and whether they may open it."""

    lead: Lead
    may_open: bool


def met(lead_id: UUID, *, by: Actor) -> Met:
    """The lead that an enquiry was added to, as far as `by` may know of it (R14)."""
    query = select(Lead, access.leads(by=by).label("mine")).where(Lead.lead_id == lead_id)
    query = query.options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
    return Met(*db.session.execute(query).one())


def other_leads(lead: Lead, *, by: Actor) -> list[tuple[Lead, bool]]:
    """The person's other leads, newest first, each with whether `by` may open it (R14)."""
    query = (
        select(Lead, access.leads(by=by).label("mine"))
        .where(Lead.phone == lead.phone, Lead.lead_id != lead.lead_id)
        .order_by(Lead.created_at.desc())
        .limit(10)
        .options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
    )
    return [(other, mine) for other, mine in db.session.execute(query)]
