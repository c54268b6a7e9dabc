"""Scores from 0 to 100 by rules kept as data; every change leaves lines that add up to the score (R3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import exists, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from webapp import stopping
from webapp.extensions import db
from webapp.models import Lead, LeadActivity, LeadScoringRule, LeadSource, ScoreLine
from webapp.models.activities import GRACE
from webapp.services import access, audit
from webapp.services.access import SYSTEM, Actor
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import ActivityType, Outcome, ScoreReason

LOWEST, HIGHEST, NEUTRAL = 0, 100, 50
STRUCK = aliased(ScoreLine)
NO_RULES = "No scoring rules"
LOOSE, AS_BEFORE = "Points without a line", "As before the merge"

_HOURS = LeadScoringRule.condition["max_hours"]
TIERS = (
    select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(_HOURS, LeadScoringRule.score_adjustment), _HOURS)))
    .where(LeadScoringRule.condition["type"].astext == "response_time", _HOURS.is_not(None))
    .scalar_subquery()
)
"""The tiers of the response clock, to be asked for in any query: see `read_tiers`."""

# Candidates only: whether a silence was charged already is decided lead by lead.
SILENT_LEADS = text("""
    SELECT l.lead_id FROM leads l
    LEFT JOIN LATERAL (
        SELECT max(greatest(activity_at, logged_at - interval '15 minutes')) AS contacted_at FROM lead_activities a
        WHERE a.lead_id = l.lead_id AND a.struck_at IS NULL) latest ON true
    WHERE l.status NOT IN ('converted', 'lost') AND l.erased_at IS NULL
      AND greatest(l.created_at, latest.contacted_at) <= now() - make_interval(days => :days)
      AND NOT EXISTS (
        SELECT FROM score_lines s
        WHERE s.lead_id = l.lead_id AND s.reason = 'silence' AND s.activity_id IS NULL
          AND s.created_at > greatest(l.created_at, latest.contacted_at) + interval '15 minutes'
          AND NOT EXISTS (SELECT FROM score_lines back WHERE back.reverses = s.line_id))
    ORDER BY l.lead_id
""").columns(lead_id=Lead.lead_id.type)


@dataclass(frozen=True)
class Match:
    """A rule that applies, and the points it gives."""

    rule_name: str
    points: int
    rule_id: UUID | None = None
    reverses: int | None = None
    activity_id: UUID | None = None


@dataclass(frozen=True)
class Reason:
    """What one rule did to a score, or how much of it was taken back: so many times, its points, what counted."""

    rule_name: str
    taken_back: bool
    times: int
    points: int
    counted: int


@dataclass(frozen=True)
class Breakdown:
    """Why a score is what it is: the reasons that stand, what the clamp took, and the total."""

    lines: list[Reason]
    clamped: int
    score: int


def score_details(lead: Lead) -> None:
    """Apply the six kinds of rules that look at a lead's details, as one change.

    At capture they are the first lines; after an amendment the earlier ones are reversed and applied anew.
    """
    earlier = [_reversal(line) for line in _standing(lead.lead_id, ScoreReason.DETAILS)]
    _apply(lead, ScoreReason.DETAILS, [*earlier, *detail_matches(lead, _rules(), _is_referred(lead))])


def score_activity(lead: Lead, activity: LeadActivity, *, first: bool) -> None:
    """Apply what an activity earns: its outcome, its type and, for the first one, the response time."""
    rules = _rules()
    charge_silence(lead, rules, until=activity.counted_at)
    matches = activity_matches(rules, activity.type, activity.outcome)
    if first:
        matches += response_matches(rules, activity.counted_at - lead.created_at)
    _apply(lead, ScoreReason.ACTIVITY, matches, activity.activity_id)


def strike_activity(lead: Lead, activity: LeadActivity) -> None:
    """Take back what an activity earned: the reverse of what was counted."""
    lines = [line for line in _standing(lead.lead_id, ScoreReason.ACTIVITY) if line.activity_id == activity.activity_id]
    _apply(lead, ScoreReason.ACTIVITY, [_reversal(line) for line in lines])


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
    whole = [Match(line.rule_name, struck.points, line.rule_id) for line, struck in taken]
    as_counted = [Match(line.rule_name, -line.counted, line.rule_id) for line, _struck in taken]
    asked = lead.score + sum(match.points for match in whole)
    fits = min(HIGHEST, max(LOWEST, asked)) == lead.score + back
    _apply(lead, ScoreReason.ACTIVITY, whole if fits else as_counted, activity.activity_id)
    return True


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
    if not silent or _charges_since(lead.lead_id, since):
        return False
    _apply(lead, ScoreReason.SILENCE, silent)
    return True


def score_anew(lead: Lead) -> None:
    """Take all points back and replay what has happened with the lead, in order of time, by the rules of today.

    A silence that an activity ended is charged with it; one that lasts is charged again if it was, else by the job.
    """
    rules = _rules()
    ended = _ended(lead)
    lasts = _charges_since(lead.lead_id, max([lead.created_at, *(activity.counted_at for activity, _took in ended)]))
    _take_all_back(lead)
    _apply(lead, ScoreReason.DETAILS, detail_matches(lead, rules, _is_referred(lead)))
    for n, (activity, took) in enumerate(ended):
        _apply(lead, ScoreReason.SILENCE, silence_matches(rules, took), activity.activity_id)
        matches = activity_matches(rules, activity.type, activity.outcome)
        if n == 0:
            matches += response_matches(rules, activity.counted_at - lead.created_at)
        _apply(lead, ScoreReason.ACTIVITY, matches, activity.activity_id)
    if lasts:
        _apply(lead, ScoreReason.SILENCE, [Match(line.rule_name, line.points, line.rule_id) for line in lasts])


def last_line(lead_id: UUID) -> int | None:
    """The number of the last change of a lead's score."""
    return db.session.scalar(select(func.max(ScoreLine.line_id)).where(ScoreLine.lead_id == lead_id))


def put_back(lead: Lead, score: int) -> None:
    """The score that the lead had; what the replay gives otherwise gets a line."""
    if lead.score != score:
        # A change of its own: what took all back was another one, in the same transaction.
        at = db.session.scalars(select(func.clock_timestamp())).one()
        _apply(lead, ScoreReason.MERGE, [Match(AS_BEFORE, score - lead.score)], at=at)


def charge_silences() -> Tally:
    """The job `inactivity`: charge every active lead that has been silent long enough.

    Each lead is looked at again under its lock, in a transaction of its own; one that fails stops no other.
    """
    days = [rule.condition["threshold"] for rule in _of_type(_rules(), "inactivity_days")]
    silent = db.session.scalars(SILENT_LEADS, {"days": min(days)}).all() if days else []
    release()
    return stopping.one_by_one(
        silent, partial(_charge, by=SYSTEM), otherwise="The silence of lead %s could not be charged"
    )


@transactional
def _charge(lead_id: UUID, *, by: Actor) -> bool:
    lead = access.lead(lead_id, by=by, lock=True)
    charged = charge_silence(lead, _rules(), until=db.session.scalars(select(func.now())).one())
    if charged:
        audit.record("scoring.charge_silences", by=by, lead_id=lead_id, after={"score": lead.score})
    return charged


def explain(lead: Lead) -> Breakdown:
    """The lines behind the score, rule by rule, without those that were taken back in full."""
    other = aliased(ScoreLine)
    gone = exists().where(
        or_(other.reverses == ScoreLine.line_id, other.line_id == ScoreLine.reverses),
        other.counted + ScoreLine.counted == 0,
    )
    taken_back = ScoreLine.reverses.is_not(None)
    rows = db.session.execute(
        select(ScoreLine.rule_name, taken_back, func.count(), func.sum(ScoreLine.points), func.sum(ScoreLine.counted))
        .where(ScoreLine.lead_id == lead.lead_id, ~gone)
        .group_by(ScoreLine.rule_name, taken_back)
        .order_by(func.min(ScoreLine.line_id))
    )
    lines = [Reason(*row) for row in rows]
    return Breakdown(lines, sum(line.counted - line.points for line in lines), sum(line.counted for line in lines))


def detail_matches(lead: Lead, rules: list[LeadScoringRule], referred: bool) -> list[Match]:
    """The rules that a lead's details meet. Of the budget tiers only the highest one counts.

    With no rules at all every lead has the neutral score.
    """
    if not rules:
        return [Match(NO_RULES, NEUTRAL)]
    tiers = sorted(
        (rule for rule in rules if rule.condition.get("type") == "budget_min"),
        key=lambda rule: rule.condition["threshold"],
        reverse=True,
    )
    budget = lead.budget_max or 0
    tier = next((rule for rule in tiers if budget > rule.condition["threshold"]), None)
    return [
        *_equal(rules, "source", lead.source_type),
        *([_match(tier)] if tier else []),
        *(
            _match(rule)
            for rule in _of_type(rules, "nationality")
            if _folded(lead.nationality) in {_folded(value) for value in rule.condition["values"]}
        ),
        *(_match(rule) for rule in _of_type(rules, "property_type") if lead.property_type),
        *(_match(rule) for rule in _of_type(rules, "preferred_areas") if lead.preferred_areas),
        *(_match(rule) for rule in _of_type(rules, "referral") if referred),
    ]


def activity_matches(rules: list[LeadScoringRule], type: ActivityType, outcome: Outcome | None) -> list[Match]:
    """What an activity's outcome and type earn."""
    return [*_equal(rules, "activity_outcome", outcome), *_equal(rules, "activity_type", type)]


def response_matches(rules: list[LeadScoringRule], took: timedelta) -> list[Match]:
    """The first response-time tier that fits: up to so many hours, else above so many."""
    hours = took / timedelta(hours=1)
    tiers = _of_type(rules, "response_time")
    within = sorted(
        (rule for rule in tiers if hours <= rule.condition.get("max_hours", -1)),
        key=lambda rule: rule.condition["max_hours"],
    )
    beyond = [rule for rule in tiers if "min_hours" in rule.condition and hours > rule.condition["min_hours"]]
    return [_match(rule) for rule in (within or beyond)[:1]]


def silence_matches(rules: list[LeadScoringRule], took: timedelta) -> list[Match]:
    """What a silence of this length costs."""
    silences = _of_type(rules, "inactivity_days")
    return [_match(rule) for rule in silences if took >= timedelta(days=rule.condition["threshold"])]


def response_tiers() -> list[tuple[int, int]]:
    """The response clock's tiers as the rules have them: (hours, points), shortest first."""
    return read_tiers(db.session.scalar(select(TIERS)))


def read_tiers(found: list | None) -> list[tuple[int, int]]:
    """The tiers from what a query got for TIERS."""
    return [(hours, points) for hours, points in found or ()]


def _apply(
    lead: Lead,
    reason: ScoreReason,
    matches: list[Match],
    activity_id: UUID | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Change the score by all matches at once, clamp once, and write down what the clamp left of each."""
    if not matches:
        return
    asked = sum(match.points for match in matches)
    before = lead.score
    after = db.session.scalars(
        update(Lead)
        .where(Lead.lead_id == lead.lead_id)
        .values(score=func.least(HIGHEST, func.greatest(LOWEST, Lead.score + asked)))
        .returning(Lead.score)
        .execution_options(synchronize_session=False)
    ).one()
    db.session.refresh(lead, ["score"])
    counted = share_clamp([match.points for match in matches], after - before)
    db.session.add_all(
        ScoreLine(
            lead_id=lead.lead_id,
            rule_id=match.rule_id,
            rule_name=match.rule_name,
            reason=reason,
            points=match.points,
            counted=left,
            activity_id=match.activity_id or activity_id,
            reverses=match.reverses,
            **({"created_at": at} if at else {}),
        )
        for match, left in zip(matches, counted, strict=True)
    )
    db.session.flush()


def share_clamp(points: list[int], change: int) -> list[int]:
    """What is left of each of `points` so that they sum to `change`: the clamp takes from the last ones first."""
    excess = sum(points) - change
    counted = list(points)
    for place in reversed(range(len(points))):
        if excess > 0 and points[place] > 0:
            taken = min(excess, points[place])
        elif excess < 0 and points[place] < 0:
            taken = max(excess, points[place])
        else:
            continue
        counted[place] -= taken
        excess -= taken
    return counted


def _rules() -> list[LeadScoringRule]:
    return list(
        db.session.scalars(select(LeadScoringRule).order_by(LeadScoringRule.created_at, LeadScoringRule.rule_id))
    )


def _of_type(rules: Iterable[LeadScoringRule], kind: str) -> list[LeadScoringRule]:
    return [rule for rule in rules if rule.condition.get("type") == kind]


def _equal(rules: Iterable[LeadScoringRule], kind: str, value: str | None) -> list[Match]:
    return [_match(rule) for rule in _of_type(rules, kind) if _folded(rule.condition["value"]) == _folded(value)]


def _match(rule: LeadScoringRule) -> Match:
    return Match(rule.rule_name, rule.score_adjustment, rule.rule_id)


def _reversal(line: ScoreLine) -> Match:
    return Match(line.rule_name, -line.counted, line.rule_id, reverses=line.line_id, activity_id=line.activity_id)


def _standing(lead_id: UUID, *reasons: ScoreReason) -> list[ScoreLine]:
    reversal = aliased(ScoreLine)
    return list(
        db.session.scalars(
            select(ScoreLine)
            .where(
                ScoreLine.lead_id == lead_id,
                ScoreLine.reason.in_(reasons),
                ScoreLine.reverses.is_(None),
                ~select(reversal.line_id).where(reversal.reverses == ScoreLine.line_id).exists(),
            )
            .order_by(ScoreLine.line_id)
        )
    )


def _charges_since(lead_id: UUID, since: datetime) -> list[ScoreLine]:
    """What the silence that began then has cost already; one with an activity is over."""
    charges = _standing(lead_id, ScoreReason.SILENCE)
    return [line for line in charges if line.activity_id is None and line.created_at > since + GRACE]


def _ended(lead: Lead) -> list[tuple[LeadActivity, timedelta]]:
    """The lead's activities that count, in order of time, each with the silence that it ended."""
    mine = select(LeadActivity).where(LeadActivity.lead_id == lead.lead_id, LeadActivity.struck_at.is_(None))
    query = mine.order_by(LeadActivity.counted_at, LeadActivity.activity_id)
    activities = list(db.session.scalars(query.execution_options(populate_existing=True)))
    begins = [lead.created_at, *(activity.counted_at for activity in activities)]
    return [(activity, activity.counted_at - begin) for activity, begin in zip(activities, begins, strict=False)]


def _take_all_back(lead: Lead) -> None:
    """The score is nothing; every line that stood has its reverse, the latest activity's first."""
    standing: dict[UUID | None, list[ScoreLine]] = {}
    for line in _standing(lead.lead_id, *ScoreReason):
        standing.setdefault(line.activity_id, []).append(line)
    rest = [_reversal(line) for line in standing.pop(None, [])]
    for lines in reversed(standing.values()):
        _apply(lead, ScoreReason.MERGE, [_reversal(line) for line in lines])
    if loose := lead.score + sum(match.points for match in rest):
        rest.append(Match(LOOSE, -loose))
    _apply(lead, ScoreReason.MERGE, rest)


def _is_referred(lead: Lead) -> bool:
    referred = select(LeadSource).where(LeadSource.lead_id == lead.lead_id, LeadSource.referrer_agent_id.is_not(None))
    return bool(db.session.scalar(select(referred.exists())))


def _folded(value: str | None) -> str | None:
    return value.strip().lower() if value else None
