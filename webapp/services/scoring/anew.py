"""A score counted anew: one line says what the replay makes of the whole of it (R3)."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text

from webapp.extensions import db
from webapp.models import Lead
from webapp.services.scoring.facts import Facts, facts_of
from webapp.services.scoring.lines import change
from webapp.services.scoring.matches import Match
from webapp.services.scoring.replay import Book, Replayed, replay
from webapp.services.scoring.rules import in_force
from webapp.vocabulary import ScoreReason

AS_BEFORE = "As before the merge"

TOTALS = text("SELECT lead_id, sum(counted) AS total FROM score_lines WHERE lead_id = ANY(:lead_ids) GROUP BY lead_id")
STANDING = text("""
    SELECT lead_id, reason, activity_id, rule_id, rule_name, points, counted
    FROM standing_lines WHERE lead_id = ANY(:lead_ids)
""")
WRITE = text("""
    WITH anew AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:anew AS jsonb)) AS a (lead_id uuid, score int, points int, parts jsonb)
    ), written AS (
        INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, parts)
        SELECT lead_id, 'Counted anew', :reason, points, points, parts FROM anew)
    UPDATE leads SET score = anew.score FROM anew WHERE leads.lead_id = anew.lead_id AND leads.score <> anew.score
""")


class Part(NamedTuple):
    """What one rule gives to a score."""

    reason: str
    activity_id: UUID | None
    rule_id: UUID | None
    rule_name: str
    points: int
    counted: int

    @property
    def says(self) -> "Part":
        """What it says of the lead, whoever wrote it: a silence that was charged early belongs to no activity."""
        return self._replace(activity_id=None) if self.reason == ScoreReason.SILENCE else self


def score_anew(lead: Lead) -> None:
    """Replay what has happened with the lead, in order of time, by the rules of today."""
    db.session.flush()
    until = db.session.scalars(select(func.now())).one()
    book = Book(in_force())
    rewrite([(facts, replay(facts, book, until=until)) for facts in facts_of([lead.lead_id])], ScoreReason.MERGE)
    db.session.refresh(lead, ["score"])


def put_back(lead: Lead, score: int) -> None:
    """The score that the lead had; what the replay gives otherwise gets a line."""
    if lead.score != score:
        # A change of its own: what took all back was another one, in the same transaction.
        at = db.session.scalars(select(func.clock_timestamp())).one()
        change(lead, ScoreReason.MERGE, [Match(AS_BEFORE, score - lead.score)], at=at)


def rewrite(anew: Iterable[tuple[Facts, Replayed]], reason: ScoreReason) -> int:
    """Bring these leads' lines and scores to what the replay gives; how many of them were not so already.

    Hold the leads. What stood is history from here on; a lead whose lines say the same already keeps them.
    """
    replayed = [(facts, found.score, _parts(found)) for facts, found in anew]
    totals = _totals([facts.lead_id for facts, _score, _parts in replayed])
    standing = _standing([facts.lead_id for facts, score, _parts in replayed if facts.score == score])
    differing = []
    for facts, score, parts in replayed:
        total = totals.get(facts.lead_id, 0)
        is_so = facts.score == score == total and standing[facts.lead_id] == Counter(part.says for part in parts)
        if not is_so:
            kept = [part._asdict() for part in parts]
            differing.append({"lead_id": facts.lead_id, "score": score, "points": score - total, "parts": kept})
    if differing:
        db.session.execute(WRITE, {"anew": json.dumps(differing, default=str), "reason": reason})
    return len(differing)


def _totals(lead_ids: list[UUID]) -> dict[UUID, int]:
    return {row.lead_id: row.total for row in db.session.execute(TOTALS, {"lead_ids": lead_ids})}


def _standing(lead_ids: list[UUID]) -> dict[UUID, Counter[Part]]:
    found: dict[UUID, Counter[Part]] = defaultdict(Counter)
    for lead_id, *part in db.session.execute(STANDING, {"lead_ids": lead_ids}):
        found[lead_id][Part(*part).says] += 1
    return found


def _parts(found: Replayed) -> list[Part]:
    return [
        Part(one.reason.value, one.activity_id, match.rule_id, match.rule_name, match.points, counted)
        for one in found.changes
        for match, counted in zip(one.matches, one.counted, strict=True)
    ]
