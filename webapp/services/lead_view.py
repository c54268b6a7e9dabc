"""Everything that one lead's page shows, and the hand-over card of the front desk. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload

from webapp import phones
from webapp.extensions import db
from webapp.models import (
    Agent,
    Enquiry,
    FollowUpTask,
    Lead,
    LeadAssignment,
    LeadPropertyInterest,
    LeadSource,
    Visit,
)
from webapp.services import access, agents, people, response, scoring, suggestions, timeline
from webapp.services.access import Actor
from webapp.services.response import ResponseClock
from webapp.services.scoring import Breakdown
from webapp.services.suggestions import Suggestion
from webapp.services.timeline import Story
from webapp.vocabulary import OPEN_TASKS, InterestLevel, Role, VisitStatus

OWNER = joinedload(Lead.assignment).joinedload(LeadAssignment.agent)


@dataclass(frozen=True)
class LeadView:
    """One lead with its why's, its story, its next steps and the person's other leads."""

    lead: Lead
    owner: Agent | None
    breakdown: Breakdown
    story: Story
    clock: ResponseClock
    tasks: list[FollowUpTask]
    visit: Visit | None
    is_mobile: bool
    others: list[tuple[Lead, bool]]
    asked_about: LeadSource | None
    interests: list[LeadPropertyInterest]
    suggestions: list[Suggestion]
    agents: list[Agent]


@dataclass(frozen=True)
class Card:
    """What reception hands over: who the visitor is, who comes for them and why that agent."""

    lead: Lead
    owner: Agent | None
    visit: Visit | None
    told: bool


def page(lead_id: UUID, *, by: Actor) -> LeadView:
    """The lead's page as `by` may see it."""
    lead = access.lead(lead_id, by=by, options=(OWNER,))
    breakdown = scoring.explain(lead)
    story = timeline.tell(lead_id, breakdown)
    steps = select(FollowUpTask).where(FollowUpTask.lead_id == lead_id, FollowUpTask.status.in_(OPEN_TASKS))
    return LeadView(
        lead=lead,
        owner=lead.assignment.agent if lead.assignment else None,
        breakdown=breakdown,
        story=story,
        clock=response.clocks([(lead.created_at, story.answered_at)])[0],
        tasks=list(db.session.scalars(steps.order_by(FollowUpTask.due_date))),
        visit=next((_waiting(e) for e in _enquiries(story) if _waiting(e)), None),
        is_mobile=phones.is_mobile(lead.phone),
        others=people.other_leads(lead, by=by),
        asked_about=_asked_about(lead_id),
        interests=_interests(lead_id),
        suggestions=[] if lead.status.is_closed else suggestions.for_lead(lead),
        agents=agents.everyone() if by.role == Role.MANAGER else [],
    )


def handover(lead_id: UUID, *, by: Actor) -> Card:
    """The hand-over card; only for people who have stood at the front desk."""
    lead = access.greeted_lead(lead_id, by=by, options=(OWNER,))
    latest = select(Visit).where(Visit.lead_id == lead_id).order_by(Visit.arrived_at.desc()).limit(1)
    owner = lead.assignment.agent if lead.assignment else None
    return Card(lead, owner, db.session.scalar(latest), told=agents.has_user(owner))


def _asked_about(lead_id: UUID) -> LeadSource | None:
    """The source that names the property they asked about, if it did."""
    query = select(LeadSource).where(LeadSource.lead_id == lead_id, LeadSource.property_id.is_not(None))
    newest = query.order_by(LeadSource.created_at.desc()).limit(1)
    return db.session.scalar(newest.options(joinedload(LeadSource.listing)))


def _interests(lead_id: UUID) -> list[LeadPropertyInterest]:
    """What they liked, the most wanted first and of equals the newest; twenty at most."""
    level = case({word: place for place, word in enumerate(InterestLevel)}, value=LeadPropertyInterest.interest_level)
    query = (
        select(LeadPropertyInterest)
        .where(LeadPropertyInterest.lead_id == lead_id)
        .options(joinedload(LeadPropertyInterest.listing))
        .order_by(level, LeadPropertyInterest.created_at.desc())
        .limit(20)
    )
    return list(db.session.scalars(query))


def _enquiries(story: Story) -> list[Enquiry]:
    return [event.what for event in story.events if event.kind == "enquiry"]


def _waiting(enquiry: Enquiry) -> Visit | None:
    visit = enquiry.visit
    return visit if visit and visit.status == VisitStatus.WAITING else None
