"""What a draft would do to the office's leads: the very replay, and nothing is written."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from uuid import UUID

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.scoring.facts import facts_of
from webapp.services.scoring.matches import HIGHEST
from webapp.services.scoring.replay import Book, replayed_score
from webapp.services.scoring.rescore import newest
from webapp.services.scoring.rule import Rule, counting
from webapp.stopping import unswept

MOST = 100_000
BATCH = 1000
MOVERS = 10
HIGH = 80


@dataclass
class Spread:
    """How scores are spread."""

    scores: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.scores.total()

    @property
    def tens(self) -> list[int]:
        """How many there are from 0 to 9, from 10 to 19, ... from 90 to 100."""
        return [self._between(least, least + 9 if least < 90 else HIGHEST) for least in range(0, 100, 10)]

    @property
    def full(self) -> int:
        """How many are at 100."""
        return self.scores[HIGHEST]

    @property
    def distinct(self) -> int:
        return len(self.scores)

    @property
    def mean(self) -> float | None:
        total = sum(score * count for score, count in self.scores.items())
        return total / self.count if self.count else None

    def share(self, part: int) -> float | None:
        """A part of the leads in per cent."""
        return 100 * part / self.count if self.count else None

    @property
    def high(self) -> int:
        """How many are above 80."""
        return self._between(HIGH + 1, HIGHEST)

    def _between(self, least: int, most: int) -> int:
        return sum(self.scores[score] for score in range(least, most + 1))


@dataclass(frozen=True)
class Mover:
    """A lead whose score would change, and how."""

    lead: Lead
    before: int
    after: int


@dataclass(frozen=True)
class Preview:
    """The scores of today and those by the draft; of more than 100,000 leads these are the newest."""

    before: Spread
    after: Spread
    changed: int
    movers: list[Mover]
    is_part: bool


def preview(rules: list[Rule], *, by: Actor, most: int = MOST) -> Preview:
    """What these rules would make of every lead's score; in batches, so that an office of any size fits."""
    with unswept():
        return _counted(Book(counting(rules)), most, by)


def _counted(book: Book, most: int, by: Actor) -> Preview:
    until = db.session.scalars(select(func.now())).one()
    before, after = Spread(), Spread()
    changed, movers = 0, list[tuple[int, UUID, int, int]]()
    last: tuple[datetime | None, UUID | None] = (None, None)
    while before.count < most and (found := newest(*last, min(BATCH, most - before.count))):
        last = found[-1][1], found[-1][0]
        for facts in facts_of(lead_id for lead_id, _at in found):
            score = replayed_score(facts, book, until=until)
            before.scores[facts.score] += 1
            after.scores[score] += 1
            if score != facts.score:
                changed += 1
                movers.append((abs(score - facts.score), facts.lead_id, facts.score, score))
        movers = nlargest(MOVERS, movers)
    is_part = before.count >= most and bool(newest(*last, 1))
    return Preview(before, after, changed, _named(movers, by), is_part)


def _named(movers: list[tuple[int, UUID, int, int]], by: Actor) -> list[Mover]:
    mine = select(Lead).where(Lead.lead_id.in_([lead_id for _by, lead_id, _b, _a in movers]), access.leads(by=by))
    leads = {lead.lead_id: lead for lead in db.session.scalars(mine)}
    return [Mover(leads[lead_id], before, after) for _by, lead_id, before, after in movers if lead_id in leads]
