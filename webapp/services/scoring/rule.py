"""A rule of a set: the same as a row of the rules in force, as it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from webapp.models import LeadScoringRule
from webapp.vocabulary import ConditionType, Word

KINDS = list(ConditionType)


@dataclass(frozen=True)
class Rule:
    """A rule as a set keeps it."""

    rule_id: UUID
    rule_name: str
    score_adjustment: int
    condition: dict
    enabled: bool = True

    @classmethod
    def kept(cls, row: dict) -> Self:
        return cls(UUID(row["rule_id"]), row["name"], row["points"], row["condition"], row["enabled"])

    @classmethod
    def of_row(cls, row: LeadScoringRule) -> Self:
        return cls(row.rule_id, row.rule_name, row.score_adjustment, dict(row.condition), row.enabled)

    @property
    def kind(self) -> ConditionType:
        return ConditionType(self.condition["type"])

    def value_in(self, words: type[Word]) -> str:
        """The word that its condition names, as people read it."""
        return words.spelled(self.condition["value"]).label

    @property
    def as_kept(self) -> dict:
        return {
            "rule_id": str(self.rule_id),
            "name": self.rule_name,
            "points": self.score_adjustment,
            "condition": self.condition,
            "enabled": self.enabled,
        }

    def switched(self, enabled: bool) -> Self:
        return replace(self, enabled=enabled)


def counting(rules: Iterable[Rule]) -> list[Rule]:
    """Those that are switched on."""
    return [rule for rule in rules if rule.enabled]


def read(kept: list[dict]) -> list[Rule]:
    """The rules of a set, in their order."""
    return [Rule.kept(row) for row in kept]


def arranged(rows: Iterable[LeadScoringRule]) -> list[Rule]:
    """Rows of the rules in force in their order; those that nobody has put in order, kind by kind."""

    def key(row: LeadScoringRule) -> tuple:
        by_kind = KINDS.index(ConditionType(row.condition["type"])), -row.score_adjustment, row.rule_name
        return (0, row.place) if row.place is not None else (1, 0, *by_kind)

    return [Rule.of_row(row) for row in sorted(rows, key=key)]
