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
# Few are, and an index knows them: only for those it is asked whether somebody has spoken with them since.
_ESCALATED = and_(
    Lead.lead_id.in_(select(LeadAssignment.lead_id).where(LeadAssignment.escalated_at.is_not(None))),
    or_(
        Lead.last_contact_at.is_(None),
        exists().where(LeadAssignment.lead_id == Lead.lead_id, LeadAssignment.escalated_at > Lead.last_contact_at),
    ),
)
# A new owner has as long as the first tier lasts, before it is they who are late.
# Asked lead by lead: as EXISTS it would be answered by reading every assignment there ever was.
_SINCE = select(LeadAssignment.since).where(LeadAssignment.lead_id == Lead.lead_id).scalar_subquery()
_HAD_TIME = func.now() - _FIRST_TIER > _SINCE


def why() -> Case:
    """The most pressing reason of an open lead, NULL where it needs nobody but its owner."""
    return case(
        (Lead.owner_id.is_(None), Attention.UNOWNED.value),
        (or_(Lead.next_step_at <= func.now() - tasks.TOO_LATE, _ESCALATED), Attention.ESCALATED.value),
        (
            and_(Lead.last_contact_at.is_(None), Lead.created_at < func.now() - _FIRST_TIER, _HAD_TIME),
            Attention.LATE.value,
        ),
        (Lead.next_step_at < func.now() - OVERDUE_FOR, Attention.OVERDUE.value),
    )
