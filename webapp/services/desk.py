"""What waits for whom: the figures of the home pages, one round trip each. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import contains_eager, joinedload

from webapp.extensions import db
from webapp.models import Lead, LeadActivity, LeadAssignment
from webapp.services import access
from webapp.services.access import Actor

FIGURES = text("""
    SELECT (SELECT count(*) FROM leads WHERE created_at >= :today) AS captured_today,
           (SELECT count(*) FROM leads l WHERE status NOT IN ('converted', 'lost')
              AND NOT EXISTS (SELECT FROM lead_assignments a WHERE a.lead_id = l.lead_id)) AS unassigned,
           (SELECT count(*) FROM leads WHERE status = 'new') AS unanswered,
           (SELECT count(DISTINCT lead_id) FROM follow_up_tasks
              WHERE status IN ('pending', 'overdue') AND due_date < now()) AS overdue,
           (SELECT count(DISTINCT lead_id) FROM lead_activities
              WHERE activity_at >= :today AND struck_at IS NULL) AS contacted_today
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


def latest_leads(*, by: Actor, limit: int = 6) -> list[Lead]:
    """The newest leads with their owners."""
    query = select(Lead).where(access.leads(by=by)).order_by(Lead.created_at.desc(), Lead.lead_id.desc())
    return list(db.session.scalars(query.options(_owner()).limit(limit)))


def unassigned(*, by: Actor, limit: int = 6) -> list[Lead]:
    """Active leads nobody owns, the most promising first."""
    query = (
        select(Lead)
        .where(access.leads(by=by), Lead.status.not_in(("converted", "lost")), ~Lead.assignment.has())
        .options(_owner())
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


def _owner():
    return joinedload(Lead.assignment).joinedload(LeadAssignment.agent)
