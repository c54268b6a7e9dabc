"""Files as people upload them: lists of leads in the encodings and formats of spreadsheets."""

import csv
import io
from importlib import import_module


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
