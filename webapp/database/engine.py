"""What every connection of the app is set to: the app's role, time-outs, UTC; and how long anything waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import flask_sqlalchemy.session
import psycopg
from psycopg.errors import ConnectionTimeout, _WaitTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import event

from webapp.database import knock

APP_ROLE = "lead_desk_app"
REPLICA = "replica"
CONNECT_WITHIN = 3
SILENCE = 2

OPTIONS = {
    "pool_pre_ping": True,
    "pool_size": 5,
    "max_overflow": 5,
    "pool_timeout": 5,
    "connect_args": {"connect_timeout": CONNECT_WITHIN},
}

# Until PostgreSQL 15 every member of a role may take it on.
MAY_TAKE_ON = "CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END"

# The leads of a quarter are sorted in memory. Disks have no arms any more: a page anywhere costs about what the next
# one does. No question of a page is worth compiling.
# Plans are made for what is asked: a status or a name that nearly nobody has and one that half of all leads have
# need different ones.
SETTINGS = f"""
    SELECT set_config('lock_timeout', '3s', false),
           set_config('statement_timeout', '10s', false),
           set_config('idle_in_transaction_session_timeout', '15s', false),
           set_config('work_mem', '32MB', false),
           set_config('random_page_cost', '1.1', false),
           set_config('jit', 'off', false),
           set_config('TimeZone', 'UTC', false),
           set_config('plan_cache_mode', 'force_custom_plan', false),
           set_config('role', coalesce((SELECT rolname::text FROM pg_roles WHERE rolname = '{APP_ROLE}'
                                        AND pg_has_role(current_user, oid, {MAY_TAKE_ON})), 'none'), false)
"""


class Connection(psycopg.Connection):
    """A connection that notices when nobody is at its other end any more.

    What the server says of its own time-outs is not heard over a dead network. So after a silence the server is
    knocked at: where it answers the wait goes on, else the connection is over.
    """

    def wait(self, gen, interval=0.1, timeout=None):
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        while True:
            try:
                return super().wait(gen, interval, SILENCE)
            except _WaitTimeout:
                if not knock.answered(self.info.host, self.info.port, within=CONNECT_WITHIN):
                    self.close()
                    raise psycopg.OperationalError("The server has gone silent") from None

    def rollback(self):
        """Undo what is not committed; where the connection is lost, that has happened already."""
        try:
            super().rollback()
        except psycopg.OperationalError:
            self.close()


class Dialling:
    """Makes the engine's connections. Right after one ran into its time-out the next is refused at once.

    So the requests that queue behind a dead network are answered together, and not each after its own wait.
    """

    PAUSE = 1

    def __init__(self):
        self.gave_up_at = float("-inf")

    def __call__(self, _dialect, _record, words, parameters) -> Connection:
        if time.monotonic() - self.gave_up_at < self.PAUSE:
            raise ConnectionTimeout("The server did not answer a moment ago")
        try:
            return Connection.connect(*words, **parameters)
        except ConnectionTimeout:
            self.gave_up_at = time.monotonic()
            raise


def init_app(app, db) -> None:
    """Prepare each new connection of the app's engine; migrations put the owner's role back for themselves."""
    with app.app_context():
        for engine in db.engines.values():
            event.listen(engine, "do_connect", Dialling())
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "checkin", _leave_it_to_the_database)


def _prepare(connection, _record) -> None:
    autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(SETTINGS)
    connection.autocommit = autocommit


def read_only(session) -> None:
    """From here to its end the session's transaction cannot write: GET requests run in one."""
    session.connection().connection.dbapi_connection.read_only = True


class Session(flask_sqlalchemy.session.Session):
    """Reads from the replica inside `from_replica`, where there is one; everything else is the primary's."""

    @property
    def reads_elsewhere(self) -> bool:
        """Whether what is asked now is the replica's to answer."""
        return bool(self.info.get(REPLICA)) and REPLICA in self._db.engines

    def get_bind(self, *asked, **named):
        return self._db.engines[REPLICA] if self.reads_elsewhere else super().get_bind(*asked, **named)


@contextmanager
def from_replica(session) -> Iterator[None]:
    """What is read here may be a few seconds old: it comes from the replica, if there is one, and cannot be written.

    Where it is away, so is the page: the primary is not asked to do its work as well.
    """
    session().info[REPLICA] = True
    try:
        held = session.connection().connection.dbapi_connection
        if session().reads_elsewhere and held.info.transaction_status == TransactionStatus.IDLE:
            held.read_only = True
        yield
    finally:
        session().info[REPLICA] = False


def _leave_it_to_the_database(connection, _record) -> None:
    # SQLAlchemy's own option leaves READ WRITE behind, which overrules a database that only reads, and fails where
    # the connection is lost.
    if connection is not None and not connection.closed:
        connection.read_only = None
