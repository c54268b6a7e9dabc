"""Everything that one lead's page shows, and the hand-over card of the front desk. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from webapp import phones
from webapp.extensions import db
from webapp.models import (
    Agent,
    Enquiry,
    FollowUpTask,
    Lead,
    LeadActivity,
    LeadAssignment,
    LeadConversionHistory,
    Merge,
    Visit,
)
from webapp.models.leads import full_name
from webapp.services import (
    access,
    agents,
    consents,
    contact_guard,
    merges,
    office,
    people,
    response,
    scoring,
    suggestions,
    timeline,
)
from webapp.services.access import Actor
from webapp.services.consents import Latest
from webapp.services.contact_guard import Guarded
from webapp.services.people import Other
from webapp.services.response import ResponseClock
from webapp.services.scoring import Breakdown
from webapp.services.suggestions import Properties
from webapp.services.timeline import Part, Story
from webapp.vocabulary import OPEN_TASKS, Role, Status, VisitStatus

OWNER = joinedload(Lead.assignment).joinedload(LeadAssignment.agent)

# What the page asks of a lead beside its row.
ANSWERED = (
    select(func.min(LeadActivity.counted_at))
    .where(LeadActivity.lead_id == Lead.lead_id, LeadActivity.struck_at.is_(None))
    .scalar_subquery()
)
Move = LeadConversionHistory
REACHED = (
    select(func.jsonb_object_agg(Move.status_to, aggregate_order_by(Move.changed_at, Move.changed_at)))
    .where(Move.lead_id == Lead.lead_id, Move.status_to.is_not(None))
    .scalar_subquery()
)
LOST_FROM = (
    select(Move.status_from)
    .where(Move.lead_id == Lead.lead_id, Move.status_to == Status.LOST)
    .order_by(Move.changed_at.desc())
    .limit(1)
    .scalar_subquery()
)
WAITING = (
    select(func.jsonb_build_array(Visit.visit_id, Visit.arrived_at))
    .where(Visit.lead_id == Lead.lead_id, Visit.status == VisitStatus.WAITING)
    .order_by(Visit.arrived_at.desc())
    .limit(1)
    .scalar_subquery()
)

REPLY_LINK = (
    select(Enquiry.reply_link)
    .where(Enquiry.lead_id == Lead.lead_id, Enquiry.reply_link.is_not(None))
    .order_by(Enquiry.received_at.desc())
    .limit(1)
    .scalar_subquery()
)
MERGED = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    Merge.merge_id,
                    Merge.number,
                    Merge.kept["drawer"]["rows"]["leads"][0]["first_name"],
                    Merge.kept["drawer"]["rows"]["leads"][0]["last_name"],
                    Merge.agent_id,
                    Merge.phones,
                    Merge.merged_at,
                    Merge.merged_at + merges.PATIENCE > func.now(),
                ),
                Merge.merged_at.desc(),
            )
        )
    )
    .where(Merge.survivor_id == Lead.lead_id, Merge.undone_at.is_(None))
    .scalar_subquery()
)


@dataclass(frozen=True)
class Merged:
    """A lead that is part of this one now, and whether whoever looks may undo that."""

    merge_id: UUID
    number: int
    name: str
    merged_at: datetime
    may_undo: bool
    phones: list[str]

    @property
    def until(self) -> datetime:
        return self.merged_at + merges.PATIENCE


@dataclass(frozen=True)
class Waiting:
    """Their visitor at reception."""

    visit_id: UUID
    arrived_at: datetime


@dataclass(frozen=True)
class LeadView:
    """One lead with its why's, its story, its next steps and the person's other leads."""

    lead: Lead
    owner: Agent | None
    reached: dict[Status, datetime]
    """When it came to each status, the last time."""
    lost_from: Status | None
    breakdown: Breakdown
    story: Story
    clock: ResponseClock
    tasks: list[FollowUpTask]
    visit: Waiting | None
    consents: list[Latest]
    guard: Guarded
    is_mobile: bool
    reply_link: str | None
    """Where the portal wants its newest enquiry to be answered."""
    merged: list[Merged]
    others: list[Other]
    properties: Properties
    agents: list[Agent]


@dataclass(frozen=True)
class Card:
    """What reception hands over: who the visitor is, who comes for them and why that agent."""

    lead: Lead
    owner: Agent | None
    visit: Visit | None
    told: bool
    office_name: str | None
    office_phone: str | None


def page(lead_id: UUID, *, part: Part, by: Actor) -> LeadView:
    """The lead's page as `by` may see it, with this part of its story."""
    facts = access.lead_with(
        lead_id,
        ANSWERED,
        REACHED,
        LOST_FROM,
        WAITING,
        REPLY_LINK,
        MERGED,
        consents.LATEST,
        scoring.TIERS,
        contact_guard.facts(),
        by=by,
        options=(OWNER,),
    )
    lead, answered_at, reached, lost_from, waiting, reply_link, merged, agreed, tiers, guarded = facts
    steps = select(FollowUpTask).where(FollowUpTask.lead_id == lead_id, FollowUpTask.status.in_(OPEN_TASKS))
    return LeadView(
        lead=lead,
        owner=lead.assignment.agent if lead.assignment else None,
        reached={Status.stored(word): datetime.fromisoformat(at) for word, at in (reached or {}).items()},
        lost_from=lost_from,
        breakdown=scoring.explain(lead),
        story=timeline.tell(lead_id, part),
        clock=response.clock_of(lead.created_at, answered_at, scoring.read_tiers(tiers)),
        tasks=list(db.session.scalars(steps.order_by(FollowUpTask.due_date).limit(50))),
        visit=Waiting(UUID(waiting[0]), datetime.fromisoformat(waiting[1])) if waiting else None,
        consents=consents.read(agreed),
        guard=contact_guard.read(guarded),
        reply_link=reply_link,
        is_mobile=phones.is_mobile(lead.phone),
        merged=_merged(merged or [], by),
        others=people.other_leads(lead, by=by),
        properties=suggestions.of_page(lead),
        agents=agents.everyone() if by.role == Role.MANAGER else [],
    )


def _merged(found: list, by: Actor) -> list[Merged]:
    """The leads that are part of it. Of several the last one is undone first; of another agent's, by a manager."""
    return [
        Merged(
            UUID(merge_id),
            number,
            full_name(first_name, last_name),
            datetime.fromisoformat(merged_at),
            in_time and not n and (by.sees_all_leads or agent_id == str(by.agent_id)),
            phones_,
        )
        for n, (merge_id, number, first_name, last_name, agent_id, phones_, merged_at, in_time) in enumerate(found)
    ]


def history(lead_id: UUID, part: Part, *, by: Actor) -> tuple[Lead, Story]:
    """The lead and this part of its story, alone."""
    return access.lead(lead_id, by=by), timeline.tell(lead_id, part)


def handover(lead_id: UUID, *, by: Actor) -> Card:
    """The hand-over card; only for people who have stood at the front desk."""
    lead = access.greeted_lead(lead_id, by=by, options=(OWNER,))
    latest = select(Visit).where(Visit.lead_id == lead_id).order_by(Visit.arrived_at.desc()).limit(1)
    owner = lead.assignment.agent if lead.assignment else None
    told, name, phone = db.session.execute(select(agents.has_user(owner), office.NAME, office.PHONE)).one()
    return Card(lead, owner, db.session.scalar(latest), told=told, office_name=name, office_phone=phone)
