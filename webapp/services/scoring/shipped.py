"""The two sets of rules that we ship: the canonical one, and a balanced one that spreads the scores.

In the canonical set the source alone gives 70 to 95 points, so most leads end near 100. In the balanced one it gives
10 to 30; what a lead wants, how fast it was answered and what came of it decide the rest.
"""

from collections.abc import Iterable
from uuid import UUID, uuid4

from webapp.services.scoring.rule import Rule
from webapp.vocabulary import Begin

Shipped = tuple[tuple[str, int, dict], ...]

CANONICAL: Shipped = (
    ("Source: referral", 95, {"type": "source", "value": "referral"}),
    ("Source: Bayut", 90, {"type": "source", "value": "bayut"}),
    ("Source: Property Finder", 85, {"type": "source", "value": "propertyfinder"}),
    ("Source: website", 80, {"type": "source", "value": "website"}),
    ("Source: Dubizzle", 75, {"type": "source", "value": "dubizzle"}),
    ("Source: walk-in", 70, {"type": "source", "value": "walk_in"}),
    ("Budget over AED 10M", 20, {"type": "budget_min", "threshold": 10_000_000}),
    ("Budget over AED 5M", 15, {"type": "budget_min", "threshold": 5_000_000}),
    ("Budget over AED 2M", 10, {"type": "budget_min", "threshold": 2_000_000}),
    ("Any budget given", 5, {"type": "budget_min", "threshold": 0}),
    ("UAE national", 10, {"type": "nationality", "values": ["UAE", "Emirati"]}),
    ("GCC national", 5, {"type": "nationality", "values": ["Saudi", "Kuwait", "Bahrain", "Qatar", "Oman"]}),
    ("Property type known", 5, {"type": "property_type"}),
    ("Preferred area known", 5, {"type": "preferred_areas"}),
    ("Referred by an agent", 10, {"type": "referral"}),
    ("Offer made", 20, {"type": "activity_type", "value": "offer_made"}),
    ("Viewing held", 10, {"type": "activity_type", "value": "viewing"}),
    ("Positive outcome", 5, {"type": "activity_outcome", "value": "positive"}),
    ("Answered within 1 hour", 15, {"type": "response_time", "max_hours": 1}),
    ("Answered within 4 hours", 10, {"type": "response_time", "max_hours": 4}),
    ("Answered within 24 hours", 5, {"type": "response_time", "max_hours": 24}),
    ("Answered within 72 hours", 0, {"type": "response_time", "max_hours": 72}),
    ("Answered after 72 hours", -10, {"type": "response_time", "min_hours": 72}),
    ("Silent for 7 days", -10, {"type": "inactivity_days", "threshold": 7}),
)
BALANCED_POINTS = {
    "Source: referral": 30,
    "Source: walk-in": 26,
    "Source: Bayut": 21,
    "Source: Property Finder": 19,
    "Source: website": 16,
    "Source: Dubizzle": 10,
    "Budget over AED 10M": 18,
    "Budget over AED 5M": 14,
    "Budget over AED 2M": 10,
    "Any budget given": 5,
    "UAE national": 4,
    "GCC national": 2,
    "Property type known": 4,
    "Preferred area known": 4,
    "Referred by an agent": 6,
    "Offer made": 14,
    "Viewing held": 9,
    "Positive outcome": 6,
    "Answered within 1 hour": 12,
    "Answered within 4 hours": 8,
    "Answered within 24 hours": 4,
    "Answered within 72 hours": 0,
    "Answered after 72 hours": -6,
    "Silent for 7 days": -6,
}
ONLY_BALANCED: Shipped = (("Negative outcome", -6, {"type": "activity_outcome", "value": "negative"}),)
BALANCED: Shipped = (
    *((name, BALANCED_POINTS[name], condition) for name, _points, condition in CANONICAL),
    *ONLY_BALANCED,
)
SHIPPED = {Begin.CANONICAL: CANONICAL, Begin.BALANCED: BALANCED}


def shipped(begin: Begin, known: Iterable[Rule]) -> list[Rule]:
    """A set that we ship; a rule that the office has under the same name stays that rule."""
    ids: dict[str, UUID] = {rule.rule_name: rule.rule_id for rule in known}
    return [Rule(ids.get(name) or uuid4(), name, points, dict(condition)) for name, points, condition in SHIPPED[begin]]
