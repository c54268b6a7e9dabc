"""Whether the server can do its work."""

from dataclasses import asdict, dataclass

from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import Config
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from webapp.extensions import db
from webapp.services.backups import BACKUP

HEARTBEAT = text("""
    SELECT (SELECT version_num FROM alembic_version) AS revision,
           extract(epoch FROM now() - (SELECT max(last_heartbeat) FROM procrastinate_workers))::int AS heartbeat,
           extract(epoch FROM now() - (SELECT max(happened_at) FROM audit_entries
                                       WHERE actor_id = :backup AND verb = 'backups.make'))::int AS backup
""")
SILENT_AFTER = 120


@dataclass(frozen=True)
class Health:
    """Ages in seconds, None where there never was one: the worker's last sign of life, the last backup.

    An old backup is told and does not make the server unready.
    """

    database: bool
    revision: bool
    heartbeat: int | None = None
    backup: int | None = None

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
        row = db.session.execute(HEARTBEAT, {"backup": BACKUP.user_id}).one()
    except ProgrammingError:  # it answers, but nothing was migrated there
        db.session.rollback()
        return Health(database=True, revision=False)
    except SQLAlchemyError:
        db.session.rollback()
        return Health(database=False, revision=False)
    return Health(database=True, revision=row.revision == head(), heartbeat=row.heartbeat, backup=row.backup)


def head() -> str | None:
    """The newest revision of the code."""
    directory = current_app.extensions["migrate"].directory
    config = Config()
    config.set_main_option("script_location", str(directory))
    return ScriptDirectory.from_config(config).get_current_head()
