"""Handing leads over: up to 200 now, more by the worker; each lead by its own rule, and kept with how it stood (R5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, insert, literal, select

from webapp.database import locks
from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Handover, HandoverLead, Lead
from webapp.services import access, assignments, audit, bulk
from webapp.services.access import Actor
from webapp.services.assignments import Assigned
from webapp.services.handovers.facts import facts
from webapp.services.leads import Filters
from webapp.services.leads.filters import OPEN, narrowed
from webapp.transaction import alone, transactional
from webapp.vocabulary import HandoverState

AT_ONCE = bulk.MOST
MOST = 10_000
BEST_FIRST = Lead.score.desc(), Lead.lead_id


@dataclass(frozen=True)
class Wish:
    """Who takes them (None: each one's best match), and why."""

    agent_id: UUID | None
    reason: str


@dataclass(frozen=True)
class Taken:
    """One lead that was handed over, and under which number that is undone."""

    handover_id: UUID
    assigned: Assigned


def of_agent(agent_id: UUID, *, by: Actor) -> list[UUID]:
    """Every active lead of this agent that `by` may see, the best first: what is handed over when they go."""
    mine = select(Lead.lead_id).where(access.leads(by=by), Lead.owner_id == agent_id, OPEN)
    return list(db.session.scalars(mine.order_by(*BEST_FIRST)))


def listed(filters: Filters, *, by: Actor) -> list[UUID]:
    """Every active lead that these filters leave, the best first; refused with `Invalid` above 10,000."""
    found = db.session.scalars(narrowed(filters, by=by).where(OPEN).order_by(*BEST_FIRST).limit(MOST + 1)).all()
    if len(found) > MOST:
        raise Invalid(_("At most %(most)s leads are handed over at once. Narrow the list.", most=f"{MOST:,}"))
    return list(found)


@transactional
def take(lead_ids: Iterable[UUID], wish: Wish, *, by: Actor) -> Handover:
    """Hand these leads over, the best first. What is refused stays as it was and says why, the rest moves.

    Up to 200 at once, in one transaction; more are recorded for the worker, and `ended_at` is empty until it is done.
    """
    wanted = list(dict.fromkeys(lead_ids))
    handover = _new(wish, by)
    audit.record(
        "handovers.take",
        by=by,
        subject_id=handover.handover_id,
        after={"leads": len(wanted), "agent_id": str(wish.agent_id) if wish.agent_id else None, "reason": wish.reason},
    )
    if len(wanted) > AT_ONCE:
        _record(handover, wanted, by)
        return handover
    locks.assignment()
    for number, lead in enumerate(best_first(bulk.held(wanted, by=by).values()), 1):
        row = HandoverLead(handover_id=handover.handover_id, number=number, lead_id=lead.lead_id)
        db.session.add(row)
        db.session.flush()
        hand_over(row, wish, by=by)
    handover.ended_at = func.clock_timestamp()
    db.session.flush()
    return handover


@transactional
def assign(lead_id: UUID, wish: Wish, *, by: Actor, owner_from: str | None = None) -> Taken:
    """Hand one lead over, refused as `assignments.assign` refuses it."""
    handover = _new(wish, by)
    row = HandoverLead(handover_id=handover.handover_id, number=1, lead_id=lead_id)
    locks.assignment()
    access.lead(lead_id, by=by, lock=True)
    before = facts(lead_id)
    assigned = assignments.assign(lead_id, by=by, agent_id=wish.agent_id, reason=wish.reason, owner_from=owner_from)
    db.session.add(row)
    _keep(row, before, assigned)
    handover.ended_at = func.clock_timestamp()
    db.session.flush()
    return Taken(handover.handover_id, assigned)


def _new(wish: Wish, by: Actor) -> Handover:
    if wish.agent_id:
        access.agent(wish.agent_id)
    handover = Handover(user_id=by.user_id, agent_id=wish.agent_id, reason=wish.reason)
    db.session.add(handover)
    db.session.flush()
    return handover


def best_first(leads: Iterable[Lead]) -> list[Lead]:
    """In the order in which they are moved: where places are few, the best leads get them."""
    return sorted(leads, key=lambda lead: (-lead.score, lead.lead_id))


def hand_over(row: HandoverLead, wish: Wish, *, by: Actor) -> Assigned | None:
    """Move one lead of a hand-over, or note why it stays. Its row is held."""
    given = []

    def move() -> None:
        before = facts(row.lead_id)
        assigned = assignments.assign(row.lead_id, by=by, agent_id=wish.agent_id, reason=wish.reason)
        given.append((before, assigned))

    if refused := alone(move):
        row.state, row.why = HandoverState.STAYED, str(refused.message)
        return None
    before, assigned = given[0]
    _keep(row, before, assigned)
    return assigned


def _keep(row: HandoverLead, before: dict, assigned: Assigned) -> None:
    """What is needed to undo it."""
    row.state, row.before, row.after = HandoverState.MOVED, before, facts(row.lead_id)
    row.from_agent_id = UUID(before["agent_id"]) if before["agent_id"] else None
    row.agent_id = assigned.assignment.agent_id
    db.session.flush()


def _record(handover: Handover, lead_ids: list[UUID], by: Actor) -> None:
    """Number the leads in their order, for the worker."""
    if len(lead_ids) > MOST:
        raise Invalid(_("At most %(most)s leads are handed over at once. Narrow the list.", most=f"{MOST:,}"))
    number = func.row_number().over(order_by=BEST_FIRST)
    mine = select(literal(handover.handover_id), number, Lead.lead_id)
    mine = mine.where(Lead.lead_id.in_(lead_ids), access.leads(by=by))
    rows = insert(HandoverLead).from_select(["handover_id", "number", "lead_id"], mine)
    if len(db.session.scalars(rows.returning(HandoverLead.number)).all()) < len(lead_ids):
        raise Missing(_("That is not here, or not yours to see."))
