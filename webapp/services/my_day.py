"""What an agent does next, and why: one queue over visitors, first answers, follow-ups and silence. Reads only.

The order is told in docs/my_day.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Agent, FollowUpTask, Lead, Visit
from webapp.services import access, enquiries, response, tasks
from webapp.services.access import Actor
from webapp.services.enquiries import Waiting
from webapp.services.leads.filters import OPEN
from webapp.services.response import ResponseClock
from webapp.vocabulary import Reason

SILENT_FROM = timedelta(days=5)
CHARGED_FROM = timedelta(days=7)
RANKS = {reason: rank for rank, reason in enumerate(Reason)}


@dataclass(frozen=True)
class Turn:
    """One lead in the queue: the most pressing reason, and since when (or until when) it holds."""

    lead: Lead
    reason: Reason
    at: datetime
    visit: Visit | None = None
    clock: ResponseClock | None = None
    task: FollowUpTask | None = None

    def silent_days(self, now: datetime) -> int:
        """For how many whole days nobody has spoken with them."""
        return (now - self.at).days


def queue(*, by: Actor, now: datetime, until: datetime) -> list[Turn]:
    """The leads of `by` that something should be done about before `until` (the end of the Dubai day), in order."""
    if by.agent_id is None:
        return []
    visits = {visit.lead_id: visit for visit in enquiries.waiting(by=by)}
    leads = list(db.session.scalars(select(Lead).where(access.leads(by=by), OPEN)))
    due = {task.lead_id: task for task in reversed(tasks.open_of(by.agent_id, until=until))}
    unanswered = [lead for lead in leads if lead.first_contact_at is None]
    clocks = response.clocks([(lead.created_at, None) for lead in unanswered])
    running = {lead.lead_id: clock for lead, clock in zip(unanswered, clocks, strict=True)}
    closed = [visit.lead for visit in visits.values() if visit.lead.status.is_closed]
    turns = (
        turn(
            lead,
            now=now,
            visit=visits.get(lead.lead_id),
            clock=running.get(lead.lead_id),
            task=due.get(lead.lead_id),
        )
        for lead in (*leads, *closed)
    )
    return in_order((found for found in turns if found), now=now)


def agent(*, by: Actor) -> tuple[Agent | None, Waiting]:
    """The agent that `by` is, None for nobody, and the enquiries that wait for their review."""
    query = select(Agent, enquiries.waiting_of(by=by)).where(Agent.agent_id == by.agent_id)
    found = db.session.execute(query).one_or_none() if by.agent_id else None
    return (found[0], enquiries.read_waiting(found[1])) if found else (None, Waiting())


def turn(
    lead: Lead,
    *,
    now: datetime,
    visit: Visit | None = None,
    clock: ResponseClock | None = None,
    task: FollowUpTask | None = None,
) -> Turn | None:
    """Why this lead is in the queue, None where nothing has to be done today."""
    last = lead.last_contact_at or lead.created_at
    if lead.erased_at:
        return None
    if visit:
        return Turn(lead, Reason.VISITOR, visit.arrived_at, visit=visit)
    if clock:
        return Turn(lead, Reason.ANSWER, lead.created_at, clock=clock, task=task)
    if task:
        return Turn(lead, Reason.FOLLOW_UP, task.due_date, task=task)
    if now - last >= SILENT_FROM:
        return Turn(lead, Reason.SILENT, last)
    if lead.next_step_at is None:
        return Turn(lead, Reason.UNPLANNED, last)
    return None


def in_order(turns: Iterable[Turn], *, now: datetime) -> list[Turn]:
    """Visitors first, who waits longest; then answers, the tier that ends soonest; follow-ups as they are due; silence,
    what still can be saved first; at last what nothing is planned with, the most promising first.
    """
    return sorted(turns, key=lambda one: (RANKS[one.reason], *_within(one, now), one.lead.number))


def _within(one: Turn, now: datetime) -> tuple:
    if one.reason == Reason.ANSWER and one.clock:
        left = one.clock.left
        return (left is None, one.at) if left is None else (False, now + left)
    if one.reason == Reason.SILENT:
        return now - one.at >= CHARGED_FROM, one.at
    if one.reason == Reason.UNPLANNED:
        return -one.lead.score, one.at
    return False, one.at
