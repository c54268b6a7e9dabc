"""The office's one draft of scoring rules: begun from a set, changed rule by rule, previewed and put in force."""

import secrets
from collections.abc import Callable
from uuid import UUID, uuid5

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.database import locks
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import ScoringSet
from webapp.services.access import Actor
from webapp.services.scoring import rules as rules_now
from webapp.services.scoring.rule import Rule, read
from webapp.services.scoring.shipped import SHIPPED, shipped
from webapp.transaction import transactional
from webapp.vocabulary import Begin, SetState

MOST_RULES, ANY_VERSION = 100, 900_000_000


def draft() -> ScoringSet | None:
    """The draft, if somebody has begun one."""
    query = select(ScoringSet).where(ScoringSet.state == SetState.DRAFT).options(joinedload(ScoringSet.maker))
    return db.session.scalar(query)


def rules_of(kept: ScoringSet) -> list[Rule]:
    """The rules of a set, in their order."""
    return read(kept.rules)


def rule_of_draft(rule_id: UUID) -> Rule:
    """One rule of the draft."""
    found = draft()
    rule = next((rule for rule in rules_of(found) if rule.rule_id == rule_id), None) if found else None
    if rule is None:
        raise Missing(_("That is not here, or not yours to see."))
    return rule


def next_rule_id(kept: ScoringSet) -> UUID:
    """The id of the draft's next rule: the same until the draft changes, so that a form sent again finds its page."""
    return uuid5(kept.set_id, str(kept.version))


@transactional
def start(beginning: Begin | UUID, *, by: Actor) -> ScoringSet:
    """Begin a draft from the rules in force, one that we ship or one of the office; an earlier draft is replaced."""
    locks.scoring()
    rules = _beginning(beginning)
    kept = draft()
    if kept is None:
        # A draft begun anew shares no number with the one before: what somebody saw of that is not this one.
        kept = ScoringSet(rules=[], version=secrets.randbelow(ANY_VERSION))
        db.session.add(kept)
    kept.made_by = by.user_id
    _keep(kept, rules)
    db.session.flush()
    return kept


@transactional
def put(rule: Rule, *, by: Actor, version: int) -> ScoringSet:
    """Add this rule to the draft, or change the one with this id. Two rules of one name are refused, at `name`."""

    def changed(rules: list[Rule]) -> list[Rule]:
        others = {other.rule_id: other for other in rules if other.rule_id != rule.rule_id}
        if any(other.rule_name.casefold() == rule.rule_name.casefold() for other in others.values()):
            raise Invalid(_("Another rule has this name: a score is explained by it."), field="name")
        if len(others) >= MOST_RULES:
            raise Invalid(_("At most %(count)s rules.", count=MOST_RULES))
        if len(others) == len(rules):
            return [*rules, rule]
        return [others.get(other.rule_id, rule) for other in rules]

    return _change(changed, version)


@transactional
def switch(rule_id: UUID, *, by: Actor, enabled: bool, version: int) -> ScoringSet:
    """Let a rule of the draft count, or not."""
    return _change(
        lambda rules: [rule.switched(enabled) if rule.rule_id == rule_id else rule for rule in rules], version, rule_id
    )


@transactional
def move(rule_id: UUID, *, by: Actor, up: bool, version: int) -> ScoringSet:
    """Let a rule of the draft and the one before it, or after it, change places."""

    def changed(rules: list[Rule]) -> list[Rule]:
        at = next(place for place, rule in enumerate(rules) if rule.rule_id == rule_id)
        to = at - 1 if up else at + 1
        if 0 <= to < len(rules):
            rules[at], rules[to] = rules[to], rules[at]
        return rules

    return _change(changed, version, rule_id)


@transactional
def remove(rule_id: UUID, *, by: Actor, version: int) -> ScoringSet:
    """Take a rule out of the draft."""
    return _change(lambda rules: [rule for rule in rules if rule.rule_id != rule_id], version, rule_id)


@transactional
def discard(*, by: Actor, version: int) -> None:
    """Forget the draft; the rules in force are as they were."""
    locks.scoring()
    db.session.delete(held(version))


def held(version: int) -> ScoringSet:
    """The draft as somebody has seen it, held; refused with `Conflict` (`stale`) where it is another by now."""
    query = select(ScoringSet).where(ScoringSet.state == SetState.DRAFT).with_for_update()
    kept = db.session.scalar(query.execution_options(populate_existing=True))
    if kept is None:
        raise Conflict(_("The draft is gone: somebody has put it in force or discarded it."), code="stale")
    if kept.version != version:
        raise Conflict(_("Somebody has changed the draft meanwhile. Look at it again."), code="stale")
    return kept


def _change(changed: Callable[[list[Rule]], list[Rule]], version: int, rule_id: UUID | None = None) -> ScoringSet:
    locks.scoring()
    kept = held(version)
    rules = rules_of(kept)
    if rule_id and all(rule.rule_id != rule_id for rule in rules):
        raise Missing(_("That is not here, or not yours to see."))
    _keep(kept, changed(rules))
    db.session.flush()
    return kept


def _keep(kept: ScoringSet, rules: list[Rule]) -> None:
    kept.rules, kept.version = [rule.as_kept for rule in rules], kept.version + 1


def _beginning(start: Begin | UUID) -> list[Rule]:
    if isinstance(start, UUID):
        chosen = db.session.get(ScoringSet, start)
        if chosen is None or chosen.state == SetState.DRAFT:
            raise Missing(_("That is not here, or not yours to see."))
        return rules_of(chosen)
    in_force = rules_now.listed()
    return shipped(start, in_force) if start in SHIPPED else in_force
