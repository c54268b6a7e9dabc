"""What each kind of rule says of a lead, an activity or a silence: pure functions of the rules (R3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from webapp.vocabulary import ActivityType, ConditionType, Outcome

LOWEST, HIGHEST, NEUTRAL = 0, 100, 50
NO_RULES = "No scoring rules"


class Scored(Protocol):
    """What rules look at in a lead."""

    @property
    def source_type(self) -> str: ...
    @property
    def nationality(self) -> str | None: ...
    @property
    def budget_max(self) -> Decimal | int | None: ...
    @property
    def property_type(self) -> Any: ...
    @property
    def preferred_areas(self) -> Any: ...


class AnyRule(Protocol):
    """A rule: a row of `lead_scoring_rules`, or one of a set that is not in force."""

    @property
    def rule_id(self) -> UUID: ...
    @property
    def rule_name(self) -> str: ...
    @property
    def score_adjustment(self) -> int: ...
    @property
    def condition(self) -> dict: ...


R = TypeVar("R", bound=AnyRule)


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that applies, and the points it gives."""

    rule_name: str
    points: int
    rule_id: UUID | None = None
    reverses: int | None = None
    part: int | None = None
    activity_id: UUID | None = None


def detail_matches(lead: Scored, rules: Iterable[AnyRule], referred: bool) -> list[Match]:
    """The rules that a lead's details meet. Of the budget tiers only the highest one counts.

    With no rules at all every lead has the neutral score.
    """
    rules = list(rules)
    if not rules:
        return [Match(NO_RULES, NEUTRAL)]
    tiers = sorted(of_type(rules, ConditionType.BUDGET_MIN), key=lambda rule: rule.condition["threshold"], reverse=True)
    budget = lead.budget_max or 0
    tier = next((rule for rule in tiers if budget > rule.condition["threshold"]), None)
    return [
        *_equal(rules, ConditionType.SOURCE, lead.source_type),
        *([match_of(tier)] if tier else []),
        *(
            match_of(rule)
            for rule in of_type(rules, ConditionType.NATIONALITY)
            if _folded(lead.nationality) in {_folded(value) for value in rule.condition["values"]}
        ),
        *(match_of(rule) for rule in of_type(rules, ConditionType.PROPERTY_TYPE) if lead.property_type),
        *(match_of(rule) for rule in of_type(rules, ConditionType.PREFERRED_AREAS) if lead.preferred_areas),
        *(match_of(rule) for rule in of_type(rules, ConditionType.REFERRAL) if referred),
    ]


def activity_matches(rules: Iterable[AnyRule], type: ActivityType | str, outcome: Outcome | str | None) -> list[Match]:
    """What an activity's outcome and type earn."""
    rules = list(rules)
    return [
        *_equal(rules, ConditionType.ACTIVITY_OUTCOME, outcome),
        *_equal(rules, ConditionType.ACTIVITY_TYPE, type),
    ]


def response_matches(rules: Iterable[AnyRule], took: timedelta) -> list[Match]:
    """The first response-time tier that fits: up to so many hours, else above so many."""
    hours = took / timedelta(hours=1)
    tiers = of_type(rules, ConditionType.RESPONSE_TIME)
    within = sorted(
        (rule for rule in tiers if hours <= rule.condition.get("max_hours", -1)),
        key=lambda rule: rule.condition["max_hours"],
    )
    beyond = [rule for rule in tiers if "min_hours" in rule.condition and hours > rule.condition["min_hours"]]
    return [match_of(rule) for rule in (within or beyond)[:1]]


def silence_matches(rules: Iterable[AnyRule], took: timedelta) -> list[Match]:
    """What a silence of this length costs."""
    silences = of_type(rules, ConditionType.INACTIVITY_DAYS)
    return [match_of(rule) for rule in silences if took >= timedelta(days=rule.condition["threshold"])]


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


def clamped(score: int) -> int:
    """The score kept between 0 and 100."""
    return min(HIGHEST, max(LOWEST, score))


def of_type(rules: Iterable[R], kind: str) -> list[R]:
    """The rules whose condition is of this kind, in their order."""
    return [rule for rule in rules if rule.condition.get("type") == kind]


def match_of(rule: AnyRule) -> Match:
    """That this rule applies."""
    return Match(rule.rule_name, rule.score_adjustment, rule.rule_id)


def _equal(rules: Iterable[AnyRule], kind: str, value: str | None) -> list[Match]:
    return [match_of(rule) for rule in of_type(rules, kind) if _folded(rule.condition["value"]) == _folded(value)]


def _folded(value: str | None) -> str | None:
    return value.strip().lower() if value else None
