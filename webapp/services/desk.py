"""What waits for whom: the figures of the home pages, one round trip each. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import contains_eager, joinedload

from webapp.extensions import db
from webapp.models import Lead, LeadActivity
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.leads.filters import OPEN

FIGURES = text("""
    SELECT (SELECT count(*) FROM leads WHERE created_at >= :today) AS captured_today,
           (SELECT count(*) FROM leads WHERE status NOT IN ('converted', 'lost') AND owner_id IS NULL) AS unassigned,
           (SELECT count(*) FROM leads WHERE status = 'new') AS unanswered,
           (SELECT count(*) FROM leads WHERE status NOT IN ('converted', 'lost') AND next_step_at < now()) AS overdue,
           (SELECT count(*) FROM leads WHERE last_contact_at >= :today) AS contacted_today
""")


@dataclass(frozen=True)
class Figures:
    """The office now, all in leads, so that each number opens its rows."""

    captured_today: int
    unassigned: int
    unanswered: int
    overdue: int
    contacted_today: int


def figures(*, today: datetime) -> Figures:
    """The office's figures; `today` is the start of the Dubai day."""
    return Figures(**db.session.execute(FIGURES, {"today": today}).mappings().one())


def unassigned(*, by: Actor, limit: int = 6) -> list[Lead]:
    """Active leads nobody owns, the most promising first."""
    query = (
        select(Lead)
        .where(access.leads(by=by), OPEN, Lead.owner_id.is_(None))
        .order_by(Lead.score.desc(), Lead.created_at)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def latest_contacts(*, by: Actor, limit: int = 8) -> list[LeadActivity]:
    """The newest contacts with their leads and who logged them."""
    query = (
        select(LeadActivity)
        .join(LeadActivity.lead)
        .where(access.leads(by=by), LeadActivity.struck_at.is_(None))
        .options(contains_eager(LeadActivity.lead), joinedload(LeadActivity.logger), joinedload(LeadActivity.agent))
        .order_by(LeadActivity.activity_at.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
