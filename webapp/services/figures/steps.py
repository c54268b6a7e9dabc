from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, load_only

from webapp import clock
from webapp.extensions import db
from webapp.models import FollowUpTask, Lead
from webapp.services.access import Actor
from webapp.services.figures.scope import Scope
from webapp.services.leads.filters import narrowed
from webapp.vocabulary import OPEN_TASKS

MOST = 100


@dataclass(frozen=True)
class FollowUps:
    """An agent's open follow-ups in order of time, at most MOST of them: what is late and what is to come (R7)."""

    overdue: list[FollowUpTask]
    pending: list[FollowUpTask]
    count: int
    """How many there are in all."""

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.overdue) + len(self.pending)


def follow_ups(scope: Scope, *, by: Actor) -> FollowUps:
    """The open follow-ups of the scope's agent with these leads; what is past due is overdue, marked so or not."""
    query = (
        narrowed(scope.leads, by=by)
        .with_only_columns(FollowUpTask, func.count().over())
        .select_from(Lead)
        .join(FollowUpTask, FollowUpTask.lead_id == Lead.lead_id)
        .where(FollowUpTask.agent_id == scope.agent_id, FollowUpTask.status.in_(OPEN_TASKS))
        .options(contains_eager(FollowUpTask.lead).load_only(Lead.first_name, Lead.last_name))
        .order_by(FollowUpTask.due_date, FollowUpTask.task_id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    now = clock.now()
    tasks = [row[0] for row in rows]
    return FollowUps(
        overdue=[task for task in tasks if task.due_date < now],
        pending=[task for task in tasks if task.due_date >= now],
        count=rows[0][1] if rows else 0,
    )
