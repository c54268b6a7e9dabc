from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, load_only

from webapp import clock
from webapp.clock import DUBAI
from webapp.extensions import db
from webapp.models import Agent, FollowUpTask, Lead, LeadAssignment
from webapp.models.leads import NAMED
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.calendar.span import Span, dates, midnight
from webapp.vocabulary import OPEN_TASKS

MOST, MOST_OF_ALL = 300, 40
"""Follow-ups that are shown at once of one agent, and of all of them."""
MOST_LEADS = 200
OPEN = FollowUpTask.status.in_(OPEN_TASKS)


@dataclass(frozen=True)
class Day:
    """One day of the calendar and what is in it, in order of time."""

    date: date
    tasks: list[FollowUpTask]

    @property
    def start(self) -> datetime:
        return midnight(self.date)

    @property
    def is_today(self) -> bool:
        return self.date == clock.today().date()

    @property
    def is_past(self) -> bool:
        return self.date < clock.today().date()

    @property
    def is_rest(self) -> bool:
        """Saturday and Sunday."""
        return self.date.weekday() >= 5


@dataclass(frozen=True)
class Sheet:
    """What a span holds; `late` are the open follow-ups from before it, where it begins with or holds today."""

    span: Span
    days: list[Day]
    late: list[FollowUpTask]
    is_cut: bool
    """Whether there is more than is shown."""

    @property
    def tasks(self) -> list[FollowUpTask]:
        return [*self.late, *(task for day in self.days for task in day.tasks)]

    def late_before(self, day: date) -> list[FollowUpTask]:
        """What is overdue from before one of the days."""
        start = min(midnight(day), clock.now())
        return [task for task in self.tasks if task.is_open and task.due_date < start]


def sheet(span: Span, *, by: Actor, agent_id: UUID | None, until: datetime | None = None) -> Sheet:
    """An agent's follow-ups of these days (on to `until`) in one query, without the cancelled ones.

    Without an agent everybody's, the open ones only. Agents have their own calendar and nobody else's.
    """
    owner = agent_id if by.sees_all_leads else by.agent_id
    most = MOST if owner else MOST_OF_ALL
    end = max(span.end, until or span.end)
    due = FollowUpTask.due_date
    within = and_(due >= span.start, due < end)
    if owner:
        whose = FollowUpTask.agent_id == owner
        shown = and_(whose, within)
        if span.start <= clock.now() < end:
            shown = or_(shown, and_(whose, OPEN, due < span.start))
    else:
        shown = and_(OPEN, within)
    shown = and_(shown, FollowUpTask.cancelled_at.is_(None))
    order = (due, FollowUpTask.task_id)
    query = (
        select(FollowUpTask)
        .join(FollowUpTask.lead)
        .where(shown, access.leads(by=by))
        .options(contains_eager(FollowUpTask.lead).load_only(*NAMED))
        .order_by(*order)
        .limit(most + 1)
    )
    if not owner:
        # Whoever sees everybody's sees all leads: nothing is looked up beside a follow-up that is not shown.
        first = select(FollowUpTask.task_id).where(shown).order_by(*order).limit(most + 1).correlate(None)
        query = query.where(FollowUpTask.task_id.in_(first))
        query = query.options(joinedload(FollowUpTask.agent).load_only(Agent.full_name))
    found = list(db.session.scalars(query))
    listed = found[:most]
    by_day: dict[date, list[FollowUpTask]] = {}
    for task in listed:
        by_day.setdefault(task.due_date.astimezone(DUBAI).date(), []).append(task)
    return Sheet(
        span,
        [Day(day, by_day.get(day, [])) for day in dates(span.start, end)],
        [task for task in listed if task.due_date < span.start],
        is_cut=len(found) > most,
    )


def open_leads(agent_id: UUID | None, *, by: Actor) -> list[Lead]:
    """The active leads of an agent by name, to plan something with; agents choose among their own."""
    owner = agent_id if by.sees_all_leads else by.agent_id
    query = (
        select(Lead)
        .join(LeadAssignment, LeadAssignment.lead_id == Lead.lead_id)
        .where(LeadAssignment.agent_id == owner, LeadAssignment.is_active, access.leads(by=by))
        .options(load_only(*NAMED, Lead.number))
        .order_by(Lead.first_name, Lead.last_name, Lead.number)
        .limit(MOST_LEADS)
    )
    return list(db.session.scalars(query))
