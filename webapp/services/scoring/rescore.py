"""The job `rescore`: every score follows the rules that were put in force, the newest leads first (R3).

Some hundred leads a transaction, held only for it; how far it is moves with them, so that a kill doubles nothing.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select, text

from webapp import stopping
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.models import ScoringSet
from webapp.services.access import SYSTEM, Actor
from webapp.services.scoring.anew import rewrite
from webapp.services.scoring.facts import facts_of
from webapp.services.scoring.replay import Book, replay
from webapp.services.scoring.rule import counting, read
from webapp.services.scoring.rules import listed
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import ScoreReason, SetState

BATCH = 400

NEXT = text("""
    SELECT lead_id, created_at FROM leads
    WHERE erased_at IS NULL
      AND (created_at, lead_id) < (coalesce(CAST(:last_at AS timestamptz), 'infinity'),
                                   coalesce(CAST(:last_id AS uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    ORDER BY created_at DESC, lead_id DESC LIMIT :size
""")
HOLD = text("""
    SELECT lead_id FROM leads WHERE lead_id = ANY(:lead_ids) AND erased_at IS NULL
    ORDER BY lead_id FOR NO KEY UPDATE
""")
# What has read the rules of before is over; an hour later nobody is left from then, also in a database brought along.
OTHERS_ARE_OVER = text("""
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > :xid OR :at < now() - interval '1 hour'
""")
# No lead is stamped as changed; and the checks of thousands of foreign keys are planned once, not each time.
FOR_MANY = text("SELECT set_config('app.rescoring', 'on', true), set_config('plan_cache_mode', 'auto', true)")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """What one transaction did: so many leads were looked at."""

    leads: int


def rescore_waiting() -> Tally:
    """Go on with the rescore that is under way, if one is. Stopped or killed, the next turn goes on with the next lead.

    A lead that breaks is left as it was, counted, and stops no other.
    """
    under_way = db.session.scalar(select(ScoringSet.set_id).where(ScoringSet.state == SetState.RESCORING))
    release()
    return go_on(under_way) if under_way else Tally()


def go_on(set_id: UUID) -> Tally:
    """Count scores anew until every lead follows this set, it is replaced, or somebody says to stop."""
    kept = db.session.get_one(ScoringSet, set_id)
    ready = db.session.scalar(OTHERS_ARE_OVER, {"xid": kept.applied_xid, "at": kept.applied_at})
    release()
    done = failed = one_by_one = 0
    while ready and not stopping.is_told():
        size = 1 if one_by_one else BATCH
        try:
            with stopping.unswept():
                step = _step(set_id, size, by=SYSTEM)
        except Unavailable:
            break
        except Exception:
            log.exception("Of %s leads at once the score could not be counted anew", size)
            if size == 1:
                _pass_over(set_id, by=SYSTEM)
                failed += 1
            one_by_one = one_by_one - 1 if one_by_one else BATCH
            continue
        one_by_one = max(0, one_by_one - 1)
        if not step:
            break
        done += step.leads
    return Tally(done, failed)


@transactional
def _step(set_id: UUID, size: int, *, by: Actor) -> Step | None:
    """The next leads; None where there are none, where the set is replaced, and where another worker is at it."""
    kept = _held(set_id)
    if kept is None:
        return None
    found = _next(kept, size)
    if not found:
        kept.state, kept.ended_at = SetState.DONE, func.clock_timestamp()
        return None
    lead_ids = list(db.session.scalars(HOLD, {"lead_ids": [lead_id for lead_id, _at in found]}))
    until = db.session.scalars(select(func.now())).one()
    book = _book(json.dumps([rule.as_kept for rule in listed()]))
    db.session.execute(FOR_MANY)
    replayed = ((facts, replay(facts, book, until=until)) for facts in facts_of(lead_ids))
    kept.changed += rewrite(replayed, ScoreReason.RULES)
    _move(kept, found)
    return Step(len(found))


@lru_cache(maxsize=1)
def _book(rules: str) -> Book:
    """Kept from one step to the next: what leads have in common is worked out once."""
    return Book(counting(read(json.loads(rules))))


@transactional
def _pass_over(set_id: UUID, *, by: Actor) -> None:
    """The next lead broke: it stays as it is."""
    kept = _held(set_id)
    if kept and (found := _next(kept, 1)):
        log.error("The score of lead %s could not be counted anew", found[0][0])
        kept.failed += 1
        _move(kept, found)


def _held(set_id: UUID) -> ScoringSet | None:
    mine = select(ScoringSet).where(ScoringSet.set_id == set_id, ScoringSet.state == SetState.RESCORING)
    held = mine.with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalar(held)


def _next(kept: ScoringSet, size: int) -> list[tuple[UUID, datetime]]:
    return newest(kept.last_at, kept.last_id, size)


def newest(last_at: datetime | None, last_id: UUID | None, size: int) -> list[tuple[UUID, datetime]]:
    """The next leads after this one, from the newest on, each with its capture; those of erased people are left out."""
    found = db.session.execute(NEXT, {"last_at": last_at, "last_id": last_id, "size": size})
    return [(lead_id, created_at) for lead_id, created_at in found]


def _move(kept: ScoringSet, found: list[tuple[UUID, datetime]]) -> None:
    kept.last_id, kept.last_at = found[-1]
    kept.done += len(found)
