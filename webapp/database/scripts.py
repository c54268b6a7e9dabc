"""Running the SQL files of migrations/sql."""

from pathlib import Path

from alembic import op

SQL = Path(__file__).parents[2] / "migrations" / "sql"


def run(path: str, *, replace: bool = False) -> None:
    """Execute one file as it stands (`revision/name`), per cent signs, colons and all.

    With `replace` its function may exist already.
    """
    script = (SQL / f"{path}.sql").read_text(encoding="utf-8")
    _execute(_replacing(script) if replace else script)


def run_again(path: str) -> None:
    """Put an earlier function body back; its triggers stand already."""
    script = (SQL / f"{path}.sql").read_text(encoding="utf-8")
    _execute(_replacing(script).partition("create trigger")[0])


def _replacing(script: str) -> str:
    return script.replace("create function", "create or replace function")


def _execute(script: str) -> None:
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
