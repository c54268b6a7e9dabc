"""The rehearsal of an import: every row is read, and what is wrong with it is told by row and column."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import dropwhile, islice
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp import stopping, uploads
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import ImportPart, ImportRow, Lead
from webapp.services import access, audit, notifications
from webapp.services.access import Actor
from webapp.services.imports.said import Examined, Read, examined
from webapp.services.imports.upload import NOT_BEGUN
from webapp.services.leads.capture import WINDOW
from webapp.transaction import release, transactional
from webapp.vocabulary import ImportRowState, ImportState, LeadColumn, NoticeKind, Source

AT_ONCE = 200_000
"""Files of so many bytes are read while somebody waits; longer ones by the worker."""
CHUNK = 500
COUNTED = (ImportRowState.CREATED, ImportRowState.ATTACHED)


def choose(
    import_id: UUID, columns: Sequence[LeadColumn | None], source_type: Source | None, read: Read, *, by: Actor
) -> None:
    """Say what the columns hold, and rehearse the import: nothing becomes a lead yet.

    A short file is read now, a long one by the worker. Refused with `Invalid` where no column is the phone number, two
    are the same or no row would have a source; with `Conflict` (`stale`) once the import has begun.
    """
    if _choose(import_id, list(columns), source_type, by=by) <= AT_ONCE:
        go_on(import_id, read, by=by)


@transactional
def _choose(import_id: UUID, columns: list[LeadColumn | None], source_type: Source | None, *, by: Actor) -> int:
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state not in NOT_BEGUN:
        raise Conflict(_("Somebody has begun with this file already."), code="stale")
    named = [column for column in columns if column]
    if len(columns) != len(found.headings):
        raise Invalid(_("Say of each column what it holds."), field="columns")
    if twice := next((column for column in named if named.count(column) > 1), None):
        raise Invalid(_("Two columns cannot both be “%(column)s”.", column=twice.label), field="columns")
    if LeadColumn.PHONE not in named:
        raise Invalid(_("Say which column holds the phone number: without one nobody can be called."), field="columns")
    if LeadColumn.SOURCE not in named and source_type is None:
        raise Invalid(_("Say where these leads come from, or which column says it."), field="source_type")
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    found.columns, found.source_type, found.why = list(columns), source_type, None
    found.state = ImportState.CHECKING
    audit.record(
        "imports.choose", by=by, subject_id=import_id, after={"columns": found.columns, "source_type": source_type}
    )
    return found.size


def go_on(import_id: UUID, read: Read, *, by: Actor, ended_by: Actor | None = None) -> int:
    """Read the file on from where it was left, chunk by chunk; how many rows. Killed in between it goes on there."""
    found = access.import_of_file(import_id, by=by)
    db.session.expunge(found)
    last = db.session.scalar(select(func.max(ImportRow.number)).where(ImportRow.import_id == import_id)) or 0
    count = 0
    try:
        with _file(import_id) as file, closing(uploads.rows(file, found.format)) as rows:
            waiting = stopping.until_told(dropwhile(lambda row: row[0] <= last, rows))
            while chunk := list(islice(waiting, CHUNK)):
                if not _stage(import_id, [examined(number, cells, found, read) for number, cells in chunk], by=by):
                    return count
                count += len(chunk)
    except Invalid as refused:
        _end(import_id, str(refused.message), by=ended_by or by)
        return count
    if not stopping.is_told():
        _end(import_id, None, by=ended_by or by)
    return count


@contextmanager
def _file(import_id: UUID) -> Iterator[IO[bytes]]:
    """The file as it was uploaded, on the disk; no connection is held meanwhile."""
    with TemporaryFile() as file:
        parts = select(ImportPart.bytes).where(ImportPart.import_id == import_id).order_by(ImportPart.number)
        for part in db.session.scalars(parts.execution_options(yield_per=1)):
            file.write(part)
        release()
        yield file


@transactional
def _stage(import_id: UUID, rows: list[Examined], *, by: Actor) -> bool:
    """Keep what was read; False where somebody else has read the file to its end, or forgot it."""
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state != ImportState.CHECKING:
        return False
    known = _Known(import_id, rows)
    staged = [
        {
            "import_id": import_id,
            "number": row.number,
            "cells": row.cells,
            "state": ImportRowState.REFUSED if row.wrong else known.state_of(row),
            "wrong": row.wrong or None,
            "phone": None if row.wrong or row.said.details is None else row.said.details.phone,
            "source_type": None if row.wrong or row.said.details is None else row.said.details.source_type,
            "came_at": row.said.origin.came_at if row.said.origin and not row.wrong else None,
            "fingerprint": None if row.wrong else row.fingerprint,
        }
        for row in rows
    ]
    db.session.execute(insert(ImportRow).on_conflict_do_nothing(), staged)
    return True


class _Known:
    """The leads there are already, and those that earlier rows of the file will become."""

    def __init__(self, import_id: UUID, rows: list[Examined]):
        self.now = datetime.now(UTC)
        fine = [row for row in rows if not row.wrong]
        phones = {row.said.details.phone for row in fine if row.said.details}
        prints = {row.fingerprint for row in fine}
        self.came: defaultdict[tuple, list[datetime]] = defaultdict(list)
        here = select(Lead.phone, Lead.source_type, Lead.created_at).where(Lead.phone.in_(phones))
        earlier = select(ImportRow.phone, ImportRow.source_type, ImportRow.came_at).where(
            ImportRow.import_id == import_id, ImportRow.phone.in_(phones)
        )
        for phone, source, came_at in [*db.session.execute(here), *db.session.execute(earlier)]:
            self.came[phone, source].append(came_at or self.now)
        before = select(ImportRow.fingerprint).where(
            ImportRow.fingerprint.in_(prints), ImportRow.state.in_(COUNTED), ImportRow.lead_id.is_not(None)
        )
        self.imported = set(db.session.scalars(before))

    def state_of(self, row: Examined) -> ImportRowState:
        """Whether the row becomes a lead, or belongs to one (R2)."""
        details, origin = row.said.details, row.said.origin
        assert details and origin
        came_at, others = origin.came_at or self.now, self.came[details.phone, details.source_type]
        is_repeat = any(abs(came_at - other) < WINDOW for other in others)
        others.append(came_at)
        return ImportRowState.REPEAT if is_repeat or row.fingerprint in self.imported else ImportRowState.NEW


@transactional
def _end(import_id: UUID, why: str | None, *, by: Actor) -> None:
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state != ImportState.CHECKING:
        return
    found.state, found.why = (ImportState.UNREADABLE if why else ImportState.CHECKED), why
    if why:
        db.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    notifications.tell_user(found.user_id, NoticeKind.IMPORT_CHECKED, by=by, import_id=str(import_id))
