"""Files as people upload them: lists of leads in the encodings and formats of spreadsheets."""

import csv
import io
from importlib import import_module
from uuid import UUID

from webapp.services import imports
from webapp.services.access import Actor


def a_csv(*rows: list, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    kept = io.StringIO()
    csv.writer(kept, delimiter=delimiter).writerows(rows)
    return kept.getvalue().encode(encoding)


def an_xlsx(*rows: list) -> bytes:
    book = import_module("openpyxl").Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def uploaded(content: bytes, *, by: Actor, name: str = "leads.csv") -> UUID:
    """The import of a file that somebody has just uploaded."""
    return imports.upload(io.BytesIO(content), name, by=by).import_id
