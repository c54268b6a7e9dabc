"""What the server starts with, though it would be better otherwise."""

import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.database.engine import APP_ROLE
from webapp.extensions import db
from webapp.services import backups, health

OLDEST_SERVER = 15
FURTHEST_CLOCKS = 60
LOSES_DATA = ("fsync", "full_page_writes", "synchronous_commit")

FACTS = text(f"""
    SELECT current_user::text AS works_as, session_user::text AS signs_in_as,
           (SELECT rolbypassrls AND NOT rolsuper FROM pg_roles WHERE rolname = session_user) AS bypasses,
           current_setting('server_version_num')::int / 10000 AS version, current_setting('server_version') AS server,
           ARRAY[{", ".join(f"current_setting('{name}')" for name in LOSES_DATA)}] AS safety,
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true)::int, 0) AS connections,
           extract(epoch FROM clock_timestamp())::float AS clock,
           (SELECT count(*) FROM job_turns WHERE state = 'broken' AND due_at > now() - interval '1 day') AS failed_jobs,
           (SELECT count(*) FROM mails
            WHERE failure IS NOT NULL AND state <> 'sent' AND made_at > now() - interval '1 day') AS failed_mails,
           EXISTS (SELECT FROM users WHERE role = 'admin' AND is_active) AS has_admin
""")


def unwise(*, connections: int) -> list[str]:
    """Each as a sentence that says what to do; `connections` is how many the app may open in all.

    Nothing where the database is away or not migrated: that is said elsewhere.
    """
    state = health.look()
    if not (state.database and state.revision):
        return []
    try:
        facts = db.session.execute(FACTS).one()
    except SQLAlchemyError:
        return []
    return [*_of_the_server(facts, connections), *_of_the_office(facts, state)]


def _of_the_server(facts, connections: int):
    if facts.works_as != APP_ROLE:
        yield (
            f"The app works as the owner {facts.works_as}, who may rewrite the audit: "
            f"let {facts.signs_in_as} take on the role {APP_ROLE}."
        )
    if facts.bypasses:
        yield f"The database user {facts.signs_in_as} has BYPASSRLS: take it away."
    if facts.version < OLDEST_SERVER:
        yield f"PostgreSQL {facts.server} is too old: use {OLDEST_SERVER} or newer."
    for name, setting in zip(LOSES_DATA, facts.safety, strict=True):
        if setting == "off":
            yield f"The server's {name} is off, and a crash would lose what was saved: switch it on."
    if facts.connections < connections:
        yield (
            f"The server allows {facts.connections} connections, and the app may open {connections}: "
            "raise max_connections or lower WORKERS."
        )
    if abs(apart := facts.clock - time.time()) > FURTHEST_CLOCKS:
        yield f"The clocks of this machine and of the database are {abs(apart):.0f} s apart: set them."


def _of_the_office(facts, state: health.Health):
    if not state.jobs:
        yield "No worker gives a sign of life: run `flask --app wsgi jobs worker`."
    if facts.failed_jobs:
        yield f"Turns of jobs that failed since yesterday: {facts.failed_jobs}. The worker's log says why."
    if facts.failed_mails:
        yield f"E-mails that did not get through since yesterday: {facts.failed_mails}. /jobs says to whom and why."
    if not facts.has_admin:
        yield "Nobody is an active admin: add one with `flask --app wsgi users add`."
    if state.backup is None:
        yield "There is no backup: run `flask --app wsgi backup FILE` every day."
    elif state.backup > backups.TOO_OLD:
        yield f"The last backup is {state.backup // 3600} hours old: see why the daily one stopped."
