"""What attackers type, and having it typed everywhere: into every column of every table that keeps free words."""

from itertools import count

from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, String
from sqlalchemy.dialects.postgresql import JSONB

from config import ROOT
from tests.factories import prompt
from webapp.extensions import db

PAYLOADS = (ROOT / "tests" / "fixtures" / "xss.txt").read_text(encoding="utf-8").splitlines()
CHECKED = (
    *("leads.phone", "enquiries.phone_e164", "import_rows.phone", "broker_leads.phone", "merges.phones"),
    "contact_stops.phone",
    "sites.key",
    "users.mail_groups",
)
"""Only what the phone library has read is ever kept here, and people are found by it; a key is made by us, and words of
ours are held by a CHECK."""

PICKED = "(%(texts)s::text[])[1 + (numbered.n + {shift}) %% cardinality(%(texts)s::text[])]"
NUMBERED = "(SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS n FROM {table}) AS numbered"


def type_everywhere(texts: list[str]) -> list[str]:
    """Put `texts` into all columns of free words, another one into each row and column; the columns' names.

    The triggers that keep histories as they are do not look.
    """
    shift, filled = count(), []
    with prompt(autocommit=False) as held:
        for table in db.metadata.sorted_tables:
            words = [c for c in table.columns if isinstance(c.type, String) and str(c) not in CHECKED]
            lists = [c for c in table.columns if isinstance(c.type, ARRAY) and str(c) not in CHECKED]
            changes = [_text(held, column, next(shift)) for column in words]
            changes += [_list(column, next(shift)) for column in lists]
            held.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            if changes:
                rows = NUMBERED.format(table=table)
                change = f"UPDATE {table} SET {', '.join(changes)} FROM {rows} WHERE {table}.ctid = numbered.place"
                held.execute(change, {"texts": texts})
            for column in (c for c in table.columns if isinstance(c.type, JSONB)):
                _rename(held, column, texts)
            held.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            filled += [str(column) for column in (*words, *lists)]
        held.commit()
    return filled


def _text(held, column, shift: int) -> str:
    """Where two rows may not hold the same, theirs begin with a number; e-mails begin with their table's name, or
    somebody's enquiry would be another person's in one round and not in the next.
    """
    indexes = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisunique AND indrelid = %s::regclass"
    unique = any(f"{column.name}" in row[0] for row in held.execute(indexes, (column.table.name,)))
    text = PICKED.format(shift=shift)
    text = f"numbered.n || {text}" if unique else text
    text = f"'{column.table.name}' || {text}" if column.name == "email" else text
    text = f"left({text}, {column.type.length})" if column.type.length else text
    return f"{column.name} = {text}"


def _list(column, shift: int) -> str:
    """As many words as there were. An area's name never holds a separator: the form splits at them."""
    many = f"greatest(cardinality({column.table.name}.{column.name}), 1)"
    return f"{column.name} = array_fill(translate({PICKED.format(shift=shift)}, ',،;', ''), ARRAY[{many}])"


def _rename(held, column, texts: list[str]) -> None:
    """The names inside a JSON value: they have capitals, ids and our own words have none."""
    turn = count()

    def renamed(part):
        if isinstance(part, dict):
            return {key: renamed(value) for key, value in part.items()}
        if isinstance(part, list):
            return [renamed(value) for value in part]
        return texts[next(turn) % len(texts)] if isinstance(part, str) and part != part.lower() else part

    kept = f"SELECT ctid::text, {column.name} FROM {column.table} WHERE {column.name} IS NOT NULL"
    for place, value in held.execute(kept).fetchall():
        change = f"UPDATE {column.table} SET {column.name} = %s WHERE ctid = %s::tid"
        held.execute(change, (Jsonb(renamed(value)), place))
