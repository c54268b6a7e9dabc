"""Uploaded files of which nothing was imported yet: they are kept whole, and may name anybody."""

from collections.abc import Iterable
from contextlib import closing
from tempfile import TemporaryFile
from uuid import UUID

from sqlalchemy import select

from webapp import phones, uploads
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Import, ImportPart
from webapp.services.imports.upload import NOT_BEGUN
from webapp.services.privacy.whose import Person
from webapp.transaction import release


def that_name(person: Person) -> list[UUID]:
    """The files in which a cell has their number or e-mail address."""
    digits, marks = person.digits, person.marks
    waiting = select(Import.import_id, Import.format).where(Import.state.in_(NOT_BEGUN)).order_by(Import.uploaded_at)
    found = db.session.execute(waiting).all()
    return [import_id for import_id, kind in found if _names(import_id, kind, digits, marks)]


def _names(import_id: UUID, kind, digits: Iterable[str], marks: Iterable[str]) -> bool:
    with TemporaryFile() as file:
        parts = select(ImportPart.bytes).where(ImportPart.import_id == import_id).order_by(ImportPart.number)
        for part in db.session.scalars(parts.execution_options(yield_per=1)):
            file.write(part)
        release()
        try:
            with closing(uploads.rows(file, kind)) as rows:
                return any(_has(cell, digits, marks) for _number, cells in rows for cell in cells)
        except Invalid:
            # Nobody can read it, and so it is kept for nobody.
            return True


def _has(cell: str, digits: Iterable[str], marks: Iterable[str]) -> bool:
    plain, written = phones.digits(cell), cell.lower()
    return any(number in plain for number in digits) or any(mark.lower() in written for mark in marks)
