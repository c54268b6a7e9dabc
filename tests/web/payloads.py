"""What attackers type, and having it typed everywhere: into every column of every table that keeps free words."""

import json
from itertools import count

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, String
from sqlalchemy.dialects.postgresql import JSONB

from config import ROOT
from tests.factories import prompt
from webapp.extensions import db

PAYLOADS = (ROOT / "tests" / "fixtures" / "xss.txt").read_text(encoding="utf-8").splitlines()
SEPARATORS = str.maketrans("", "", ",،;")  # an area's name never holds one: the form splits at them
NUMBERED = "(SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS n FROM {table}) AS numbered"


def type_everywhere(texts: list[str]) -> set[str]:
    """Put `texts` into all columns of free words, another one into each row and column; the columns, as table.column.

    The triggers that keep histories as they are do not look.
    """
    shift, filled = count(), set()
    with prompt(autocommit=False) as held:
        for table in db.metadata.sorted_tables:
            columns = [column for column in table.columns if isinstance(column.type, String)]
            lists = [column for column in table.columns if isinstance(column.type, ARRAY)]
            changes = [_text(column, next(shift), _is_numbered(held, column)) for column in columns]
            changes += [_list(column, next(shift)) for column in lists]
            name = sql.Identifier(table.name)
            held.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
            if changes:
                moves = sql.SQL(
                    "UPDATE {} SET {} FROM " + NUMBERED.format(table="{}") + " WHERE {}.ctid = numbered.place"
                )
                held.execute(moves.format(name, sql.SQL(", ").join(changes), name, name), {"texts": texts})
            for column in (column for column in table.columns if isinstance(column.type, JSONB)):
                _rename(held, table, column, texts)
            held.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
            filled |= {f"{table.name}.{column.name}" for column in (*columns, *lists)}
        held.commit()
    return filled


def _text(column, shift: int, numbered: bool):
    """An empty name stays empty and a fact that is not known stays so."""
    text = f"(%(texts)s::text[])[1 + (numbered.n + {shift}) %% cardinality(%(texts)s::text[])]"
    text = f"numbered.n || {text}" if numbered else text
    cut = f"left({text}, {column.type.length})" if column.type.length else text
    return sql.SQL("{0} = CASE WHEN {0} <> '' THEN " + cut + " ELSE {0} END").format(sql.Identifier(column.name))


def _list(column, shift: int):
    text = f"(%(texts)s::text[])[1 + (numbered.n + {shift}) %% cardinality(%(texts)s::text[])]"
    return sql.SQL(
        "{0} = CASE WHEN cardinality({0}) > 0 THEN ARRAY[translate(" + text + ", ',،;', '')] ELSE {0} END"
    ).format(sql.Identifier(column.name))


def _is_numbered(held, column) -> bool:
    """Whether each row's text begins with a number: two rows may not hold the same, or would be one person."""
    return (
        column.name == "phone"
        or held.execute(
            r"""SELECT EXISTS (SELECT FROM pg_index WHERE indisunique AND indrelid = %s::regclass
                           AND pg_get_indexdef(indexrelid) ~ ('\m' || %s || '\M'))""",
            (column.table.name, column.name),
        ).fetchone()[0]
    )


def _rename(held, table, column, texts: list[str]) -> None:
    """The names inside a JSON value: they have capitals, ids and our own words have none."""
    turn = count()

    def renamed(part):
        if isinstance(part, dict):
            return {key: renamed(value) for key, value in part.items()}
        if isinstance(part, list):
            return [renamed(value) for value in part]
        return texts[next(turn) % len(texts)] if isinstance(part, str) and part != part.lower() else part

    rows = held.execute(
        f"SELECT ctid::text, {column.name} FROM {table.name} WHERE {column.name} IS NOT NULL"
    ).fetchall()
    for place, kept in rows:
        change = f"UPDATE {table.name} SET {column.name} = %s WHERE ctid = %s::tid"
        held.execute(change, (Jsonb(renamed(kept), dumps=json.dumps), place))
