from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import contains_eager, joinedload

from webapp.database.engine import from_replica
from webapp.extensions import db
from webapp.models import LeadActivity
from webapp.models.leads import NAMED
from webapp.services.access import Actor
from webapp.services.leads.filters import waited
from webapp.services.leads.listing import in_time
from webapp.services.reports.bases import GAPS
from webapp.services.reports.scope import Pauses, Scope
from webapp.vocabulary import Outcome

MOST = 100


@dataclass(frozen=True)
class Behind:
    """The activities behind a number, each with the pause before it: the latest of them, and how many there are."""

    rows: list
    count: int


def activities(pauses: Pauses, scope: Scope, *, by: Actor) -> Behind:
    """What report 9 counts: at most MOST of these activities, the latest first."""
    query = (
        GAPS.rows(scope, by, [])
        .with_only_columns(LeadActivity, LeadActivity.pause, func.count().over())
        .join(LeadActivity.lead)
        .where(*([waited(LeadActivity.pause, pauses.wait)] if pauses.wait else []))
        .where(*([LeadActivity.outcome == Outcome.POSITIVE] if pauses.is_positive else []))
        .options(contains_eager(LeadActivity.lead).load_only(*NAMED))
        .options(joinedload(LeadActivity.agent))
        .order_by(LeadActivity.activity_at.desc(), LeadActivity.activity_id)
        .limit(MOST)
    )
    with from_replica(db.session):
        rows = list(in_time(query))
    return Behind([(activity, gap) for activity, gap, _count in rows], rows[0][2] if rows else 0)
