"""Silence costs points, once each: charged by the job, or with the activity that ends it (R3)."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, text

from webapp import stopping
from webapp.extensions import db
from webapp.models import Lead, LeadActivity, LeadScoringRule
from webapp.models.activities import GRACE
from webapp.services import access, audit
from webapp.services.access import SYSTEM, Actor
from webapp.services.scoring.lines import change, standing
from webapp.services.scoring.matches import of_type, silence_matches
from webapp.services.scoring.rules import in_force
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import ConditionType, ScoreReason

# Candidates only: whether a silence was charged already is decided lead by lead.
SILENT_LEADS = text("""
    SELECT l.lead_id FROM leads l
    LEFT JOIN LATERAL (
        SELECT max(greatest(activity_at, logged_at - interval '15 minutes')) AS contacted_at FROM lead_activities a
        WHERE a.lead_id = l.lead_id AND a.struck_at IS NULL) latest ON true
    WHERE l.status NOT IN ('converted', 'lost') AND l.erased_at IS NULL
      AND greatest(l.created_at, latest.contacted_at) <= now() - make_interval(days => :days)
      AND NOT EXISTS (
        SELECT FROM standing_lines s
        WHERE s.lead_id = l.lead_id AND s.reason = 'silence' AND s.activity_id IS NULL
          AND s.created_at > greatest(l.created_at, latest.contacted_at) + interval '15 minutes')
    ORDER BY l.lead_id
""").columns(lead_id=Lead.lead_id.type)


def charge_silence(lead: Lead, rules: list[LeadScoringRule], *, until: datetime) -> bool:
    """Apply the inactivity rule, once per silence, where the lead has been silent long enough before `until`."""
    if lead.status.is_closed:
        return False
    since = db.session.scalar(
        select(func.max(LeadActivity.counted_at)).where(
            LeadActivity.lead_id == lead.lead_id,
            LeadActivity.struck_at.is_(None),
            LeadActivity.counted_at < until,
        )
    )
    since = max(since, lead.created_at) if since else lead.created_at
    silent = silence_matches(rules, until - since)
    if not silent or _is_charged(lead.lead_id, since):
        return False
    change(lead, ScoreReason.SILENCE, silent)
    return True


def charge_silences() -> Tally:
    """The job `inactivity`: charge every active lead that has been silent long enough.

    Each lead is looked at again under its lock, in a transaction of its own; one that fails stops no other.
    """
    days = [rule.condition["threshold"] for rule in of_type(in_force(), ConditionType.INACTIVITY_DAYS)]
    silent = db.session.scalars(SILENT_LEADS, {"days": int(min(days))}).all() if days else []
    release()
    return stopping.one_by_one(
        silent, partial(_charge, by=SYSTEM), otherwise="The silence of lead %s could not be charged"
    )


@transactional
def _charge(lead_id: UUID, *, by: Actor) -> bool:
    lead = access.lead(lead_id, by=by, lock=True)
    charged = charge_silence(lead, in_force(), until=db.session.scalars(select(func.now())).one())
    if charged:
        audit.record("scoring.charge_silences", by=by, lead_id=lead_id, after={"score": lead.score})
    return charged


def _is_charged(lead_id: UUID, since: datetime) -> bool:
    """Whether the silence that began then has cost something already; one with an activity is over."""
    charges = standing(lead_id, ScoreReason.SILENCE)
    return any(line.activity_id is None and line.created_at > since + GRACE for line in charges)
