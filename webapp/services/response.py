"""Speed to lead: how long until a person answered, and what the next tier costs (R3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import clock
from webapp.services import scoring

SOON = timedelta(minutes=20)


@dataclass(frozen=True)
class ResponseClock:
    """One lead's clock. `tiers` are (hours, points), shortest first; `took` is None while it runs."""

    started_at: datetime
    took: timedelta | None
    tiers: tuple[tuple[int, int], ...]

    @property
    def runs(self) -> bool:
        return self.took is None

    @property
    def elapsed(self) -> timedelta:
        return clock.now() - self.started_at if self.took is None else self.took

    @property
    def tier(self) -> int:
        """Which tier it is in, counted from 0; `len(tiers)` past the last one."""
        return sum(self.elapsed > timedelta(hours=hours) for hours, _points in self.tiers)

    @property
    def left(self) -> timedelta | None:
        """What is left of the running tier, None past the last one."""
        if self.tier == len(self.tiers):
            return None
        return timedelta(hours=self.tiers[self.tier][0]) - self.elapsed

    @property
    def share_left(self) -> int:
        """What is left of the running tier in per cent."""
        if self.left is None:
            return 0
        begins = timedelta(hours=self.tiers[self.tier - 1][0]) if self.tier else timedelta()
        return round(100 * (self.left / (timedelta(hours=self.tiers[self.tier][0]) - begins)))

    @property
    def points(self) -> int | None:
        """What an answer in this tier earns."""
        return self.tiers[self.tier][1] if self.tier < len(self.tiers) else None

    @property
    def points_then(self) -> int | None:
        """What an answer in the next tier earns."""
        return self.tiers[self.tier + 1][1] if self.tier + 1 < len(self.tiers) else None

    @property
    def tone(self) -> str:
        """on, soon (the last 20 minutes of a tier) or late (a tier was missed)."""
        if self.tier:
            return "late"
        return "soon" if self.left is not None and self.left <= SOON else "on"


def clocks(started: list[tuple[datetime, datetime | None]]) -> list[ResponseClock]:
    """The clocks of many leads, each (captured at, answered at or None), with one look at the rules."""
    tiers = scoring.response_tiers()
    return [clock_of(since, answered, tiers) for since, answered in started]


def clock_of(since: datetime, answered: datetime | None, tiers: list[tuple[int, int]]) -> ResponseClock:
    """The clock of one lead, with the tiers that a query brought along."""
    return ResponseClock(since, answered - since if answered else None, tuple(tiers))
