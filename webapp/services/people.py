"""Who somebody is, by their phone number: all leads, visits and contacts of one phone together (R2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, text, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased, joinedload

from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Distinction, Enquiry, Lead, LeadAssignment
from webapp.models.leads import full_name
from webapp.models.merges import reached_by
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import Alike, Language, SpokenLanguage

RANKS = tuple(Alike)
THEIRS, PERHAPS = 10, 3
"""How many other leads of a person are shown, and how many that may be theirs."""

# Everything the front desk may know of one phone, in one row (R14).
PERSON = text("""
    WITH theirs AS (
        SELECT l.*, a.agent_id, coalesce(a.reassigned_at, a.assigned_at) AS owned_since
        FROM leads l LEFT JOIN lead_assignments a USING (lead_id)
        WHERE l.phone = :phone OR l.lead_id = ANY (ARRAY(
            SELECT survivor_id FROM merges WHERE phones @> ARRAY[CAST(:phone AS text)] AND undone_at IS NULL))
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
           visits.times, visits.latest AS visited_at, visits.waiting,
           ARRAY(SELECT channel::text FROM contact_stops WHERE phone = :phone AND lifted_at IS NULL
                 ORDER BY stopped_at) AS stopped
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
    stopped: list[str]
    """By which ways they are not to be contacted."""

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
    """The lead that an enquiry was added to, as far as `by` may know of it (R14). `Conflict`: it has just gone."""
    query = select(Lead, access.leads(by=by).label("mine")).where(Lead.lead_id == lead_id)
    query = query.options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise Conflict(
            _("It was added to a lead that somebody has just set aside or merged. It is kept."), code="stale"
        )
    return Met(*found)


@dataclass(frozen=True)
class Other:
    """Another lead that is the same person's, or may be: by what, and whether somebody may open it."""

    lead: Lead
    may_open: bool
    alike: Alike

    @property
    def is_theirs(self) -> bool:
        """Whether it is certainly the same person's: it has their phone number."""
        return self.alike == Alike.PHONE


def other_leads(lead: Lead, *, by: Actor) -> list[Other]:
    """The person's other leads, newest first, and then, of those that `by` may open, which may be theirs as well.

    Those share an e-mail, a WhatsApp name or a name in either script, the most telling first, but for those that
    somebody said are not the same (R2). All in one round trip.
    """
    theirs = _others(Alike.PHONE, THEIRS, reached_by(lead.phone), Lead.lead_id != lead.lead_id)
    not_theirs = access.leads(by=by), ~reached_by(lead.phone), ~_told_apart(lead)
    perhaps = [_others(word, PERHAPS, shared, *not_theirs) for word, shared in _shared(lead)]
    found = union_all(theirs, *perhaps).subquery()
    best = select(found.c.lead_id, func.min(found.c.rank).label("rank")).group_by(found.c.lead_id).subquery()
    query = (
        select(Lead, access.leads(by=by).label("mine"), best.c.rank)
        .join(best, best.c.lead_id == Lead.lead_id)
        .order_by(best.c.rank, Lead.created_at.desc())
        .limit(THEIRS + PERHAPS)
        .options(joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
    )
    return [Other(other, mine, RANKS[rank]) for other, mine, rank in db.session.execute(query)]


@transactional
def tell_apart(lead_id: UUID, other_id: UUID, *, by: Actor) -> None:
    """Remember that these two are not the same person: neither is suggested at the other any more (R2)."""
    first, second = sorted(access.lead(one, by=by).lead_id for one in (lead_id, other_id))
    if first == second:
        raise Invalid(_("Choose two different leads."))
    pair = {"lead_id": first, "other_id": second, "decided_by": by.user_id}
    db.session.execute(insert(Distinction).values(pair).on_conflict_do_nothing())
    audit.record("people.tell_apart", by=by, lead_id=lead_id, subject_id=other_id)


def _shared(lead: Lead) -> Iterator[tuple[Alike, ColumnElement[bool]]]:
    """What makes another lead look like this one, by what they share."""
    if lead.email:
        words = Lead.words.bool_op("@@")(func.words_typed(lead.email))
        yield Alike.EMAIL, words & (func.lower(Lead.email) == lead.email.lower())
    its, theirs = aliased(Enquiry), aliased(Enquiry)
    same = select(theirs.lead_id).join(its, its.whatsapp_username == theirs.whatsapp_username)
    yield Alike.WHATSAPP, Lead.lead_id.in_(same.where(its.lead_id == lead.lead_id))
    name = func.name_key(lead.first_name, lead.last_name)
    yield Alike.NAME, func.name_key(Lead.first_name, Lead.last_name) == name


def _others(word: Alike, most: int, *conditions: ColumnElement[bool]) -> Select:
    newest = select(Lead.lead_id, literal(RANKS.index(word)).label("rank")).where(*conditions)
    return newest.order_by(Lead.created_at.desc()).limit(most)


def _told_apart(lead: Lead) -> ColumnElement[bool]:
    mine, its = Distinction.lead_id == lead.lead_id, Distinction.other_id == lead.lead_id
    return exists().where(
        or_(mine & (Distinction.other_id == Lead.lead_id), its & (Distinction.lead_id == Lead.lead_id))
    )
