"""Rows as JSON and back, exactly: what a lead's row and those that hang on it were."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from webapp.extensions import Model, db
from webapp.models import Lead, LeadAssignment


def of(model: type[Model], lead_id: UUID, *columns: str) -> list[dict]:
    """The rows that name the lead in one of these columns (`lead_id`), in the order of their keys."""
    table = _table(model)
    db.session.flush()
    named = " OR ".join(f"{column} = :lead_id" for column in columns or ("lead_id",))
    key = ", ".join(column.name for column in table.primary_key)
    found = db.session.execute(
        text(f"SELECT to_jsonb(t) FROM {table.name} t WHERE {named} ORDER BY {key}"), {"lead_id": lead_id}
    )
    return [row for (row,) in found]


def of_lead(lead_id: UUID) -> dict:
    """The lead's own row."""
    return of(Lead, lead_id)[0]


def of_owner(lead_id: UUID) -> dict | None:
    """The row that says whose the lead is."""
    return next(iter(of(LeadAssignment, lead_id)), None)


def insert(model: type[Model], rows: list[dict]) -> None:
    """Add these rows with the keys and moments that they had. A column that is newer than they has its default."""
    if rows:
        table = _table(model)
        names = ", ".join(column.name for column in table.columns if column.name in rows[0] and not column.computed)
        _run(
            f"""INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE
                SELECT {names} FROM jsonb_populate_recordset(NULL::{table.name}, :rows) ORDER BY 1""",
            rows=rows,
        )


def write(model: type[Model], lead_id: UUID, row: dict, columns: Iterable[str]) -> None:
    """Give these columns of the lead's row in a table what they were."""
    names, table = [*columns], _table(model)
    if names:
        _run(
            f"""UPDATE {table.name} t SET {", ".join(f"{name} = was.{name}" for name in names)}
                FROM jsonb_populate_record(NULL::{table.name}, :row) was WHERE t.lead_id = :lead_id""",
            row=row,
            lead_id=lead_id,
        )


def _table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


def _run(statement: str, **values) -> None:
    as_json = [bindparam(name, type_=JSONB) for name, value in values.items() if isinstance(value, dict | list)]
    db.session.flush()
    db.session.execute(text(statement).bindparams(*as_json), values)
    db.session.expire_all()
