"""The strict status path of a lead (R8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Lead, LeadConversionHistory
from webapp.services import access, audit, metrics, tasks
from webapp.services.access import Actor
from webapp.transaction import after_commit, transactional
from webapp.vocabulary import DealType, LostReason, Status

PATH = (
    Status.NEW,
    Status.CONTACTED,
    Status.QUALIFIED,
    Status.VIEWING_SCHEDULED,
    Status.NEGOTIATION,
    Status.CONVERTED,
)
"""The way to a deal."""


@dataclass(frozen=True)
class Deal:
    """What a conversion brings: its type, its value in AED, and the property if known."""

    type: DealType
    value: Decimal
    property_id: UUID | None = None


@dataclass(frozen=True)
class Past:
    """Where a lead stood elsewhere: its status, and what its end brought, and when."""

    status: Status
    closed_at: datetime | None = None
    deal: Deal | None = None
    lost_reason: LostReason | None = None
    notes: str = ""


@transactional
def move(
    lead_id: UUID,
    *,
    by: Actor,
    status_from: Status,
    status: Status,
    notes: str = "",
    lost_reason: LostReason | None = None,
    deal: Deal | None = None,
) -> Lead:
    """Move a lead along the path. Converting needs a deal, losing a reason; both are final and close follow-ups.

    Where somebody else was faster, a `Conflict` (`stale`) says what the lead is now; a move that the path does
    not have is `invalid_status_transition`.
    """
    lead = access.lead(lead_id, by=by, lock=True)
    if lead.status != status_from:
        raise Conflict(
            _("Somebody was faster: this lead is %(status)s now.", status=lead.status.label),
            code="stale",
            field="status",
        )
    if status not in status_from.moves:
        raise Conflict(
            _(
                "A lead cannot go from %(before)s to %(after)s.",
                before=status_from.label,
                after=status.label,
            ),
            code="invalid_status_transition",
            field="status",
        )
    if status == Status.LOST and lost_reason is None:
        raise Invalid(_("Say why it was lost."), field="lost_reason")
    if status == Status.CONVERTED and deal is None:
        raise Invalid(_("Say what was sold or rented, and for how much."), field="deal_value")
    step(lead, status)
    _complete_history(
        lead_id,
        notes,
        lost_reason if status == Status.LOST else None,
        deal if status == Status.CONVERTED else None,
    )
    if status.is_closed:
        tasks.cancel_open(lead_id, reason=status)
    if status == Status.CONVERTED and lead.owner_id:
        owner_id = lead.owner_id
        after_commit(lambda: metrics.reckon(owner_id, by=by))
    audit.record("pipeline.move", by=by, lead_id=lead_id, before={"status": status_from}, after={"status": status})
    return lead


def take_over(lead: Lead, past: Past) -> None:
    """Bring a new lead to where it stood elsewhere, along the path. What ended there ended when it is said to have."""
    steps = (Status.LOST,) if past.status == Status.LOST else PATH[1 : PATH.index(past.status) + 1]
    for status in steps:
        step(lead, status)
    if not past.status.is_closed:
        return
    _complete_history(lead.lead_id, past.notes, past.lost_reason, past.deal)
    if past.closed_at:
        moves = func.row_number().over(order_by=LeadConversionHistory.changed_at.desc())
        own = select(LeadConversionHistory.history_id, moves.label("back")).where(
            LeadConversionHistory.lead_id == lead.lead_id
        )
        before = own.subquery()
        # A microsecond apart, so that they keep their order.
        earlier = past.closed_at - (before.c.back - 1) * timedelta(microseconds=1)
        db.session.execute(
            update(LeadConversionHistory)
            .where(LeadConversionHistory.history_id == before.c.history_id)
            .values(changed_at=earlier)
            .execution_options(synchronize_session=False)
        )


def step(lead: Lead, status: Status) -> None:
    """Write the new status of a locked lead; the trigger writes its history row."""
    lead.status = status
    db.session.flush()


def _complete_history(lead_id, notes, lost_reason: LostReason | None, deal: Deal | None):
    latest = (
        select(LeadConversionHistory.history_id)
        .where(LeadConversionHistory.lead_id == lead_id)
        .order_by(LeadConversionHistory.changed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    facts: dict = {"notes": notes or None}
    if lost_reason:
        facts |= {"lost_reason": lost_reason, "notes": notes or lost_reason}
    if deal:
        facts |= {"conversion_type": deal.type, "deal_value": deal.value, "property_id": deal.property_id}
    db.session.execute(
        update(LeadConversionHistory)
        .where(LeadConversionHistory.history_id == latest)
        .values(**facts)
        .execution_options(synchronize_session=False)
    )
