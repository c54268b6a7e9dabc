"""What a hand-over would do, before it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from webapp.database import locks
from webapp.errors import Refused
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access, assignments, bulk
from webapp.services.access import Actor
from webapp.services.assignments import Assigned
from webapp.services.handovers.take import AT_ONCE, BEST_FIRST, Wish, best_first
from webapp.transaction import alone, transactional, undone
from webapp.vocabulary import AssignmentKind, TaskType


@dataclass(frozen=True)
class Move:
    """Who would take a lead, with what speaks for them, and the follow-ups that would get another time."""

    lead_id: UUID
    name: str
    agent: str
    kind: AssignmentKind | None
    explanation: dict
    moved: list[tuple[TaskType, datetime]]

    @property
    def reasons(self) -> dict:
        """The points of the one who takes it, by what they are for."""
        candidates = self.explanation.get("candidates", ())
        return next((one for one in candidates if one["name"] == self.agent), {})


@dataclass(frozen=True)
class Rehearsal:
    """What handing over would do: the moves, and (lead id, name, why) of what would stay; `of` so many in all.

    Of more than 200 leads these are the first 200 in the order in which they are moved.
    """

    moves: list[Move]
    stays: list[tuple[UUID, str, str]]
    of: int

    @property
    def is_part(self) -> bool:
        return len(self.moves) + len(self.stays) < self.of


@transactional
def rehearse(lead_ids: Iterable[UUID], wish: Wish, *, by: Actor) -> Rehearsal:
    """What `take` would do now: the very same is done and taken back, nothing stays written."""
    wanted = list(dict.fromkeys(lead_ids))
    first = _first(wanted, by) if len(wanted) > AT_ONCE else wanted

    def play() -> Rehearsal:
        locks.assignment()
        found = Rehearsal([], [], len(wanted))
        for lead in best_first(bulk.held(first, by=by).values()):
            if refused := _play(lead, wish, found, by):
                found.stays.append((lead.lead_id, lead.name, str(refused.message)))
        return found

    return undone(play)


def _first(lead_ids: list[UUID], by: Actor) -> list[UUID]:
    """The best 200 of them."""
    mine = select(Lead.lead_id).where(Lead.lead_id.in_(lead_ids), access.leads(by=by)).order_by(*BEST_FIRST)
    return list(db.session.scalars(mine.limit(AT_ONCE)))


def _play(lead: Lead, wish: Wish, found: Rehearsal, by: Actor) -> Refused | None:
    def move() -> None:
        given = assignments.assign(lead.lead_id, by=by, agent_id=wish.agent_id, reason=wish.reason)
        found.moves.append(_told(lead, given))

    return alone(move)


def _told(lead: Lead, given: Assigned) -> Move:
    taken = given.assignment
    moved = [(task.type, task.due_date) for task in given.moved]
    agent = access.agent(taken.agent_id).full_name
    return Move(lead.lead_id, lead.name, agent, taken.kind, dict(taken.explanation or {}), moved)
