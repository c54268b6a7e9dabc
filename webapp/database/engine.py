"""What every connection of the app is set to: the app's role, time-outs, UTC."""

from sqlalchemy import event

APP_ROLE = "lead_desk_app"

SETTINGS = f"""
    SELECT set_config('lock_timeout', '3s', false),
           set_config('statement_timeout', '10s', false),
           set_config('idle_in_transaction_session_timeout', '15s', false),
           set_config('TimeZone', 'UTC', false),
           set_config('role', coalesce((SELECT rolname::text FROM pg_roles WHERE rolname = '{APP_ROLE}'
                                        AND pg_has_role(current_user, oid, 'MEMBER')), 'none'), false)
"""


def init_app(app, db) -> None:
    """Prepare each new connection of the app's engine; migrations put the owner's role back for themselves."""
    with app.app_context():
        event.listen(db.engine, "connect", _prepare)


def _prepare(connection, _record) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(SETTINGS)
    connection.autocommit = autocommit


def read_only(session) -> None:
    """From here to its end the session's transaction cannot write: GET requests run in one."""
    session.connection(execution_options={"postgresql_readonly": True})
