"""The bar of the file import: the rows of a file that the worker brings in, against as many captures by the service.

Half of the captures are made before the file and half after it, so that a slow moment hits both.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from sqlalchemy import text

from bench.capture import new_numbers
from bench.worker import turn
from tests.files import a_csv, uploaded
from tests.production import somebody
from webapp.extensions import db
from webapp.forms.imports import read_row
from webapp.services import imports, leads
from webapp.services.access import Actor
from webapp.services.leads import Details, Origin
from webapp.vocabulary import Role, Source

ROWS = 10_000
BARS = {
    "times": f"at most 1 time what {ROWS:,} captures take, with the rehearsal",
    "most MB": "at most 200, the whole process",
}
BUDGET = Decimal(1_500_000)
HEADINGS = ["Name", "Phone", "Source", "Email", "Budget"]

# Room for both.
AGENTS = text("""
    INSERT INTO agents (full_name, email, phone)
    SELECT 'Newcomer ' || n, 'newcomer' || n || '@office.example', '+97155' || 1000000 + n
    FROM generate_series(1, :some) n
""")
COUNTED = text("SELECT count(*) FROM import_rows WHERE state = 'created' AND import_id = :import_id")


def measure() -> dict:
    """Seconds of the file's rehearsal and import, and of the captures; and the worker's memory."""
    db.session.execute(AGENTS, {"some": 2 * ROWS // 50 + 1})
    db.session.commit()
    manager = somebody("Mariam Saleh", Role.MANAGER)
    numbers = new_numbers()
    captures = captured(numbers, by=manager)
    content = a_csv(
        HEADINGS,
        *([f"Layla {n}", f"+97150{n}", "bayut", f"l{n}@mail.example", str(BUDGET)] for n in islice(numbers, ROWS)),
    )
    import_id = uploaded(content, by=manager)
    imports.choose(import_id, imports.guessed(HEADINGS).columns, None, read_row, by=manager)
    rehearsal = turn("imports")
    imports.start(import_id, read_row, by=manager)
    taken = turn("imports")
    assert db.session.scalar(COUNTED, {"import_id": import_id}) == ROWS
    captures += captured(numbers, by=manager)
    return {
        "rows": ROWS,
        "rehearsal s": round(rehearsal.seconds, 1),
        "import s": round(taken.seconds, 1),
        "captures s": round(captures, 1),
        "times": round((rehearsal.seconds + taken.seconds) / captures, 2),
        "most MB": round(max(rehearsal.megabytes, taken.megabytes)),
    }


def captured(numbers: Iterator[int], *, by: Actor) -> float:
    """The seconds that half of the captures take."""
    began = time.perf_counter()
    for n in islice(numbers, ROWS // 2):
        details = Details(f"+97150{n}", Source.BAYUT, f"Layla {n}", email=f"l{n}@mail.example", budget_max=BUDGET)
        leads.capture(details, Origin(), by=by)
    return time.perf_counter() - began
