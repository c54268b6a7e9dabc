"""A hand-over as its page shows it. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Agent, FollowUpTask, Handover, HandoverLead, Lead, User
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.handovers.facts import moved
from webapp.services.handovers.undo import PATIENCE
from webapp.vocabulary import HandoverState

PAGE = 50


@dataclass(frozen=True)
class Shown:
    """A hand-over, how many of its leads are in which state, to whom, who undid it, and until when it can be undone."""

    handover: Handover
    counts: dict[HandoverState, int]
    to: str | None
    asked_by: str
    undone_by: str | None
    undo_until: datetime | None

    @property
    def of(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many are dealt with, in what the worker is doing now."""
        left = HandoverState.MOVED if self.handover.undone_at else HandoverState.WAITING
        return self.of - self.counts[left]


@dataclass(frozen=True)
class Line:
    """A lead of it, and its follow-ups that got another time."""

    row: HandoverLead
    moved: list[FollowUpTask]


def shown(handover_id: UUID, *, by: Actor) -> Shown:
    """The hand-over and its counts."""
    handover = access.handover(handover_id, by=by)
    counting = select(HandoverLead.state, func.count()).where(HandoverLead.handover_id == handover_id)
    found = {row[0]: row[1] for row in db.session.execute(counting.group_by(HandoverLead.state))}
    names = select(
        select(Agent.full_name).where(Agent.agent_id == handover.agent_id).scalar_subquery(),
        select(User.name).where(User.user_id == handover.user_id).scalar_subquery(),
        select(User.name).where(User.user_id == handover.undone_by).scalar_subquery(),
        func.clock_timestamp(),
    )
    to, asked_by, undone_by, now = db.session.execute(names).one()
    counts = {state: found.get(state, 0) for state in HandoverState}
    until = handover.ended_at + PATIENCE if handover.ended_at and not handover.undone_at else None
    may = until is not None and now < until and counts[HandoverState.MOVED]
    return Shown(handover, counts, to, asked_by, undone_by, until if may else None)


def lines(handover_id: UUID, state: HandoverState, *, by: Actor, after: int = 0) -> list[Line]:
    """Fifty of its leads in this state after this number, with their agents, and one more where there is one."""
    access.handover(handover_id, by=by)
    query = (
        select(HandoverLead)
        .where(
            HandoverLead.handover_id == handover_id,
            HandoverLead.state == state,
            HandoverLead.number > after,
        )
        .order_by(HandoverLead.number)
        .limit(PAGE + 1)
        .options(
            joinedload(HandoverLead.lead).joinedload(Lead.owner),
            joinedload(HandoverLead.agent),
            joinedload(HandoverLead.from_agent),
        )
    )
    rows = list(db.session.scalars(query))
    other_time = {row.number: moved(row.before, row.after) for row in rows if row.before and row.after}
    wanted = [task_id for task_ids in other_time.values() for task_id in task_ids]
    tasks = {task.task_id: task for task in db.session.scalars(_tasks(wanted))} if wanted else {}
    return [
        Line(row, [tasks[task_id] for task_id in other_time.get(row.number, ()) if task_id in tasks]) for row in rows
    ]


def _tasks(task_ids: list[UUID]):
    return select(FollowUpTask).where(FollowUpTask.task_id.in_(task_ids))
