"""What a score is counted from: a lead's details, its activities that count, when it was closed; many leads at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from webapp.extensions import db

LEADS = text("""
    SELECT l.lead_id, l.score, l.source_type, l.nationality, l.budget_max, l.property_type IS NOT NULL,
           coalesce(cardinality(l.preferred_areas), 0) > 0, l.created_at,
           CASE WHEN l.status IN ('converted', 'lost') THEN coalesce(
               (SELECT max(changed_at) FROM lead_conversion_history h
                WHERE h.lead_id = l.lead_id AND h.status_to IN ('converted', 'lost')), l.created_at) END,
           EXISTS (SELECT FROM lead_sources s WHERE s.lead_id = l.lead_id AND s.referrer_agent_id IS NOT NULL)
    FROM leads l WHERE l.lead_id = ANY(:lead_ids)
""")
ACTIVITIES = text("""
    SELECT lead_id, activity_id, type, outcome,
           greatest(activity_at, logged_at - interval '15 minutes') AS counted_at
    FROM lead_activities WHERE lead_id = ANY(:lead_ids) AND struck_at IS NULL
    ORDER BY counted_at, activity_id
""")


@dataclass(frozen=True, slots=True)
class Event:
    """An activity that counts."""

    activity_id: UUID
    type: str
    outcome: str | None
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """A lead as rules see it, with its score of today and its activities in order of time."""

    lead_id: UUID
    score: int
    source_type: str
    nationality: str | None
    budget_max: Decimal | None
    property_type: bool
    preferred_areas: bool
    created_at: datetime
    closed_at: datetime | None
    referred: bool
    events: list[Event] = field(default_factory=list)


def facts_of(lead_ids: Iterable[UUID]) -> list[Facts]:
    """The facts of these leads, in two queries."""
    wanted = {"lead_ids": list(lead_ids)}
    found = {row[0]: Facts(*row) for row in db.session.execute(LEADS, wanted).all()}
    for lead_id, activity_id, type, outcome, counted_at in db.session.execute(ACTIVITIES, wanted).all():
        found[lead_id].events.append(Event(activity_id, type, outcome, counted_at))
    return list(found.values())
