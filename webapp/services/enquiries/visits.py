"""Enquiries and visits: every contact a person makes with us is kept, repeats and visits included (R2)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Enquiry, FollowUpTask, Lead, LeadAssignment, Visit
from webapp.services import access, audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.leads import Capture, Details, Origin
from webapp.transaction import transactional
from webapp.vocabulary import (
    OPEN_TASKS,
    VISIT_MOVES,
    Channel,
    EnquiryState,
    NoticeKind,
    Role,
    Source,
    TaskType,
    VisitStatus,
    Why,
)

CHECKED_IN = (Enquiry.why == Why.CHECK_IN) & Enquiry.lead_id.is_(None)
"""Somebody who has checked in by themselves and was not greeted yet."""


@dataclass(frozen=True)
class FrontDesk:
    """Today at the front desk: who came, newest first, who is expected, and who has checked in by themselves."""

    visits: list[Visit]
    expected: list[FollowUpTask]
    checked_in: list[Enquiry]

    @property
    def stamp(self) -> str:
        """When something last happened to a visitor: what an open page compares to know of news."""
        moments = [visit.left_at or visit.received_at or visit.arrived_at for visit in self.visits]
        latest = max(moments).isoformat() if moments else ""
        return "~".join([latest, *(str(enquiry.enquiry_id)[:8] for enquiry in self.checked_in)])


@transactional
def register(details: Details, origin: Origin, *, by: Actor) -> Capture:
    """Capture an enquiry; one made in person also waits at the front desk until somebody receives the visitor.

    A repeat in person is not yet a visit: the front desk is asked first whether to add one.
    """
    capture = leads.capture(details, origin, by=by)
    if capture.created and origin.channel == Channel.VISIT:
        _wait(capture.enquiry)
    return capture


@transactional
def add_visit(lead_id: UUID, *, by: Actor, enquiry_id: UUID | None = None) -> Visit:
    """Somebody we know is here: keep the visit and tell the owner (the managers where nobody owns the lead).

    `enquiry_id` is the repeat that this visit already made, or their checking in, if any. Who already waits is not
    added twice.
    """
    lead = _known_lead(lead_id, by)
    waiting = db.session.scalar(
        select(Visit).where(Visit.lead_id == lead_id, Visit.status == VisitStatus.WAITING).limit(1)
    )
    if waiting:
        raise Conflict(_("%(name)s is already waiting.", name=lead.name), code="stale")
    enquiry = db.session.scalar(
        select(Enquiry)
        .outerjoin(Visit)
        .where(Enquiry.enquiry_id == enquiry_id, (Enquiry.lead_id == lead_id) | CHECKED_IN, Visit.visit_id.is_(None))
    )
    if enquiry is None:
        enquiry = Enquiry(
            lead_id=lead_id,
            source_type=Source.WALK_IN,
            channel=Channel.VISIT,
            state=EnquiryState.ATTACHED,
            taken_by=by.user_id,
        )
        db.session.add(enquiry)
    elif enquiry.lead_id is None:
        enquiry.lead_id, enquiry.state, enquiry.why, enquiry.taken_by = lead_id, EnquiryState.ATTACHED, None, by.user_id
    db.session.flush()
    visit = _wait(enquiry)
    owner = db.session.scalar(select(LeadAssignment.agent_id).where(LeadAssignment.lead_id == lead_id))
    notifications.tell_agent(owner, NoticeKind.VISITOR_WAITING, lead_id=lead_id, by=by)
    if owner is None or lead.status.is_closed:
        notifications.tell_managers(NoticeKind.VISITOR_WAITING, lead_id=lead_id, by=by)
    audit.record("enquiries.add_visit", by=by, lead_id=lead_id, subject_id=visit.visit_id)
    return visit


@transactional
def mark_visit(visit_id: UUID, *, by: Actor, status: VisitStatus) -> Visit:
    """Say what became of a visitor: received, left or no-show."""
    visit = access.visit(visit_id, by=by)
    if status not in VISIT_MOVES[visit.status]:
        raise Conflict(_("This visitor is marked %(status)s already.", status=visit.status.label), code="stale")
    before, visit.status = visit.status, status
    if status == VisitStatus.RECEIVED:
        visit.received_at = func.now()
    else:
        visit.left_at = func.now()
    audit.record(
        "enquiries.mark_visit",
        by=by,
        lead_id=visit.lead_id,
        subject_id=visit_id,
        before={"status": before},
        after={"status": status},
    )
    return visit


def front_desk(*, today: datetime) -> FrontDesk:
    """Everybody who came since `today` (the start of the Dubai day) or still waits, and today's coming viewings."""
    owner = joinedload(Visit.lead).joinedload(Lead.assignment).joinedload(LeadAssignment.agent)
    here = (Visit.arrived_at >= today) | (Visit.status == VisitStatus.WAITING)
    visits = select(Visit).where(here).order_by(Visit.arrived_at.desc()).limit(50)
    expected = (
        select(FollowUpTask)
        .where(
            FollowUpTask.type == TaskType.VIEWING,
            FollowUpTask.status.in_(OPEN_TASKS),
            FollowUpTask.due_date > func.now(),
            FollowUpTask.due_date < func.date_trunc("day", func.now(), "Asia/Dubai") + func.make_interval(0, 0, 0, 1),
        )
        .options(joinedload(FollowUpTask.lead), joinedload(FollowUpTask.agent))
        .order_by(FollowUpTask.due_date)
        .limit(8)
    )
    return FrontDesk(
        list(db.session.scalars(visits.options(owner, joinedload(Visit.enquiry)))),
        list(db.session.scalars(expected)),
        list(db.session.scalars(select(Enquiry).where(CHECKED_IN).order_by(Enquiry.received_at).limit(20))),
    )


def waiting(*, by: Actor, limit: int = 10) -> list[Visit]:
    """Visitors who wait for somebody, among the leads `by` may see."""
    query = (
        select(Visit)
        .join(Visit.lead)
        .where(Visit.status == VisitStatus.WAITING, access.leads(by=by))
        .options(contains_eager(Visit.lead).joinedload(Lead.assignment).joinedload(LeadAssignment.agent))
        .order_by(Visit.arrived_at)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def _known_lead(lead_id: UUID, by: Actor) -> Lead:
    """The front desk greets anybody; others only their own clients. The row is held: one visit at a time."""
    if by.role == Role.RECEPTIONIST:
        return access.any_lead(lead_id)
    return access.lead(lead_id, by=by, lock=True)


def _wait(enquiry: Enquiry) -> Visit:
    visit = Visit(enquiry_id=enquiry.enquiry_id, lead_id=enquiry.lead_id)
    db.session.add(visit)
    db.session.flush()
    return visit
