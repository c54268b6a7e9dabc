"""The leads that need a manager, the viewings of the day, and what has just come in."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, extract, func, literal, null, select, true, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from webapp.extensions import db
from webapp.models import FollowUpTask, Lead, LeadActivity
from webapp.services import access, contact_guard, response, scoring
from webapp.services.access import Actor
from webapp.services.contact_guard import Guarded
from webapp.services.leads.attention import why
from webapp.services.leads.filters import OPEN
from webapp.services.response import ResponseClock
from webapp.vocabulary import OPEN_TASKS, Attention, TaskType

AT_ONCE, LATEST, MOST_VIEWINGS = 6, 6, 24
RECENT = "latest"


@dataclass(frozen=True)
class Need:
    """One lead, its response clock where nobody has answered yet, its next follow-up if one is planned, and how its
    person may be contacted.
    """

    lead: Lead
    guard: Guarded
    clock: ResponseClock | None
    task: FollowUpTask | None


@dataclass(frozen=True)
class Group:
    """All leads with one reason: how many there are, and the first of them."""

    count: int = 0
    rows: list[Need] = field(default_factory=list)


@dataclass(frozen=True)
class Needs:
    """The leads by the reason for which they need somebody, and the newest of all."""

    groups: dict[Attention, Group]
    latest: list[Lead]

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups.values())


def needs(*, by: Actor) -> Needs:
    """Every lead that needs a manager, once, under its most pressing reason; the first of each reason in full.

    Nobody's come the most promising first, late answers and late follow-ups the longest first.
    """
    # Looked up for the few that are shown: by its id alone it would be found in all follow-ups there ever were.
    next_task = (
        select(FollowUpTask)
        .where(
            FollowUpTask.lead_id == Lead.lead_id,
            FollowUpTask.status.in_(OPEN_TASKS),
            FollowUpTask.due_date == Lead.next_step_at,
        )
        .limit(1)
        .lateral()
    )
    task_of = aliased(FollowUpTask, next_task)
    some = _some(by).subquery()
    query = (
        select(Lead, task_of, some.c.reason, some.c.count, scoring.TIERS, contact_guard.facts())
        .join(some, some.c.lead_id == Lead.lead_id)
        .outerjoin(task_of, true())
        .options(joinedload(Lead.owner))
        .order_by(some.c.place)
    )
    latest, groups = [], {attention: Group() for attention in Attention}
    for lead, task, reason, count, tiers, known in db.session.execute(query):
        if reason == RECENT:
            latest.append(lead)
            continue
        clock = None
        if lead.first_contact_at is None:
            clock = response.clock_of(lead.created_at, None, scoring.read_tiers(tiers))
        group = groups[Attention(reason)]
        groups[Attention(reason)] = Group(count, [*group.rows, Need(lead, contact_guard.read(known), clock, task)])
    return Needs(groups, latest)


def _some(by: Actor):
    """The leads that are shown: (lead_id, reason, how many have it, place)."""
    mine = access.leads(by=by)
    # Once for every open lead, not again wherever the reason is used.
    reasons = (
        select(Lead.lead_id, Lead.score, Lead.created_at, Lead.next_step_at, why().label("reason"))
        .where(mine, OPEN)
        .cte()
        .prefix_with("MATERIALIZED")
    )
    r = reasons.c
    since = case((r.reason == Attention.OVERDUE, r.next_step_at), else_=r.created_at)
    urgency = case((r.reason == Attention.UNOWNED, -r.score), else_=0), extract("epoch", since), r.lead_id
    ranked = (
        select(
            r.lead_id,
            r.reason,
            func.count().over(partition_by=r.reason).label("count"),
            func.row_number().over(partition_by=r.reason, order_by=urgency).label("place"),
        )
        .where(r.reason.is_not(None))
        .subquery()
    )
    newest = select(Lead.lead_id, Lead.created_at).where(mine).order_by(Lead.created_at.desc(), Lead.lead_id.desc())
    recent = newest.limit(LATEST).subquery()
    place = func.row_number().over(order_by=(recent.c.created_at.desc(), recent.c.lead_id.desc()))
    return union_all(
        select(ranked).where(ranked.c.place <= AT_ONCE),
        select(recent.c.lead_id, literal(RECENT), null(), place),
    )


def viewings(*, by: Actor, today: datetime, until: datetime) -> tuple[list[FollowUpTask], int]:
    """The viewings of the day that were not cancelled, done ones too, in order of time; and how many there are."""
    query = (
        select(FollowUpTask, func.count().over())
        .join(FollowUpTask.lead)
        .where(
            access.leads(by=by),
            FollowUpTask.type == TaskType.VIEWING,
            FollowUpTask.cancelled_at.is_(None),
            FollowUpTask.due_date >= today,
            FollowUpTask.due_date < until,
        )
        .options(contains_eager(FollowUpTask.lead), joinedload(FollowUpTask.agent))
        .order_by(FollowUpTask.due_date, FollowUpTask.task_id)
        .limit(MOST_VIEWINGS)
    )
    found = db.session.execute(query).all()
    return [task for task, _count in found], found[0][1] if found else 0


def latest_contacts(*, by: Actor, limit: int = 6) -> list[LeadActivity]:
    """The newest contacts with their leads and who logged them."""
    query = (
        select(LeadActivity)
        .join(LeadActivity.lead)
        .where(access.leads(by=by), LeadActivity.struck_at.is_(None))
        .options(contains_eager(LeadActivity.lead), joinedload(LeadActivity.logger), joinedload(LeadActivity.agent))
        .order_by(LeadActivity.activity_at.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
