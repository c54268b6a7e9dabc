"""The score of a lead, counted line by line as the rules count it (R3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from uuid import UUID

from webapp.models import Lead
from webapp.services.scoring import (
    HIGHEST,
    LOWEST,
    AnyRule,
    Match,
    activity_matches,
    detail_matches,
    response_matches,
    share_clamp,
)
from webapp.vocabulary import ActivityType, Outcome, PropertyType, ScoreReason, Source


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule did to the score."""

    line_id: int
    match: Match
    counted: int


class Rules:
    """The office's rules, asked for matches."""

    def __init__(self, rules: list[AnyRule]):
        self.rules = rules
        self.budgets = sorted(rule.condition["threshold"] for rule in self._of("budget_min"))
        self.of_details = cache(self._of_details)
        self.of_activity = cache(self._of_activity)
        self.tiers = self._of("response_time")
        bounds = [tier.condition.get(bound) for tier in self.tiers for bound in ("max_hours", "min_hours")]
        self.waits = [*sorted(timedelta(hours=hours) for hours in bounds if hours), timedelta.max]
        self.of_wait = cache(self._of_wait)
        self.silences = sorted(
            ((timedelta(days=rule.condition["threshold"]), _match(rule)) for rule in self._of("inactivity_days")),
            key=itemgetter(0),
        )

    def of_response(self, took: timedelta) -> list[Match]:
        """Of the longest wait with the same answer: few enough to remember them all."""
        return self.of_wait(next(wait for wait in self.waits if took <= wait))

    def of_silence(self, silence: timedelta) -> list[Match]:
        return [match for threshold, match in self.silences if silence >= threshold]

    def alike(self, budget: int | None) -> int | None:
        """The smallest budget that meets the same rules: few enough for `of_details` to remember them all."""
        return next((least + 1 for least in reversed(self.budgets) if budget and budget > least), None)

    @property
    def silence(self) -> timedelta | None:
        """How long nobody spoke with a client before it counts."""
        return self.silences[0][0] if self.silences else None

    def _of_details(
        self,
        source: Source,
        nationality: str | None,
        budget: int | None,
        kind: PropertyType | None,
        knows_areas: bool,
        referred: bool,
    ) -> list[Match]:
        lead = Lead(
            source_type=source,
            nationality=nationality,
            budget_max=budget,
            property_type=kind,
            preferred_areas=["somewhere"] if knows_areas else None,
        )
        return detail_matches(lead, self.rules, referred)

    def _of_wait(self, took: timedelta) -> list[Match]:
        return response_matches(self.tiers, took)

    def _of_activity(self, kind: ActivityType, outcome: Outcome | None) -> list[Match]:
        return activity_matches(self.rules, kind, outcome)

    def _of(self, kind: str) -> list[AnyRule]:
        return [rule for rule in self.rules if rule.condition.get("type") == kind]


class Score:
    """One lead's score; `write` keeps each line."""

    def __init__(self, number: Callable[[], int], write: Callable[..., None]):
        self.value = LOWEST
        self._number, self._write = number, write

    def change(
        self, reason: ScoreReason, matches: list[Match], at: datetime, activity_id: UUID | None = None
    ) -> list[Line]:
        """Apply all matches at once, clamp once, and write down what the clamp left of each."""
        after = min(HIGHEST, max(LOWEST, self.value + sum(match.points for match in matches)))
        shares = share_clamp([match.points for match in matches], after - self.value)
        lines = [Line(self._number(), match, share) for match, share in zip(matches, shares, strict=True)]
        for line in lines:
            self._write(
                line_id=line.line_id,
                rule_id=line.match.rule_id,
                rule_name=line.match.rule_name,
                reason=reason,
                points=line.match.points,
                counted=line.counted,
                activity_id=line.match.activity_id or activity_id,
                reverses=line.match.reverses,
                created_at=at,
            )
        self.value = after
        return lines

    def take_back(self, lines: list[Line], at: datetime, activity_id: UUID) -> None:
        """Reverse what these lines counted."""
        reversed_lines = [
            Match(line.match.rule_name, -line.counted, line.match.rule_id, reverses=line.line_id) for line in lines
        ]
        self.change(ScoreReason.ACTIVITY, reversed_lines, at, activity_id)


def _match(rule: AnyRule) -> Match:
    return Match(rule.rule_name, rule.score_adjustment, rule.rule_id)
