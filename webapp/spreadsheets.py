"""Rows as CSV or as an Excel file. What a spreadsheet would take for a formula is kept as text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module
from tempfile import SpooledTemporaryFile

from webapp.vocabulary import FileKind

IN_MEMORY = 1_000_000
A_PIECE = 64_000
A_NUMBER = re.compile(r"[+-][\d .,]+")
A_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def csv_pieces(rows: Iterable[list]) -> Iterator[bytes]:
    """The rows as CSV in UTF-8 with its mark, so that Excel reads Arabic; as they come."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    kept.write("\ufeff")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
        yield kept.getvalue().encode()
        kept.seek(0)
        kept.truncate()


def xlsx_pieces(rows: Iterable[list]) -> Iterator[bytes]:
    """The rows as an Excel file with one sheet, row by row through the disk."""
    # Loaded when it is needed: it would cost every worker 15 MB at rest.
    openpyxl = import_module("openpyxl")
    write_only_cell = import_module("openpyxl.cell").WriteOnlyCell
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = [write_only_cell(sheet, None if isinstance(cell, str) else cell) for cell in row]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.value = value
                cell.data_type = "s"
        sheet.append(cells)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(A_PIECE):
            yield piece


PIECES = {FileKind.CSV: csv_pieces, FileKind.XLSX: xlsx_pieces}
MIMETYPES = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_meant(cell: str) -> str:
    """A cell of our CSV as it was before it was made harmless."""
    return cell[1:] if cell.startswith("'") and A_FORMULA.match(cell) else cell


def _harmless(cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    text = "" if cell is None else str(cell)
    return f"'{text}" if A_FORMULA.match(text) and not A_NUMBER.fullmatch(text) else text
