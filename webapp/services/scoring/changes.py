"""What happens with a lead changes its score at once: its details, an activity, one struck out or given back."""

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from webapp.extensions import db
from webapp.models import Lead, LeadActivity, LeadSource, ScoreLine
from webapp.services.scoring.lines import change, reversal_of, standing
from webapp.services.scoring.matches import Match, activity_matches, clamped, detail_matches, response_matches
from webapp.services.scoring.rules import in_force
from webapp.services.scoring.silence import charge_silence
from webapp.vocabulary import ScoreReason

STRUCK = aliased(ScoreLine)


def score_details(lead: Lead) -> None:
    """Apply the six kinds of rules that look at a lead's details, as one change.

    At capture they are the first lines; after an amendment the earlier ones are reversed and applied anew.
    """
    earlier = [reversal_of(line) for line in standing(lead.lead_id, ScoreReason.DETAILS)]
    change(lead, ScoreReason.DETAILS, [*earlier, *detail_matches(lead, in_force(), _is_referred(lead))])


def score_activity(lead: Lead, activity: LeadActivity, *, first: bool) -> None:
    """Apply what an activity earns: its outcome, its type and, for the first one, the response time."""
    rules = in_force()
    charge_silence(lead, rules, until=activity.counted_at)
    matches = activity_matches(rules, activity.type, activity.outcome)
    if first:
        matches += response_matches(rules, activity.counted_at - lead.created_at)
    change(lead, ScoreReason.ACTIVITY, matches, activity.activity_id)


def strike_activity(lead: Lead, activity: LeadActivity) -> None:
    """Take back what an activity earned: the reverse of what was counted."""
    lines = [line for line in standing(lead.lead_id, ScoreReason.ACTIVITY) if line.activity_id == activity.activity_id]
    change(lead, ScoreReason.ACTIVITY, [reversal_of(line) for line in lines])


def give_back_activity(lead: Lead, activity: LeadActivity) -> bool:
    """Undo `strike_activity`: the score is what it was before. False, and nothing done, where it has moved since."""
    taken = db.session.execute(
        select(ScoreLine, STRUCK)
        .join(STRUCK, STRUCK.line_id == ScoreLine.reverses)
        .where(ScoreLine.activity_id == activity.activity_id, ScoreLine.created_at == activity.struck_at)
        .order_by(ScoreLine.line_id)
    ).all()
    newest = db.session.scalar(select(func.max(ScoreLine.line_id)).where(ScoreLine.lead_id == lead.lead_id))
    if taken and taken[-1][0].line_id != newest:
        return False
    back = -sum(line.counted for line, _struck in taken)
    whole = [Match(line.rule_name, _points(struck, line.part), line.rule_id) for line, struck in taken]
    as_counted = [Match(line.rule_name, -line.counted, line.rule_id) for line, _struck in taken]
    fits = clamped(lead.score + sum(match.points for match in whole)) == lead.score + back
    change(lead, ScoreReason.ACTIVITY, whole if fits else as_counted, activity.activity_id)
    return True


def _points(line: ScoreLine, part: int | None) -> int:
    return line.parts[part - 1]["points"] if line.parts and part else line.points


def _is_referred(lead: Lead) -> bool:
    referred = select(LeadSource).where(LeadSource.lead_id == lead.lead_id, LeadSource.referrer_agent_id.is_not(None))
    return bool(db.session.scalar(select(referred.exists())))
