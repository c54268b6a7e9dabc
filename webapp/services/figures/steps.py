from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy.orm import contains_eager

from webapp.extensions import db
from webapp.models import FollowUpTask, Lead
from webapp.models.leads import NAMED
from webapp.services.access import Actor
from webapp.services.figures.scope import Scope
from webapp.services.leads.filters import narrowed
from webapp.vocabulary import OPEN_TASKS

MOST = 30


@dataclass(frozen=True)
class FollowUps:
    """An agent's open follow-ups in order of time: what is late and what is to come (R7), and how many of each.

    At most MOST are listed, the earliest.
    """

    overdue: list[FollowUpTask]
    pending: list[FollowUpTask]
    overdue_count: int
    pending_count: int


def follow_ups(scope: Scope, *, by: Actor) -> FollowUps:
    """The open follow-ups of the scope's agent with these leads; what is past due is overdue, marked so or not."""
    late = FollowUpTask.due_date < func.now()
    query = (
        narrowed(scope.leads, by=by)
        .with_only_columns(FollowUpTask, late, func.count().filter(late).over(), func.count().filter(~late).over())
        .select_from(Lead)
        .join(FollowUpTask, FollowUpTask.lead_id == Lead.lead_id)
        .where(FollowUpTask.agent_id == scope.agent_id, FollowUpTask.status.in_(OPEN_TASKS))
        .options(contains_eager(FollowUpTask.lead).load_only(*NAMED))
        .order_by(FollowUpTask.due_date, FollowUpTask.task_id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    counts = rows[0][2:] if rows else (0, 0)
    return FollowUps(
        [task for task, is_late, *_ in rows if is_late], [task for task, is_late, *_ in rows if not is_late], *counts
    )
