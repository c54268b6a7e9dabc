"""Sets of rules put in force, the draft or an earlier one again; each is kept, with how far its rescore is (R3)."""

from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from webapp.database import locks
from webapp.errors import Conflict, Missing
from webapp.extensions import db
from webapp.models import Lead, LeadScoringRule, ScoringSet
from webapp.services import audit
from webapp.services.access import Actor
from webapp.services.scoring import rules as rules_now
from webapp.services.scoring.drafts import held, rules_of
from webapp.services.scoring.rescore import go_on
from webapp.services.scoring.rule import Rule
from webapp.transaction import after_commit, transactional
from webapp.vocabulary import SetState

AT_ONCE = 200
SHOWN = 50
XID = text("SELECT pg_current_xact_id()::text::bigint")


def applied() -> list[ScoringSet]:
    """The sets that were ever in force, the newest first: the first of them is in force."""
    query = select(ScoringSet).where(ScoringSet.number.is_not(None))
    shown = query.options(joinedload(ScoringSet.applier)).order_by(ScoringSet.number.desc()).limit(SHOWN)
    return list(db.session.scalars(shown))


@transactional
def apply(*, by: Actor, version: int, name: str = "") -> ScoringSet:
    """Put the draft in force and begin to count every score by it; refused (`stale`) where it is not what was seen.

    The scores of up to 200 leads follow before this answers, those of more by the worker. A rescore that is under way
    ends here: the newer one counts every lead.
    """
    locks.scoring()
    kept = held(version)
    kept.name = name
    return _put_in_force(kept, by)


@transactional
def apply_again(set_id: UUID, *, by: Actor) -> ScoringSet:
    """Put an earlier set in force again, as a new one; refused with `Conflict` where its rules are in force already."""
    locks.scoring()
    earlier = db.session.get(ScoringSet, set_id)
    if earlier is None or earlier.number is None:
        raise Missing(_("That is not here, or not yours to see."))
    if earlier.rules == _as_kept(rules_now.listed()):
        raise Conflict(_("These rules are in force already."), code="stale")
    again = ScoringSet(name=earlier.name, rules=earlier.rules, made_by=by.user_id, number=0, state=SetState.DONE)
    return _put_in_force(again, by)


def _put_in_force(kept: ScoringSet, by: Actor) -> ScoringSet:
    before = rules_now.listed()
    number = _kept_until_now(before)
    # Whoever is at an older rescore holds its row for the leads at hand: it ends with them.
    older = update(ScoringSet).where(ScoringSet.state == SetState.RESCORING)
    db.session.execute(older.values(state=SetState.REPLACED, ended_at=func.clock_timestamp()))
    _write(rules_of(kept))
    kept.number, kept.state = number + 1, SetState.RESCORING
    kept.applied_at, kept.applied_by = func.clock_timestamp(), by.user_id
    kept.applied_xid = db.session.scalar(XID)
    kept.total = db.session.scalar(select(func.count()).where(Lead.erased_at.is_(None))) or 0
    kept.done = kept.changed = kept.failed = 0
    db.session.add(kept)
    db.session.flush()
    audit.record(
        "scoring.apply",
        by=by,
        subject_id=kept.set_id,
        before={"number": number or None, "rules": len(before)},
        after={"number": kept.number, "name": kept.name, "rules": len(kept.rules), "leads": kept.total},
    )
    if kept.total <= AT_ONCE:
        after_commit(partial(go_on, kept.set_id))
    return kept


def _kept_until_now(before: list[Rule]) -> int:
    """The number of the set that was in force, which is kept where it is none yet: rules may be changed elsewhere."""
    latest = db.session.scalar(select(ScoringSet).order_by(ScoringSet.number.desc().nulls_last()).limit(1))
    number = latest.number or 0 if latest else 0
    if latest and number and latest.rules == _as_kept(before):
        return number
    db.session.add(ScoringSet(number=number + 1, rules=_as_kept(before), state=SetState.DONE))
    db.session.flush()
    return number + 1


def _write(rules: list[Rule]) -> None:
    """The rows of the rules in force are these; a rule that stays keeps its row."""
    ids = [rule.rule_id for rule in rules]
    db.session.execute(delete(LeadScoringRule).where(rules_now.READABLE, LeadScoringRule.rule_id.not_in(ids)))
    for place, rule in enumerate(rules, start=1):
        values = {
            "rule_name": rule.rule_name,
            "score_adjustment": rule.score_adjustment,
            "condition": rule.condition,
            "enabled": rule.enabled,
            "place": place,
        }
        row = insert(LeadScoringRule).values(rule_id=rule.rule_id, **values)
        db.session.execute(row.on_conflict_do_update(index_elements=["rule_id"], set_=values))


def _as_kept(rules: list[Rule]) -> list[dict]:
    return [rule.as_kept for rule in rules]
