from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, true

from webapp.extensions import db
from webapp.models import Agent, AgentPerformanceMetrics


@dataclass(frozen=True)
class Place:
    """Where an agent stands among so many by average response time, the fastest first; equals share a place."""

    place: int
    of: int
    as_of: datetime


def place(agent_id: UUID) -> Place | None:
    """The agent's place by the latest stored figures (R10); None while they have no response time.

    Of the others it says only how many there are.
    """
    metrics = AgentPerformanceMetrics
    latest = (
        select(metrics.average_response_time, metrics.updated_at)
        .where(metrics.agent_id == Agent.agent_id)
        .order_by(metrics.updated_at.desc())
        .limit(1)
        .lateral()
    )
    took = latest.c.average_response_time
    ranked = (
        select(
            Agent.agent_id,
            latest.c.updated_at,
            func.rank().over(order_by=took).label("place"),
            func.count().over().label("peers"),
        )
        .join(latest, true())
        .where(took.is_not(None))
        .subquery()
    )
    row = db.session.execute(select(ranked).where(ranked.c.agent_id == agent_id)).one_or_none()
    return Place(row.place, row.peers, row.updated_at) if row else None
