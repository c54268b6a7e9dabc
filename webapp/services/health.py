"""Whether the server can do its work."""

from dataclasses import asdict, dataclass

from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import Config
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db

HEARTBEAT = text("""
    SELECT (SELECT version_num FROM alembic_version) AS revision,
           extract(epoch FROM now() - (SELECT max(last_heartbeat) FROM procrastinate_workers))::int AS heartbeat
""")
SILENT_AFTER = 120


@dataclass(frozen=True)
class Health:
    """`heartbeat` is the age of the worker's last sign of life in seconds, None without one."""

    database: bool
    revision: bool
    heartbeat: int | None

    @property
    def jobs(self) -> bool:
        return self.heartbeat is not None and self.heartbeat <= SILENT_AFTER

    @property
    def is_ready(self) -> bool:
        return self.database and self.revision and self.jobs

    def facts(self) -> dict:
        return {"status": "ok" if self.is_ready else "not ready", "jobs": self.jobs, **asdict(self)}


def look() -> Health:
    """The state now; a database that is away is an answer, not an error."""
    try:
        row = db.session.execute(HEARTBEAT).one()
    except SQLAlchemyError:
        db.session.rollback()
        return Health(database=False, revision=False, heartbeat=None)
    return Health(database=True, revision=row.revision == head(), heartbeat=row.heartbeat)


def head() -> str | None:
    """The newest revision of the code."""
    directory = current_app.extensions["migrate"].directory
    config = Config()
    config.set_main_option("script_location", str(directory))
    return ScriptDirectory.from_config(config).get_current_head()
