"""The one replay: what a lead's own events come to by a set of rules, in order of time (R3).

Pure: facts and rules in, lines and score out. The preview, the rescore and the undo of a merge are this.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from webapp.services.scoring.facts import Facts
from webapp.services.scoring.matches import (
    LOWEST,
    AnyRule,
    Match,
    activity_matches,
    clamped,
    detail_matches,
    of_type,
    response_matches,
    share_clamp,
    silence_matches,
)
from webapp.vocabulary import ConditionType, ScoreReason


@dataclass(frozen=True, slots=True)
class Change:
    """What one event did: the rules that met it, and what the clamp left of each."""

    reason: ScoreReason
    activity_id: UUID | None
    matches: list[Match]
    counted: list[int]


class Book:
    """A set of rules, ready to be asked about a great many leads."""

    def __init__(self, rules: Iterable[AnyRule]):
        self.rules = list(rules)
        self.budgets = sorted(rule.condition["threshold"] for rule in of_type(self.rules, ConditionType.BUDGET_MIN))
        self.silences = of_type(self.rules, ConditionType.INACTIVITY_DAYS)
        days = [rule.condition["threshold"] for rule in self.silences]
        self.patience = timedelta(days=min(days)) if days else timedelta.max
        self.tiers = of_type(self.rules, ConditionType.RESPONSE_TIME)
        self.of_activity = cache(self._of_activity)
        self._of_details: dict[tuple, list[Match]] = {}

    def of_details(self, facts: Facts) -> list[Match]:
        """As `detail_matches`; leads that are alike to these rules share an answer."""
        alike = (
            facts.source_type,
            facts.nationality,
            bisect_left(self.budgets, facts.budget_max or 0),
            facts.property_type,
            facts.preferred_areas,
            facts.referred,
        )
        found = self._of_details.get(alike)
        if found is None:
            found = self._of_details[alike] = detail_matches(facts, self.rules, facts.referred)
        return found

    def of_silence(self, took: timedelta) -> list[Match]:
        """As `silence_matches`; there is nothing shorter than `patience`."""
        return silence_matches(self.silences, took)

    def of_response(self, took: timedelta) -> list[Match]:
        """As `response_matches`."""
        return response_matches(self.tiers, took)

    def _of_activity(self, type: str, outcome: str | None) -> list[Match]:
        return activity_matches(self.rules, type, outcome)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a lead's events come to."""

    changes: list[Change]
    score: int


def replay(facts: Facts, book: Book, *, until: datetime) -> Replayed:
    """The changes of the score from the capture to `until`, each clamped as it came, and where they end.

    A silence costs once: with the activity that ends it, or while it lasts. It ends with the lead's closing too.
    """
    changes, score = [], LOWEST
    for reason, activity_id, matches in _events(facts, book, until):
        counted = [match.points for match in matches]
        asked = score + sum(counted)
        after = clamped(asked)
        if after != asked:
            counted = share_clamp(counted, after - score)
        changes.append(Change(reason, activity_id, matches, counted))
        score = after
    return Replayed(changes, score)


def replayed_score(facts: Facts, book: Book, *, until: datetime) -> int:
    """Where `replay` ends, and nothing of how."""
    score = LOWEST
    for _reason, _activity_id, matches in _events(facts, book, until):
        score = clamped(score + sum([match.points for match in matches]))
    return score


def _events(facts: Facts, book: Book, until: datetime) -> Iterator[tuple[ScoreReason, UUID | None, list[Match]]]:
    """What happened, one after the other, where rules meet it. Called a great many times: kept plain and quick."""
    if found := book.of_details(facts):
        yield ScoreReason.DETAILS, None, found
    since, end = facts.created_at, until
    if facts.closed_at and facts.closed_at < until:
        end = facts.closed_at
    for n, event in enumerate(facts.events):
        at = event.counted_at
        silent = (at if at < end else end) - since
        if silent >= book.patience:
            yield ScoreReason.SILENCE, event.activity_id, book.of_silence(silent)
        found = book.of_activity(event.type, event.outcome)
        if n == 0:
            found = [*found, *book.of_response(at - since)]
        if found:
            yield ScoreReason.ACTIVITY, event.activity_id, found
        if at > since:
            since = at
    if end - since >= book.patience:
        yield ScoreReason.SILENCE, None, book.of_silence(end - since)
