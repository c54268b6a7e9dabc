"""Why a lead needs a manager: one reason each, so that counts, lists and the morning board say the same (R5, R12)."""

from datetime import timedelta

from sqlalchemy import Case, Numeric, and_, case, exists, func, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from webapp.models import Lead, LeadAssignment
from webapp.services import scoring, tasks
from webapp.vocabulary import Attention

OVERDUE_FOR = timedelta(days=3)

_HOURS = type_coerce(scoring.TIERS, JSONB)[("0", "0")].astext.cast(Numeric)
_FIRST_TIER = _HOURS * text("interval '1 hour'")
_ESCALATED = select(LeadAssignment.lead_id).where(
    LeadAssignment.lead_id == Lead.lead_id,
    LeadAssignment.escalated_at.is_not(None),
    or_(Lead.last_contact_at.is_(None), Lead.last_contact_at < LeadAssignment.escalated_at),
)
# A new owner has as long as the first tier lasts, before it is they who are late.
_HAD_TIME = exists().where(LeadAssignment.lead_id == Lead.lead_id, LeadAssignment.since < func.now() - _FIRST_TIER)


def why() -> Case:
    """The most pressing reason of an open lead, NULL where it needs nobody but its owner."""
    return case(
        (Lead.owner_id.is_(None), Attention.UNOWNED),
        (or_(Lead.next_step_at <= func.now() - tasks.TOO_LATE, _ESCALATED.exists()), Attention.ESCALATED),
        (
            and_(Lead.last_contact_at.is_(None), Lead.created_at < func.now() - _FIRST_TIER, _HAD_TIME),
            Attention.LATE,
        ),
        (Lead.next_step_at < func.now() - OVERDUE_FOR, Attention.OVERDUE),
    )
