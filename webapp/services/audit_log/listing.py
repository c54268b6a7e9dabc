"""The entries that a list shows, from a place on, and who may have made them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, literal, or_, select, tuple_

from webapp.extensions import db
from webapp.models import AuditEntry, BrokerLead, ImportRow, Lead, Merge, User
from webapp.models.leads import full_name
from webapp.services.audit_log import names
from webapp.services.audit_log.values import Change, changes, ids_in
from webapp.services.backups import BACKUP
from webapp.vocabulary import Door, ImportRowState, Verb

AT_ONCE = 50
BY_COMMANDS = frozenset({"agents", "api_keys", "backups", "demo", "listings", "users"})
"""What nobody signed in does at the command line alone."""
CAME_IN_A_FILE = case(
    (
        AuditEntry.verb == Verb.LEADS_CAPTURE,
        exists().where(ImportRow.lead_id == AuditEntry.lead_id, ImportRow.state == ImportRowState.CREATED),
    ),
    else_=literal(False),
)
ABSORBED = (
    select(Merge.number)
    .where(Merge.absorbed_id == AuditEntry.lead_id, Merge.undone_at.is_(None))
    .correlate(AuditEntry)
    .scalar_subquery()
)
ASIDE = (
    select(BrokerLead.number).where(BrokerLead.lead_id == AuditEntry.lead_id).correlate(AuditEntry).scalar_subquery()
)


@dataclass(frozen=True)
class Filters:
    """Which entries are wanted; what is empty narrows nothing. `until` itself is left out."""

    who: UUID | None = None
    by_itself: bool = False
    verbs: tuple[Verb, ...] = ()
    number: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One deed: by whom and by which door, in words, on which lead, and what it changed."""

    entry_id: int
    happened_at: datetime
    verb: Verb
    who: str | None
    door: Door
    lead_id: UUID | None
    number: int | None
    """The number of the lead, where it is still known."""
    name: str | None
    """The person of the lead, where the lead is still there."""
    is_merged: bool
    """Whether the lead is part of another one now, which its address leads to."""
    about: str | None
    changes: list[Change]


@dataclass(frozen=True)
class Page:
    """Up to fifty entries, the newest first, and the place from which the next ones are asked for."""

    entries: list[Entry]
    after: str | None


@dataclass(frozen=True)
class Reader:
    """Somebody who may have made entries."""

    user_id: UUID
    name: str


def page(filters: Filters, *, after: str | None = None) -> Page:
    """The entries, from this place on; a place that cannot be read is the newest."""
    query = asked(filters)
    if place := _place(after):
        at, entry_id = place
        # The first condition is the index's, the second parts what happened in one moment.
        query = query.where(
            AuditEntry.happened_at <= at, tuple_(AuditEntry.happened_at, AuditEntry.entry_id) < tuple_(at, entry_id)
        )
    found = db.session.execute(query.limit(AT_ONCE + 1)).all()
    more = len(found) > AT_ONCE
    return Page(list(told(found[:AT_ONCE])), _word(found[AT_ONCE - 1][0]) if more else None)


def readers() -> list[Reader]:
    """Everybody who signs in or did, by name."""
    return [Reader(*row) for row in db.session.execute(select(User.user_id, User.name).order_by(User.name))]


def asked(filters: Filters) -> Select:
    """The entries with what is known of their leads, the newest first."""
    query = (
        select(
            AuditEntry,
            Lead.number,
            Lead.first_name,
            Lead.last_name,
            Lead.erased_at,
            ABSORBED.label("absorbed"),
            ASIDE.label("aside"),
            CAME_IN_A_FILE.label("in_a_file"),
        )
        .outerjoin(Lead, Lead.lead_id == AuditEntry.lead_id)
        .where(*narrowed(filters))
    )
    # Nobody is no value of an index: with it in the order, the one of the actors is walked all the same.
    first = (AuditEntry.actor_id.desc(),) if filters.by_itself and not filters.verbs else ()
    return query.order_by(*first, AuditEntry.happened_at.desc(), AuditEntry.entry_id.desc())


def narrowed(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """The conditions on the entries."""
    if filters.by_itself:
        yield AuditEntry.actor_id.is_(None)
    elif filters.who:
        yield AuditEntry.actor_id == filters.who
    if filters.verbs:
        yield AuditEntry.verb.in_(filters.verbs)
    if filters.number:
        yield AuditEntry.lead_id.in_(_leads(filters.number))
    if filters.since:
        yield AuditEntry.happened_at >= filters.since
    if filters.until:
        yield AuditEntry.happened_at < filters.until


def told(found: Iterable) -> Iterator[Entry]:
    """The rows of `asked` in words, with the names that their values stand for: one query more."""
    rows = list(found)
    known = names.of({one for row in rows for one in ids_in(row.AuditEntry)})
    for entry, number, first_name, last_name, erased_at, absorbed, aside, in_a_file in rows:
        yield Entry(
            entry.entry_id,
            entry.happened_at,
            Verb.stored(entry.verb),
            None if entry.actor_id is None and not _is_program(entry) else entry.actor_name,
            _door(entry, in_a_file),
            entry.lead_id,
            number or absorbed or aside,
            full_name(first_name, last_name) if number else None,
            absorbed is not None,
            known.get(str(entry.subject_id)),
            changes(entry, known, is_blank=erased_at is not None and entry.happened_at < erased_at),
        )


def _door(entry: AuditEntry, in_a_file: bool) -> Door:
    noun = entry.verb.partition(".")[0]
    if _is_program(entry):
        return Door.API
    if in_a_file or noun == "imports":
        return Door.IMPORT
    if entry.actor_id == BACKUP.user_id:
        return Door.COMMAND
    if entry.actor_id:
        return Door.PAGE
    return Door.COMMAND if noun in BY_COMMANDS else Door.ITSELF


def _is_program(entry: AuditEntry) -> bool:
    return entry.actor_id is None and (entry.actor_name or "").startswith("API: ")


def _leads(number: int) -> list[UUID]:
    """The lead of this number with what was merged into it, or what it is part of; also one that was set aside."""
    it = or_(Lead.number == number, Lead.lead_id.in_(select(Merge.survivor_id).where(_stands(Merge.number == number))))
    mine = select(Lead.lead_id).where(it)
    parts = select(Merge.absorbed_id).where(_stands(Merge.survivor_id.in_(mine)))
    aside = select(BrokerLead.lead_id).where(BrokerLead.number == number)
    return list(db.session.scalars(mine.union(parts, aside)))


def _stands(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition & Merge.undone_at.is_(None)


def _word(entry: AuditEntry) -> str:
    at = entry.happened_at.astimezone(UTC).isoformat()
    return urlsafe_b64encode(f"{at}~{entry.entry_id}".encode()).decode().rstrip("=")


def _place(word: str | None) -> tuple[datetime, int] | None:
    try:
        at, _tilde, entry_id = urlsafe_b64decode(f"{word or ''}==").decode().partition("~")
        moment, number = datetime.fromisoformat(at), int(entry_id)
    except ValueError:
        return None
    return (moment, number) if moment.tzinfo == UTC and 0 < number < 2**63 else None
