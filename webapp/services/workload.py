"""The agents with what they hold: who has room, who is full, who is away. Reads only."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import aliased

from webapp.extensions import db
from webapp.models import Agent, AgentPerformanceMetrics, Lead
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.leads.filters import OPEN
from webapp.vocabulary import CAP, NEAR_CAP, AgentOrder, PropertyType, SpokenLanguage, Status, Team

PAGE, AT_ONCE = 15, 6

ON_DUTY: Any = Agent.on_duty
NEEDS_A_LOOK = or_(Agent.active_leads_count >= NEAR_CAP, and_(~ON_DUTY, Agent.active_leads_count > 0))
"""Near the cap or at it, or off duty while leads wait."""

_latest = (
    select(AgentPerformanceMetrics)
    .where(AgentPerformanceMetrics.agent_id == Agent.agent_id)
    .order_by(AgentPerformanceMetrics.updated_at.desc())
    .limit(1)
    .lateral()
)
Latest = aliased(AgentPerformanceMetrics, _latest)

TEAMS: dict[Team | None, Any] = {
    None: Agent.left_at.is_(None),
    Team.ON_DUTY: ON_DUTY,
    Team.NEAR: Agent.active_leads_count >= NEAR_CAP,
    Team.ATTENTION: NEEDS_A_LOOK,
    Team.LEFT: Agent.left_at.is_not(None),
}
ORDERS: dict[AgentOrder, tuple[Any, ...]] = {
    AgentOrder.LOAD: (Agent.active_leads_count.desc(),),
    AgentOrder.NAME: (),
    AgentOrder.RATE: (Latest.conversion_rate.desc().nulls_last(),),
    AgentOrder.RESPONSE: (Latest.average_response_time.asc().nulls_last(),),
    AgentOrder.EXPIRY: (Agent.broker_number_expires_on.asc().nulls_last(),),
}


@dataclass(frozen=True)
class Choice:
    """Which agents are asked for; None or empty means all."""

    team: Team | None = None
    language: SpokenLanguage | None = None
    area: str = ""
    property_type: PropertyType | None = None


@dataclass(frozen=True)
class Load:
    """One agent: active leads by status, how many of them are late with a follow-up, and the latest figures."""

    agent: Agent
    by_status: dict[Status, int]
    late: int
    rate: Decimal | None
    response: timedelta | None


@dataclass(frozen=True)
class Office:
    """All agents together; `room` is what those on duty can still take."""

    agents: int
    on_duty: int
    leads: int
    room: int


def loads(choice: Choice, *, by: Actor, order: AgentOrder = AgentOrder.LOAD, start: int = 0) -> tuple[list[Load], int]:
    """So many agents from `start` on, and how many there are in all."""
    held = (
        select(
            Lead.owner_id,
            Lead.status,
            func.count().label("leads"),
            func.count().filter(Lead.next_step_at < func.now()).label("late"),
        )
        .where(OPEN, Lead.owner_id.is_not(None))
        .group_by(Lead.owner_id, Lead.status)
        .subquery()
    )
    each = (
        select(
            held.c.owner_id,
            func.jsonb_object_agg(held.c.status, held.c.leads).label("by_status"),
            func.sum(held.c.late).label("late"),
        )
        .group_by(held.c.owner_id)
        .subquery()
    )
    query = (
        select(
            Agent,
            each.c.by_status,
            each.c.late,
            Latest.conversion_rate,
            Latest.average_response_time,
            func.count().over().label("of"),
        )
        .outerjoin(each, each.c.owner_id == Agent.agent_id)
        .outerjoin(_latest, true())
        .where(access.agents(by=by), *_conditions(choice))
        .order_by(*ORDERS[order], Agent.full_name, Agent.agent_id)
        .offset(start)
        .limit(PAGE)
    )
    rows = db.session.execute(query).all()
    found = [Load(row.Agent, _in_order(row.by_status or {}), int(row.late or 0), row[3], row[4]) for row in rows]
    return found, rows[0].of if rows else 0


def office() -> Office:
    """How many agents there are, and what they hold together."""
    room = func.sum(CAP - Agent.active_leads_count).filter(ON_DUTY)
    query = select(
        func.count(),
        func.count().filter(ON_DUTY),
        func.coalesce(func.sum(Agent.active_leads_count), 0),
        func.coalesce(room, 0),
    )
    return Office(*db.session.execute(query.select_from(Agent).where(TEAMS[None])).one())


def needing_a_look(*, by: Actor) -> tuple[list[Agent], int]:
    """The first of the agents who are near the cap, full, or off duty with active leads; and how many there are."""
    query = (
        select(Agent, func.count().over())
        .where(access.agents(by=by), NEEDS_A_LOOK)
        .order_by(Agent.active_leads_count.desc(), Agent.full_name, Agent.agent_id)
        .limit(AT_ONCE)
    )
    rows = db.session.execute(query).all()
    return [agent for agent, _count in rows], rows[0][1] if rows else 0


def _conditions(choice: Choice):
    yield TEAMS[choice.team]
    if choice.language:
        yield Agent.language_skills.contains([choice.language])
    if choice.area:
        yield Agent.specialization_areas.contains([choice.area])
    if choice.property_type:
        yield Agent.specialization_property_type.contains([choice.property_type])


def _in_order(found: dict[str, int]) -> dict[Status, int]:
    return {status: found[status] for status in Status if status in found}
