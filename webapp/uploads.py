"""Files that people upload, as rows of text: CSV in the encodings that spreadsheets write, and XLSX.

What a file may be is limited before anything of it is kept: bytes, rows, columns, and what an XLSX unpacks to.
"""

import codecs
import csv
import io
import logging
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import IO
from zipfile import BadZipFile, ZipFile

from flask_babel import gettext as _

from webapp import spreadsheets
from webapp.errors import Invalid
from webapp.vocabulary import FileKind

MOST_BYTES = 25_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 100
LONGEST_CELL = 5_000
SAMPLE = 5
"""So many rows under the headings are shown before anything is decided."""

LAST_ROW = 1_048_576
"""Of a sheet; a file that names a later one is no spreadsheet's."""
MOST_PARTS, MOST_UNPACKED, MOST_STRINGS, MOST_OF_A_PART = 1_000, 300_000_000, 25_000_000, 5_000_000
A_PIECE = 1_000_000
PACKED, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ",;\t"
DOCTYPE = b"<!DOCTYPE"

log = logging.getLogger(__name__)

Row = tuple[int, list[str]]
"""Its number in the file, as a spreadsheet shows it, and its cells without empty ones at the end."""


@dataclass(frozen=True)
class Head:
    """How a file begins."""

    kind: FileKind
    headings: list[str]
    sample: list[list[str]]


def head(file: IO[bytes]) -> Head:
    """The headings of a file and its first rows. `Invalid` where it is no table, or larger than we take."""
    kind = _kind(file)
    with _read(file, kind) as found:
        first = next(found, None)
        sample = [row for _place, (_number, row) in zip(range(SAMPLE), found, strict=False)]
    if first is None:
        raise _refused(_("This file is empty."))
    _number, headings = first
    if len(headings) > MOST_COLUMNS:
        raise _refused(_("At most %(most)s columns fit. Leave out what is not about leads.", most=MOST_COLUMNS))
    if not sample:
        raise _refused(_("This file has headings and no rows."))
    return Head(kind, headings, [row[:MOST_COLUMNS] for row in sample])


def rows(file: IO[bytes], kind: FileKind) -> Generator[Row]:
    """Every row under the headings that holds anything. `Invalid` at the first that cannot be read, or is too many."""
    with _read(file, kind) as found:
        next(found, None)
        for count, row in enumerate(found, 1):
            if count > MOST_ROWS:
                raise _refused(_("At most %(most)s rows fit into one file. Split it.", most=f"{MOST_ROWS:,}"))
            yield row


def _kind(file: IO[bytes]) -> FileKind:
    file.seek(0)
    begins = file.read(4)
    if begins == OLD_EXCEL:
        raise _refused(_("This is an old or protected Excel file. Save it as .xlsx without a password, or as CSV."))
    return FileKind.XLSX if begins == PACKED else FileKind.CSV


@contextmanager
def _read(file: IO[bytes], kind: FileKind) -> Iterator[Iterator[Row]]:
    """All rows that hold anything, the headings first."""
    with closing(_csv(file) if kind == FileKind.CSV else _xlsx(file)) as found:
        yield _filled(found)


def _filled(rows: Iterator[list[str]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, 1):
        if number > LAST_ROW:
            raise _unreadable()
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _csv(file: IO[bytes]) -> Generator[list[str]]:
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        delimiter = _delimiter(text)
        text.seek(0)
        reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        while True:
            try:
                yield [spreadsheets.as_meant(cell) for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error:
                broken = _("Line %(line)s cannot be read: a quotation mark is not closed.", line=reader.line_num)
                raise _refused(broken) from None
    except UnicodeError:
        raise _unreadable() from None
    finally:
        text.detach()


def _encoding(file: IO[bytes]) -> str:
    """By its mark; without one UTF-8 where every byte of it is, else the Windows of this region."""
    file.seek(0)
    begins = file.read(4)
    for mark, encoding in MARKS:
        if begins.startswith(mark):
            return encoding
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(A_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1256"
    return "utf-8"


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for line in text:
        if "\0" in line:
            raise _unreadable()
        yield line


def _delimiter(text: io.TextIOWrapper) -> str:
    """What makes most columns of the first line."""
    line = next((line for line in _lines(text) if line.strip()), "")
    return max(DELIMITERS, key=line.count)


def _book(file: IO[bytes]):
    # Loaded when it is needed: it would cost every worker 15 MB at rest.
    openpyxl = import_module("openpyxl")
    try:
        _refuse_bombs(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise _unreadable()
        return book
    except Invalid:
        raise
    except Exception as error:
        log.info("A workbook that cannot be opened: %s", type(error).__name__)
        raise _unreadable() from None


def _xlsx(file: IO[bytes]) -> Generator[list[str]]:
    book = _book(file)
    sheet = book.worksheets[0]
    # What the file says of its own size may be anything.
    sheet.reset_dimensions()
    found = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
    try:
        while True:
            try:
                row = next(found)
            except StopIteration:
                return
            except Exception as error:
                log.info("A sheet that cannot be read: %s", type(error).__name__)
                raise _unreadable() from None
            yield [_text(value) for value in row]
    finally:
        found.close()
        book.close()


def _refuse_bombs(file: IO[bytes]) -> None:
    """Refuse an XLSX that unpacks to more than any list of leads has, or that defines its own XML."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _too_much()
            for part in parts:
                name = part.filename.lower()
                is_sheet, is_strings = name.startswith("xl/worksheets/"), name == "xl/sharedstrings.xml"
                if not name.endswith((".xml", ".rels", ".vml")):
                    continue
                if not is_sheet and part.file_size > (MOST_STRINGS if is_strings else MOST_OF_A_PART):
                    raise _too_much()
                with archive.open(part) as opened:
                    if DOCTYPE in opened.read(64_000).upper():
                        raise _unreadable()
    except (BadZipFile, NotImplementedError, RuntimeError):
        raise _unreadable() from None


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    text = str(value).replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode()


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="file", code="validation_error")


def _unreadable() -> Invalid:
    return _refused(_("This is no table that can be read. Save it as CSV (UTF-8) or as .xlsx and try again."))


def _too_much() -> Invalid:
    return _refused(_("This Excel file unpacks to more than fits. Save its list alone, as CSV."))
