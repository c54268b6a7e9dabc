"""Who owns a lead: chosen by points, in exact turns among equals, never above the cap, and always explained (R4-R6)."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Agent, FollowUpTask, Lead, LeadAssignment
from webapp.services import access, audit, notifications, tasks
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import CAP, AssignmentKind, NoticeKind, Role

TYPE_POINTS, AREA_POINTS, LANGUAGE_POINTS = 3, 2, 2
EXPLAINED = 5
PARTS = ("type_points", "area_points", "language_points", "rate_points")

# One row an agent of the office. Points by R4; order: points, then whose last turn is longest ago.
CANDIDATES = text("""
    SELECT a.agent_id, a.full_name, a.on_duty, a.active_leads_count, a.last_assigned_at,
           CASE WHEN :property_type = ANY (a.specialization_property_type)
                THEN :type_points ELSE 0 END AS type_points,
           CASE WHEN a.specialization_areas && CAST(:areas AS text[])
                THEN :area_points ELSE 0 END AS area_points,
           CASE WHEN a.language_skills && CAST(:languages AS text[])
                THEN :language_points ELSE 0 END AS language_points,
           CASE WHEN latest.conversion_rate >= 30 THEN 3
                WHEN latest.conversion_rate >= 20 THEN 2
                WHEN latest.conversion_rate > 0 THEN 1 ELSE 0 END AS rate_points,
           latest.conversion_rate
    FROM agents a
    LEFT JOIN LATERAL (
        SELECT conversion_rate FROM agent_performance_metrics m
        WHERE m.agent_id = a.agent_id ORDER BY m.updated_at DESC LIMIT 1) latest ON true
""")


@dataclass(frozen=True)
class Choice:
    """An agent for a lead, and why."""

    agent_id: UUID
    kind: AssignmentKind
    explanation: dict


@dataclass(frozen=True)
class Handover:
    """What an assignment did: the row, and the follow-ups that had to move to another time."""

    assignment: LeadAssignment
    moved: list[FollowUpTask]


def give(lead: Lead, *, by: Actor) -> LeadAssignment | None:
    """Choose the agent of a lead that has none, assign it and plan the first call. None: nobody can take it.

    The office-wide lock is held from here to the commit, so that turns are exact.
    """
    locks.assignment()
    choice = _choose_and_hold(lead, by=by)
    if choice is None:
        notifications.tell_managers(NoticeKind.LEAD_UNASSIGNED, lead_id=lead.lead_id, by=by)
        return None
    return _insert(lead, choice, by)


def choose(lead: Lead, *, by: Actor, but: UUID | None = None) -> Choice | None:
    """The agent for a lead: the person's own agent, the agent who adds it, or the best match. Reads only.

    `but` is the owner it is taken from, who is no candidate.
    """
    rows = [row for row in _candidates(lead) if row["agent_id"] != but]
    free = {row["agent_id"]: row for row in rows if row["on_duty"] and row["active_leads_count"] < CAP}
    known = _agent_of_the_person(lead)
    if known and known in free:
        return Choice(known, AssignmentKind.SAME_PERSON, _explanation(rows, free, known))
    if by.role == Role.AGENT and by.agent_id and by.agent_id in free:
        return Choice(by.agent_id, AssignmentKind.OWN, _explanation(rows, free, by.agent_id))
    if not free:
        return None
    best = min(free.values(), key=_turn)
    return Choice(best["agent_id"], AssignmentKind.BEST_MATCH, _explanation(rows, free, best["agent_id"]))


@transactional
def assign(
    lead_id: UUID, *, by: Actor, agent_id: UUID | None, reason: str = "", owner_from: str | None = None
) -> Handover:
    """Give a lead to this agent by hand, or to the best match where `agent_id` is None. Follow-ups move along.

    `owner_from` is the owner that `by` saw (an id, "" for nobody, None: does not matter); where somebody was
    faster, `stale` says who has the lead now.

    Refused: the same agent, an agent off duty, an agent at the cap (`agent_overload`), a closed lead, taking a
    lead from its owner without a reason.
    """
    locks.assignment()
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.status.is_closed:
        raise Invalid(_("This lead is closed; its owner stays."), field="agent_id")
    current = db.session.scalar(select(LeadAssignment).where(LeadAssignment.lead_id == lead_id))
    _refuse_if_faster(current, owner_from)
    choice = _choice_by_hand(lead, agent_id, current, by)
    if current and not reason:
        raise Invalid(_("Say why it changes hands."), field="reason")
    if current is None:
        assignment = _insert(lead, choice, by, reason)
        # Data that was taken over may hold follow-ups of leads that are nobody's.
        return Handover(assignment, tasks.move_open(lead_id, choice.agent_id))
    return _move(lead, current, choice, by, reason)


def _refuse_if_faster(current: LeadAssignment | None, owner_from: str | None) -> None:
    if owner_from is None or owner_from == (str(current.agent_id) if current else ""):
        return
    if current is None:
        raise Conflict(_("Nobody owns this lead any more. Look again."), code="stale", field="agent_id")
    name = access.agent(current.agent_id).full_name
    raise Conflict(_("Somebody was faster: %(name)s owns this lead now.", name=name), code="stale", field="agent_id")


def _choose_and_hold(lead: Lead, *, by: Actor, but: UUID | None = None) -> Choice | None:
    """The choice, made sure of: the agent is held, and still on duty and below the cap.

    At the prompt somebody may go off duty, or be given a lead, while we look.
    """
    while choice := choose(lead, by=by, but=but):
        agent = _hold(choice.agent_id, but).get(choice.agent_id)
        if agent and agent.on_duty and not agent.is_full:
            return choice
    return None


def _hold(*agent_ids: UUID | None) -> dict[UUID, Agent]:
    """These agents as they are now, their rows held in one order until the transaction ends."""
    query = select(Agent).where(Agent.agent_id.in_([agent_id for agent_id in agent_ids if agent_id]))
    held = query.order_by(Agent.agent_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return {agent.agent_id: agent for agent in db.session.scalars(held)}


def _choice_by_hand(lead, agent_id, current, by) -> Choice:
    owner = current.agent_id if current else None
    if agent_id is None:
        choice = _choose_and_hold(lead, by=by, but=owner)
        if choice is None:
            raise Conflict(_("Nobody else on duty has room."), code="agent_overload", field="agent_id")
        return choice
    _hold(agent_id, owner)
    agent = access.agent(agent_id)
    if owner == agent_id:
        raise Invalid(_("%(name)s owns this lead already.", name=agent.full_name), field="agent_id")
    if not agent.on_duty:
        raise Invalid(_("%(name)s is off duty.", name=agent.full_name), field="agent_id")
    if agent.is_full:
        raise Conflict(
            _(
                "%(name)s already has %(cap)s active leads. Choose somebody else.",
                name=agent.full_name,
                cap=CAP,
            ),
            code="agent_overload",
            field="agent_id",
        )
    return Choice(agent_id, AssignmentKind.BY_HAND, {"by": by.name})


def _insert(lead: Lead, choice: Choice, by: Actor, reason: str = "") -> LeadAssignment:
    assignment = LeadAssignment(
        lead_id=lead.lead_id,
        agent_id=choice.agent_id,
        kind=choice.kind,
        reason=reason or None,
        explanation=choice.explanation,
    )
    db.session.add(assignment)
    db.session.flush()
    if not lead.status.is_closed:
        tasks.schedule_first(lead, choice.agent_id)
    _tell(lead, choice, by)
    return assignment


def _move(lead, current: LeadAssignment, choice: Choice, by: Actor, reason: str) -> Handover:
    before = current.agent_id
    current.agent_id = choice.agent_id
    current.kind = choice.kind
    current.explanation = choice.explanation
    current.reason = reason or None
    current.reassigned_at = func.now()
    db.session.flush()
    moved = tasks.move_open(lead.lead_id, choice.agent_id)
    notifications.tell_agent(before, NoticeKind.LEAD_TAKEN, lead_id=lead.lead_id, by=by)
    _tell(lead, choice, by, before)
    return Handover(current, moved)


def _tell(lead, choice, by, before: UUID | None = None):
    notifications.tell_agent(choice.agent_id, NoticeKind.LEAD_ASSIGNED, lead_id=lead.lead_id, by=by)
    audit.record(
        "assignments.assign",
        by=by,
        lead_id=lead.lead_id,
        before={"agent_id": str(before)} if before else None,
        after={"agent_id": str(choice.agent_id), "kind": choice.kind},
    )


def _candidates(lead: Lead) -> list[dict]:
    rows = db.session.execute(
        CANDIDATES,
        {
            "property_type": lead.property_type,
            "areas": lead.preferred_areas or [],
            "languages": sorted({word for word in (lead.language_preference, lead.spoken_language) if word}),
            "type_points": TYPE_POINTS,
            "area_points": AREA_POINTS,
            "language_points": LANGUAGE_POINTS,
        },
    ).mappings()
    return [{**row, "points": sum(row[part] for part in PARTS)} for row in rows]


def _turn(row: dict) -> tuple:
    """Who comes first: most points, then never assigned or longest ago, then fewer leads, then id."""
    last = row["last_assigned_at"]
    return (-row["points"], last.timestamp() if last else 0, row["active_leads_count"], row["agent_id"])


def _agent_of_the_person(lead: Lead) -> UUID | None:
    """Who owns the most recently assigned active lead of the same phone."""
    latest = func.coalesce(LeadAssignment.reassigned_at, LeadAssignment.assigned_at)
    return db.session.scalar(
        select(LeadAssignment.agent_id)
        .join(Lead, Lead.lead_id == LeadAssignment.lead_id)
        .where(Lead.phone == lead.phone, Lead.lead_id != lead.lead_id, LeadAssignment.is_active)
        .order_by(latest.desc(), LeadAssignment.assignment_id)
        .limit(1)
    )


def _explanation(rows: list[dict], free: dict, chosen: UUID) -> dict:
    """What is stored with the decision: the best candidates with their points, and who was left out and why."""
    ranked = sorted(free.values(), key=_turn)
    best = ranked[:EXPLAINED]
    if chosen not in [row["agent_id"] for row in best]:
        best = [*best[: EXPLAINED - 1], free[chosen]]
    off_duty = sum(not row["on_duty"] for row in rows)
    return {
        "candidates": [
            {
                "agent_id": str(row["agent_id"]),
                "name": row["full_name"],
                "points": row["points"],
                **{part: row[part] for part in PARTS if row[part]},
                "last_turn": row["last_assigned_at"].isoformat() if row["last_assigned_at"] else None,
            }
            for row in best
        ],
        "considered": len(free),
        "lower": sum(row["points"] < free[chosen]["points"] for row in free.values()),
        "off_duty": off_duty,
        "full": len(rows) - off_duty - len(free),
    }
