import logging
import warnings
from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

ONE_MIGRATOR_AT_A_TIME = 7_410_226_195
LONGEST_STATEMENT = "15min"
GIVEN_UP = {
    "55P03": "Another session holds a lock that the migration needs.",
    "40P01": "The migration and another session wait for each other's locks.",
    "57014": "A statement of the migration took longer than it may (-x statement_timeout=...).",
}

# SQLAlchemy 2.1 passes on what it read of a NOT VALID check in a form that it does not know itself.
warnings.filterwarnings("ignore", "Can't validate argument 'dialect_options'")

config = context.config
db = current_app.extensions["migrate"].db
logger = logging.getLogger("alembic.env")

# A host process that has set up its own logging keeps it.
if not logging.getLogger().handlers:
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def include_object(_object, name, kind, _reflected, _compare_to):
    """Everything but the job queue's own tables, which it migrates itself."""
    return not (kind in ("table", "index") and name and name.startswith("procrastinate_"))


def skip_empty_revision(_context, _revision, directives):
    """No revision file when autogenerate has found nothing."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        logger.info("No changes in schema detected.")


def prepare(connection):
    """Become the migrator: the role that owns the tables, alone, and never waiting long behind the office.

    `-x statement_timeout=5s` keeps a migration short too, where the office works meanwhile.
    """
    longest = context.get_x_argument(as_dictionary=True).get("statement_timeout", LONGEST_STATEMENT)
    connection.execute(text("RESET ROLE"))
    connection.execute(text("SELECT set_config('statement_timeout', :longest, false)"), {"longest": longest})
    connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
    # Another migrator is waited for: afterwards there is nothing left to do.
    connection.execute(text("SET lock_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_MIGRATOR_AT_A_TIME})
    # A table lock is not: everybody else would queue up behind us.
    connection.execute(text("SET lock_timeout = '4s'"))
    # An open transaction here would swallow the one that each migration gets of its own.
    connection.commit()


def migrate(connection):
    prepare(connection)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        compare_server_default=True,
        include_object=include_object,
        process_revision_directives=skip_empty_revision,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run():
    if context.is_offline_mode():
        raise CommandError("Migrations look at what the database holds; --sql cannot work.")
    with db.engine.connect() as connection:
        # Taken out of the pool, so that its close ends the advisory lock and our settings with it.
        connection.detach()
        try:
            migrate(connection)
        except OperationalError as error:
            if reason := GIVEN_UP.get(getattr(error.orig, "sqlstate", None)):
                raise CommandError(f"{reason} The step was undone; try again later.") from error
            raise


run()
