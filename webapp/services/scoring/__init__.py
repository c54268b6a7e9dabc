"""Scores from 0 to 100 by rules kept as data; every change leaves lines that add up to the score (R3)."""

from webapp.services.scoring.anew import put_back, score_anew
from webapp.services.scoring.changes import give_back_activity, score_activity, score_details, strike_activity
from webapp.services.scoring.drafts import (
    discard,
    draft,
    move,
    next_rule_id,
    put,
    remove,
    rule_of_draft,
    rules_of,
    start,
    switch,
)
from webapp.services.scoring.explain import Breakdown, Reason, explain
from webapp.services.scoring.lines import last_line
from webapp.services.scoring.matches import (
    HIGHEST,
    LOWEST,
    AnyRule,
    Match,
    activity_matches,
    detail_matches,
    response_matches,
    share_clamp,
    silence_matches,
)
from webapp.services.scoring.preview import Preview, Spread, preview
from webapp.services.scoring.rescore import rescore_waiting
from webapp.services.scoring.rule import Rule
from webapp.services.scoring.rules import TIERS, in_force, listed, read_tiers, response_tiers
from webapp.services.scoring.sets import AT_ONCE, applied, apply, apply_again
from webapp.services.scoring.shipped import BALANCED, CANONICAL
from webapp.services.scoring.silence import charge_silences

__all__ = [
    "AT_ONCE",
    "BALANCED",
    "CANONICAL",
    "HIGHEST",
    "LOWEST",
    "TIERS",
    "AnyRule",
    "Breakdown",
    "Match",
    "Preview",
    "Reason",
    "Rule",
    "Spread",
    "activity_matches",
    "applied",
    "apply",
    "apply_again",
    "charge_silences",
    "detail_matches",
    "discard",
    "draft",
    "explain",
    "give_back_activity",
    "in_force",
    "last_line",
    "listed",
    "move",
    "next_rule_id",
    "preview",
    "put",
    "put_back",
    "read_tiers",
    "remove",
    "rescore_waiting",
    "response_matches",
    "response_tiers",
    "rule_of_draft",
    "rules_of",
    "score_activity",
    "score_anew",
    "score_details",
    "share_clamp",
    "silence_matches",
    "start",
    "strike_activity",
    "switch",
]
