"""The agent for a lead: chosen by points, in exact turns among equals, never above the cap, always explained (R4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select, text

from webapp.extensions import db
from webapp.models import Agent, Lead, LeadAssignment
from webapp.models.merges import reached_by
from webapp.services.access import Actor
from webapp.vocabulary import CAP, AssignmentKind, Role

TYPE_POINTS, AREA_POINTS, LANGUAGE_POINTS = 3, 2, 2
EXPLAINED = 5
PARTS = ("type_points", "area_points", "language_points", "rate_points")

# One row an agent of the office, with points by R4, in turn: most points, then never assigned or longest ago, then
# fewer leads.
CANDIDATES = text("""
    SELECT *, type_points + area_points + language_points + rate_points AS points FROM (
        SELECT a.agent_id, a.full_name, is_on_duty(a.on_duty, a.off_duty_until, a.left_at) AS on_duty,
               a.active_leads_count, a.last_assigned_at,
               CASE WHEN :property_type = ANY (a.specialization_property_type)
                    THEN :type_points ELSE 0 END AS type_points,
               CASE WHEN a.specialization_areas && CAST(:areas AS text[])
                    THEN :area_points ELSE 0 END AS area_points,
               CASE WHEN a.language_skills && CAST(:languages AS text[])
                    THEN :language_points ELSE 0 END AS language_points,
               CASE WHEN latest.conversion_rate >= 30 THEN 3
                    WHEN latest.conversion_rate >= 20 THEN 2
                    WHEN latest.conversion_rate > 0 THEN 1 ELSE 0 END AS rate_points
        FROM agents a
        LEFT JOIN LATERAL (
            SELECT conversion_rate FROM agent_performance_metrics m
            WHERE m.agent_id = a.agent_id ORDER BY m.updated_at DESC LIMIT 1) latest ON true
        WHERE a.left_at IS NULL) candidates
    ORDER BY points DESC, last_assigned_at NULLS FIRST, active_leads_count, agent_id
""")


@dataclass(frozen=True)
class Choice:
    """An agent for a lead, and why."""

    agent_id: UUID
    kind: AssignmentKind
    explanation: dict


def choose(lead: Lead, *, by: Actor, but: Collection[UUID] = ()) -> Choice | None:
    """The agent for a lead: the person's own agent, the agent who adds it, or the best match. Reads only.

    `but` are no candidates: the owner it is taken from, and those who let it lapse.
    """
    rows = [row for row in _candidates(lead) if row.agent_id not in but]
    free = {row.agent_id: row for row in rows if row.on_duty and row.active_leads_count < CAP}
    known = _agent_of_the_person(lead)
    if known and known in free:
        return Choice(known, AssignmentKind.SAME_PERSON, _explanation(rows, free, known))
    if by.role == Role.AGENT and by.agent_id and by.agent_id in free:
        return Choice(by.agent_id, AssignmentKind.OWN, _explanation(rows, free, by.agent_id))
    if not free:
        return None
    best = next(iter(free))
    return Choice(best, AssignmentKind.BEST_MATCH, _explanation(rows, free, best))


def choose_and_hold(lead: Lead, *, by: Actor, but: Collection[UUID] = ()) -> Choice | None:
    """The choice, made sure of: the agent is held, and still on duty and below the cap.

    At the prompt somebody may go off duty, or be given a lead, while we look.
    """
    while choice := choose(lead, by=by, but=but):
        agent = hold(choice.agent_id, *but).get(choice.agent_id)
        if agent and agent.on_duty and not agent.is_full:
            return choice
    return None


def hold(*agent_ids: UUID | None) -> dict[UUID, Agent]:
    """These agents as they are now, their rows held in one order until the transaction ends."""
    query = select(Agent).where(Agent.agent_id.in_([agent_id for agent_id in agent_ids if agent_id]))
    held = query.order_by(Agent.agent_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return {agent.agent_id: agent for agent in db.session.scalars(held)}


def _candidates(lead: Lead) -> Sequence[Row]:
    return db.session.execute(
        CANDIDATES,
        {
            "property_type": lead.property_type,
            "areas": lead.preferred_areas or [],
            "languages": sorted({word for word in (lead.language_preference, lead.spoken_language) if word}),
            "type_points": TYPE_POINTS,
            "area_points": AREA_POINTS,
            "language_points": LANGUAGE_POINTS,
        },
    ).all()


def _agent_of_the_person(lead: Lead) -> UUID | None:
    """Who owns the most recently assigned active lead of the same phone."""
    latest = func.coalesce(LeadAssignment.reassigned_at, LeadAssignment.assigned_at)
    return db.session.scalar(
        select(LeadAssignment.agent_id)
        .join(Lead, Lead.lead_id == LeadAssignment.lead_id)
        .where(reached_by(lead.phone), Lead.lead_id != lead.lead_id, LeadAssignment.is_active)
        .order_by(latest.desc(), LeadAssignment.assignment_id)
        .limit(1)
    )


def _explanation(rows: list[Row], free: dict[UUID, Row], chosen: UUID) -> dict:
    """What is stored with the decision: the best candidates with their points, and who was left out and why."""
    best = list(free.values())[:EXPLAINED]
    if chosen not in [row.agent_id for row in best]:
        best = [*best[: EXPLAINED - 1], free[chosen]]
    off_duty = sum(not row.on_duty for row in rows)
    return {
        "candidates": [
            {
                "agent_id": str(row.agent_id),
                "name": row.full_name,
                "points": row.points,
                **{part: getattr(row, part) for part in PARTS if getattr(row, part)},
                "last_turn": row.last_assigned_at.isoformat() if row.last_assigned_at else None,
            }
            for row in best
        ],
        "considered": len(free),
        "lower": sum(row.points < free[chosen].points for row in free.values()),
        "off_duty": off_duty,
        "full": len(rows) - off_duty - len(free),
    }
