"""The only way to load a row for someone: what an actor may not see is missing (R14)."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Row, Select, exists, false, or_, select, true

from webapp.errors import Conflict, Missing, Moved
from webapp.extensions import db
from webapp.models import (
    Agent,
    BrokerLead,
    Enquiry,
    Export,
    FollowUpTask,
    Handover,
    Import,
    Lead,
    LeadActivity,
    LeadPropertyInterest,
    Merge,
    Visit,
)
from webapp.vocabulary import Interface, Role, Theme, Why


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in user as of this request, or the system."""

    user_id: UUID | None
    name: str
    role: Role
    agent_id: UUID | None = None
    email: str = ""
    language: Interface = Interface.ENGLISH
    theme: Theme = Theme.SYSTEM
    on_duty: bool | None = None

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def sees_all_leads(self) -> bool:
        return self.role in (Role.MANAGER, Role.ADMIN)


SYSTEM = Actor(user_id=None, name="Lead desk", role=Role.MANAGER)


def leads(*, by: Actor):
    """The condition on Lead that holds for the leads `by` may see and work."""
    if by.sees_all_leads:
        return true()
    if by.role == Role.AGENT and by.agent_id:
        return Lead.owner_id == by.agent_id
    return false()


def lead(lead_id: UUID, *, by: Actor, lock: bool = False, options=()) -> Lead:
    """The lead, if `by` may see it. With `lock` its row is held until the transaction ends.

    One that was merged away is `Moved`, for those who may see the lead that it is part of; so is one that was set aside
    as a broker's, for those who might see it.
    """
    query = select(Lead).where(Lead.lead_id == lead_id, leads(by=by)).options(*options)
    return _one(query, lock, otherwise=_elsewhere(lead_id, by=by))


def lead_with(lead_id: UUID, *facts, by: Actor, options=()) -> Row:
    """The lead, if `by` may see it, and beside it what these expressions say of it: one round trip."""
    query = select(Lead, *facts).where(Lead.lead_id == lead_id, leads(by=by)).options(*options)
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise _missing(_elsewhere(lead_id, by=by))
    return found


def greeted_lead(lead_id: UUID, *, by: Actor, options=()) -> Lead:
    """A lead whose person has stood at the front desk, or asked `by` again: enough for the hand-over card."""
    visited = exists().where(Visit.lead_id == Lead.lead_id)
    asked = exists().where(Enquiry.lead_id == Lead.lead_id, Enquiry.taken_by == by.user_id)
    query = select(Lead).where(Lead.lead_id == lead_id, visited | asked).options(*options)
    return _one(query, otherwise=(_part_of(lead_id, seen=visited | asked),))


def any_lead(lead_id: UUID) -> Lead:
    """Any lead, its row held until the transaction ends: only to add a visit at the front desk, never to show it."""
    return _one(select(Lead).where(Lead.lead_id == lead_id), lock=True, otherwise=(_part_of(lead_id, seen=true()),))


def task(task_id: UUID, *, by: Actor, lock: bool = False) -> FollowUpTask:
    """The follow-up, if its lead is one that `by` may see. Lock the lead before locking it."""
    query = select(FollowUpTask).join(Lead, Lead.lead_id == FollowUpTask.lead_id)
    return _one(query.where(FollowUpTask.task_id == task_id, leads(by=by)), lock)


def interest(interest_id: UUID, *, by: Actor, lock: bool = False) -> LeadPropertyInterest:
    """The interest, if its lead is one that `by` may see. Lock the lead before locking it."""
    query = select(LeadPropertyInterest).join(Lead, Lead.lead_id == LeadPropertyInterest.lead_id)
    return _one(query.where(LeadPropertyInterest.interest_id == interest_id, leads(by=by)), lock)


def activity(activity_id: UUID, *, by: Actor) -> LeadActivity:
    """The activity, if its lead is one that `by` may see. Lock the lead before changing it."""
    query = select(LeadActivity).join(Lead, Lead.lead_id == LeadActivity.lead_id)
    return _one(query.where(LeadActivity.activity_id == activity_id, leads(by=by)))


def visit(visit_id: UUID, *, by: Actor) -> Visit:
    """The visit, held until the transaction ends: the front desk sees all, an agent their own clients'."""
    query = select(Visit).join(Lead, Lead.lead_id == Visit.lead_id).where(Visit.visit_id == visit_id)
    if by.role != Role.RECEPTIONIST:
        query = query.where(leads(by=by))
    return _one(query, lock=True)


def agent(agent_id: UUID) -> Agent:
    """The agent; everybody who may choose one may see all."""
    return _one(select(Agent).where(Agent.agent_id == agent_id))


def export(export_id: UUID, *, by: Actor) -> Export:
    """The file that `by` asked for; everybody else's is missing."""
    return _one(select(Export).where(Export.export_id == export_id, Export.user_id == by.user_id))


def handover(handover_id: UUID, *, by: Actor, lock: bool = False) -> Handover:
    """The hand-over; whoever sees all leads sees what any manager handed over."""
    mine = true() if by.sees_all_leads else false()
    return _one(select(Handover).where(Handover.handover_id == handover_id, mine), lock)


def import_of_file(import_id: UUID, *, by: Actor, lock: bool = False, options=()) -> Import:
    """The import; whoever sees all leads sees what anybody imported."""
    mine = true() if by.sees_all_leads else false()
    return _one(select(Import).where(Import.import_id == import_id, mine).options(*options), lock)


def enquiries(*, by: Actor):
    """The condition on Enquiry that holds for those `by` may review: an agent's own, or everybody's."""
    if by.sees_all_leads:
        return true()
    if by.role == Role.AGENT and by.agent_id:
        return Enquiry.owner_id == by.agent_id
    return false()


def enquiry(enquiry_id: UUID, *, by: Actor, lock: bool = False, options=()) -> Enquiry:
    """The enquiry, if `by` may review it, or it is one of a lead of theirs, also where a broker's waits aside.

    With `lock` its row is held until the transaction ends.
    """
    own = exists().where(Lead.lead_id == Enquiry.lead_id, leads(by=by))
    aside = exists().where(BrokerLead.broker_lead_id == Enquiry.broker_lead_id, broker_leads(by=by))
    theirs = or_(enquiries(by=by), own, aside)
    return _one(select(Enquiry).where(Enquiry.enquiry_id == enquiry_id, theirs).options(*options), lock)


def broker_leads(*, by: Actor):
    """The condition on BrokerLead that holds for those that were a lead which `by` might see."""
    if by.sees_all_leads:
        return true()
    if by.role == Role.AGENT and by.agent_id:
        return BrokerLead.agent_id == by.agent_id
    return false()


def broker_lead(broker_lead_id: UUID, *, by: Actor, lock: bool = False) -> BrokerLead:
    """The lead that waits aside as another broker's, if it was one that `by` might see."""
    mine = BrokerLead.broker_lead_id == broker_lead_id, broker_leads(by=by)
    return _one(select(BrokerLead).where(*mine), lock)


def check_in(enquiry_id: UUID, *, lock: bool = False) -> Enquiry:
    """Somebody who has checked in and was not greeted yet: the front desk's to greet, whoever stands there."""
    waits = Enquiry.why == Why.CHECK_IN, Enquiry.lead_id.is_(None)
    return _one(select(Enquiry).where(Enquiry.enquiry_id == enquiry_id, *waits), lock)


def merge(merge_id: UUID, *, by: Actor, lock: bool = False) -> Merge:
    """The merge, if both leads are such as `by` may see: of an agent's own, the one that is gone was theirs too."""
    mine = true() if by.sees_all_leads else Merge.agent_id == by.agent_id
    query = select(Merge).join(Lead, Lead.lead_id == Merge.survivor_id)
    return _one(query.where(Merge.merge_id == merge_id, leads(by=by), mine), lock)


def agents(*, by: Actor):
    """The condition on Agent that holds for the agents whose figures `by` may see: their own, or everybody's."""
    if by.sees_all_leads:
        return true()
    return Agent.agent_id == by.agent_id if by.agent_id else false()


def measured_agent(agent_id: UUID, *, by: Actor) -> Agent:
    """The agent, if `by` may see their figures."""
    return _one(select(Agent).where(Agent.agent_id == agent_id, agents(by=by)))


def _one(query: Select, lock: bool = False, otherwise: tuple[Select, ...] = ()):
    if lock:
        entity = query.column_descriptions[0]["entity"]
        query = query.with_for_update(key_share=True, of=entity).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise _missing(otherwise)
    return found


def refuse_erased(lead: Lead | Enquiry) -> None:
    """Nothing is added to what is known of somebody who was erased: whoever comes again is a new person."""
    if lead.erased_at:
        raise Conflict(_("This person was erased: nothing more is kept of them here."), code="stale")


def _elsewhere(lead_id: UUID, *, by: Actor) -> tuple[Select, Select]:
    """Where a lead may be that is not here: in the one that it was merged into, or with its enquiry, a broker's."""
    enquiry = select(Enquiry).join(BrokerLead, BrokerLead.broker_lead_id == Enquiry.broker_lead_id)
    aside = enquiry.where(BrokerLead.lead_id == lead_id, broker_leads(by=by)).order_by(Enquiry.received_at).limit(1)
    return _part_of(lead_id, seen=leads(by=by)), aside


def _part_of(lead_id: UUID, *, seen) -> Select:
    """The lead that this one was merged into, where `seen` holds for it."""
    merged = select(Lead).join(Merge, Merge.survivor_id == Lead.lead_id)
    return merged.where(Merge.absorbed_id == lead_id, Merge.undone_at.is_(None), seen)


def _missing(otherwise: tuple[Select, ...] = ()) -> Missing | Moved:
    found = next(filter(None, (db.session.scalar(query) for query in otherwise)), None)
    if isinstance(found, Lead):
        return Moved(_("This lead was merged into #%(number)s.", number=found.number), lead_id=found.lead_id)
    if isinstance(found, Enquiry):
        return Moved(_("This lead was set aside as a broker's."), enquiry_id=found.enquiry_id)
    return Missing(_("That is not here, or not yours to see."))
