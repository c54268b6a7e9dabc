"""Running the SQL files of migrations/sql."""

from pathlib import Path

from alembic import op

SQL = Path(__file__).parents[2] / "migrations" / "sql"


def run(path: str) -> None:
    """Execute one file as it stands (`revision/name`), per cent signs, colons and all."""
    script = (SQL / f"{path}.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def run_again(path: str) -> None:
    """Put an earlier function body back; its triggers stand already."""
    script = (SQL / f"{path}.sql").read_text(encoding="utf-8")
    function = script.replace("create function", "create or replace function").partition("create trigger")[0]
    op.get_bind().exec_driver_sql(function, execution_options={"no_parameters": True})
