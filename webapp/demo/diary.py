"""An agent's calendar: open follow-ups keep the distance that the product demands (R7)."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import datetime

from webapp.services.tasks import GAP


@dataclass
class Diary:
    """The times that are taken, in order. `kept` are round times put aside for the next steps of today."""

    taken: list[datetime] = field(default_factory=list)
    kept: list[datetime] = field(default_factory=list)

    def keep(self, times: list[datetime]) -> None:
        """Put times aside that lie far enough from each other."""
        self.taken = sorted([*self.taken, *times])
        self.kept += times

    def book(self, wish: datetime) -> datetime:
        """Take the first free time that is not before the wish."""
        slot = wish
        for taken in self.taken:
            if abs(taken - slot) < GAP:
                slot = taken + GAP
        insort(self.taken, slot)
        return slot
