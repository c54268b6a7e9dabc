"""A score counted anew: what stood is taken back, and the replay's lines stand in its place."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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

LOOSE, AS_BEFORE = "Points without a line", "As before the merge"

LINES = text("""
    SELECT lead_id, line_id, rule_id, rule_name, reason, points, counted, activity_id, reverses
    FROM score_lines WHERE lead_id = ANY(:lead_ids) ORDER BY lead_id, line_id
""")
WRITTEN = "lead_id, rule_id, rule_name, reason, points, counted, activity_id, reverses"
SCORES = text("""
    UPDATE leads SET score = fresh.score
    FROM unnest(CAST(:lead_ids AS uuid[]), CAST(:scores AS integer[])) AS fresh (lead_id, score)
    WHERE leads.lead_id = fresh.lead_id AND leads.score <> fresh.score
""")


class Line(NamedTuple):
    """A line as it was written."""

    line_id: int
    rule_id: UUID | None
    rule_name: str
    reason: str
    points: int
    counted: int
    activity_id: UUID | None
    reverses: int | None

    @property
    def says(self) -> tuple:
        """What it says of the lead, whoever wrote it: a silence that was charged early belongs to no activity."""
        activity_id = None if self.reason == ScoreReason.SILENCE else self.activity_id
        return self.reason, activity_id, self.rule_id, self.rule_name, self.points, self.counted


@dataclass(frozen=True, slots=True)
class Past:
    """The lines of a lead: those that stand, and what all of them sum to."""

    total: int = 0
    standing: list[Line] = field(default_factory=list)


def score_anew(lead: Lead) -> None:
    """Take all points back and replay what has happened with the lead, in order of time, by the rules of today."""
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

    Hold the leads. What stood is taken back for this reason; a lead whose lines say the same already keeps them.
    """
    replayed = list(anew)
    pasts = _pasts([facts.lead_id for facts, _found in replayed])
    differing = [
        (facts, found, past)
        for facts, found in replayed
        if not _says_so(past := pasts.get(facts.lead_id, Past()), found) or facts.score != found.score
    ]
    if differing:
        _write(line for facts, found, past in differing for line in _lines(facts.lead_id, found, past, reason))
        scores = {facts.lead_id: found.score for facts, found, _past in differing}
        db.session.execute(SCORES, {"lead_ids": [*scores], "scores": [*scores.values()]})
    return len(differing)


def _pasts(lead_ids: list[UUID]) -> dict[UUID, Past]:
    found: dict[UUID, list[Line]] = {}
    for lead_id, *line in db.session.execute(LINES, {"lead_ids": lead_ids}).all():
        found.setdefault(lead_id, []).append(Line(*line))
    return {lead_id: _past(lines) for lead_id, lines in found.items()}


def _past(lines: list[Line]) -> Past:
    gone = {line.reverses for line in lines}
    standing = [line for line in lines if line.reverses is None and line.line_id not in gone]
    return Past(sum(line.counted for line in lines), standing)


def _says_so(past: Past, found: Replayed) -> bool:
    """Whether what stands is what the replay gives."""
    wanted = Counter(
        (
            one.reason.value,
            None if one.reason == ScoreReason.SILENCE else one.activity_id,
            match.rule_id,
            match.rule_name,
            match.points,
            counted,
        )
        for one in found.changes
        for match, counted in zip(one.matches, one.counted, strict=True)
    )
    return past.total == found.score and Counter(line.says for line in past.standing) == wanted


def _lines(lead_id: UUID, found: Replayed, past: Past, reason: ScoreReason) -> Iterator[tuple]:
    """What is written: the reverse of all that stood, as one change to nothing, and then the replay's changes."""
    for line in past.standing:
        yield lead_id, line.rule_id, line.rule_name, reason, -line.counted, -line.counted, None, line.line_id
    if loose := past.total - sum(line.counted for line in past.standing):
        yield lead_id, None, LOOSE, reason, -loose, -loose, None, None
    for one in found.changes:
        for match, counted in zip(one.matches, one.counted, strict=True):
            yield lead_id, match.rule_id, match.rule_name, one.reason, match.points, counted, one.activity_id, None


def _write(lines: Iterable[tuple]) -> None:
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor, cursor.copy(f"COPY score_lines ({WRITTEN}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)
