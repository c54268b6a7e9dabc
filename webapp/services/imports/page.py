"""Imports as their pages show them, and the file of what could not be imported. Reads only."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Import, ImportRow, Lead, User
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.imports.take_back import KEPT
from webapp.vocabulary import ImportRowState, ImportState, LeadColumn

PAGE, FILES = 50, 50
NAMES = (LeadColumn.NAME, LeadColumn.FIRST_NAME, LeadColumn.LAST_NAME)
Counts = dict[ImportRowState, int]


@dataclass(frozen=True)
class Listed:
    """A file of the list, by whom, and how many of its rows came to what."""

    found: Import
    uploaded_by: str
    counts: Counts


@dataclass(frozen=True)
class Shown(Listed):
    """The same with who undid it, how many of its leads are nobody's, and until when it can be undone."""

    undone_by: str | None
    unowned: int
    undo_until: datetime | None

    @property
    def of(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many rows the worker has still to deal with, in what it is doing now."""
        counts, States = self.counts, ImportRowState
        if self.found.state == ImportState.UNDOING:
            return counts[States.CREATED] + counts[States.ATTACHED]
        return counts[States.NEW] + counts[States.REPEAT]

    @property
    def done(self) -> int:
        return self.of - self.left


@dataclass(frozen=True)
class Line:
    """A row of the file: who it is about, its lead where it has one, and what is wrong as (heading, cell, sentence)."""

    row: ImportRow
    who: str
    wrong: list[tuple[str | None, str, str]]


def listed(*, by: Actor) -> list[Listed]:
    """The latest files, the newest first."""
    if not by.sees_all_leads:
        return []
    query = select(Import, User.name).join(User, User.user_id == Import.user_id)
    rows = db.session.execute(query.order_by(Import.uploaded_at.desc(), Import.import_id).limit(FILES)).all()
    counts = _counts([found.import_id for found, _name in rows])
    return [Listed(found, name, counts[found.import_id]) for found, name in rows]


def shown(import_id: UUID, *, by: Actor) -> Shown:
    """The import with its counts."""
    found = access.import_of_file(import_id, by=by)
    unowned = (
        select(func.count())
        .select_from(ImportRow)
        .join(Lead, Lead.lead_id == ImportRow.lead_id)
        .where(
            ImportRow.import_id == import_id,
            ImportRow.state == ImportRowState.CREATED,
            Lead.owner_id.is_(None),
            Lead.status.not_in(("converted", "lost")),
        )
    )
    facts = select(
        select(User.name).where(User.user_id == found.user_id).scalar_subquery(),
        select(User.name).where(User.user_id == found.undone_by).scalar_subquery(),
        unowned.scalar_subquery(),
        func.clock_timestamp(),
    )
    uploaded_by, undone_by, nobodys, now = db.session.execute(facts).one()
    until = found.ended_at + KEPT if found.ended_at and found.state == ImportState.DONE else None
    return Shown(
        found,
        uploaded_by,
        _counts([import_id])[import_id],
        undone_by,
        nobodys,
        until if until and now < until and not found.forgotten_at else None,
    )


def lines(import_id: UUID, state: ImportRowState, *, by: Actor, after: int = 0) -> list[Line]:
    """Fifty of its rows in this state after this number, and one more where there is one."""
    found = access.import_of_file(import_id, by=by)
    query = _of(import_id, state).where(ImportRow.number > after).limit(PAGE + 1)
    return [_line(found, row) for row in db.session.scalars(query.options(joinedload(ImportRow.lead)))]


def refused_rows(import_id: UUID, *, by: Actor) -> Generator[list[str]]:
    """What could not be imported as rows of a file, to be corrected and uploaded again: as it came, and what is wrong.

    Once the cells are forgotten there is nothing.
    """
    return _refused(access.import_of_file(import_id, by=by))


def _refused(found: Import) -> Generator[list[str]]:
    yield [*found.headings, _("What is wrong")]
    query = _of(found.import_id, ImportRowState.REFUSED).execution_options(yield_per=500)
    for row in db.session.scalars(query):
        if row.cells:
            wrong = (f"{heading}: {said}" if heading else said for heading, _cell, said in _line(found, row).wrong)
            cells = row.cells[: len(found.headings)]
            yield [*cells, " ".join(wrong)]


def _of(import_id: UUID, state: ImportRowState):
    mine = ImportRow.import_id == import_id, ImportRow.state == state
    return select(ImportRow).where(*mine).order_by(ImportRow.number)


def _line(found: Import, row: ImportRow) -> Line:
    wrong = [
        (None, "", said)
        if place is None
        else (found.headings[place], row.cells[place] if place < len(row.cells) else "", said)
        for place, said in row.wrong or ()
    ]
    named = zip(found.columns or (), row.cells, strict=False)
    return Line(row, " ".join(cell.strip() for column, cell in named if column in NAMES and cell.strip()), wrong)


def _counts(import_ids: list[UUID]) -> dict[UUID, Counts]:
    counting = select(ImportRow.import_id, ImportRow.state, func.count()).where(ImportRow.import_id.in_(import_ids))
    found = {import_id: dict.fromkeys(ImportRowState, 0) for import_id in import_ids}
    for import_id, state, count in db.session.execute(counting.group_by(ImportRow.import_id, ImportRow.state)):
        found[import_id][state] = count
    return found
