"""Builders of what the tests need, and the SQL prompt that lets time pass."""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import psycopg
from flask import current_app
from psycopg.pq import ExecStatus
from psycopg.rows import namedtuple_row

from webapp.extensions import db
from webapp.models import Agent, Lead
from webapp.services import leads, notifications
from webapp.services.access import SYSTEM, Actor
from webapp.services.leads import Capture, Details, Origin
from webapp.vocabulary import Role, Source, Status

NUMBERS = count(1_000_000)
PATH = (
    Status.NEW,
    Status.CONTACTED,
    Status.QUALIFIED,
    Status.VIEWING_SCHEDULED,
    Status.NEGOTIATION,
    Status.CONVERTED,
)


def prompt(**options) -> psycopg.Connection:
    """An SQL prompt of the owner on the test's database. Every statement is a transaction of its own."""
    url = current_app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "", 1)
    return psycopg.connect(url, **{"autocommit": True, "row_factory": namedtuple_row, **options})


class Kept:
    """The prompt that stays open from one statement to the next: to connect takes longer than most of them do."""

    def __init__(self):
        self.connection: psycopg.Connection | None = None

    @contextmanager
    def at_hand(self) -> Iterator[psycopg.Connection]:
        """The kept prompt where it is on the test's database and was not ended; a thread has one of its own."""
        if threading.current_thread() is not threading.main_thread():
            with prompt() as connection:
                yield connection
            return
        if self.connection is None or not self.still_there():
            self.put_away()
            self.connection = prompt(prepare_threshold=None)
            self.url = current_app.config["SQLALCHEMY_DATABASE_URI"]
        yield self.connection

    def still_there(self) -> bool:
        if self.connection.closed or self.url != current_app.config["SQLALCHEMY_DATABASE_URI"]:
            return False
        # A server that says something without being asked has ended the session.
        return not select.select([self.connection], [], [], 0)[0]

    def put_away(self) -> None:
        """The next statement gets a new session."""
        if self.connection:
            self.connection.close()
            self.connection = None


kept = Kept()


def sql(statement: str, *values) -> list:
    """The rows that a statement gives at the prompt; what the app's session has read before is forgotten."""
    db.session.rollback()
    with kept.at_hand() as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.pgresult.status == ExecStatus.TUPLES_OK else []


def value(statement: str, *values):
    """The only column of the only row."""
    ((found,),) = sql(statement, *values)
    return found


def now() -> datetime:
    """The database's clock."""
    return value("SELECT clock_timestamp()")


class Clock:
    """The database's clock, standing still until somebody moves it."""

    @property
    def now(self) -> datetime:
        return value("SELECT stands_at FROM stopped.clock")

    def pass_by(self, **time) -> datetime:
        sql("UPDATE stopped.clock SET stands_at = stands_at + %s", timedelta(**time))
        return self.now


@contextmanager
def stopped_clock(at: str = "now") -> Iterator[Clock]:
    """now() and clock_timestamp() stand still for the app: edges can be met to the microsecond."""
    sql(f"""
        CREATE SCHEMA stopped;
        CREATE TABLE stopped.clock (stands_at timestamptz NOT NULL);
        INSERT INTO stopped.clock VALUES (date_trunc('minute', timestamptz '{at}'));
        CREATE FUNCTION stopped.now() RETURNS timestamptz STABLE LANGUAGE sql
            AS 'SELECT stands_at FROM stopped.clock';
        CREATE FUNCTION stopped.clock_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
            AS 'SELECT stands_at FROM stopped.clock';
        GRANT USAGE ON SCHEMA stopped TO lead_desk_app;
        GRANT SELECT ON stopped.clock TO lead_desk_app;
    """)
    try:
        with database_setting("search_path", "stopped, pg_catalog, public"):
            yield Clock()
    finally:
        sql("DROP SCHEMA stopped CASCADE")


@contextmanager
def database_setting(name: str, setting: str) -> Iterator[None]:
    """Every session of the test's database has this setting; those that were open are ended first and last."""
    _set_for_new_sessions(f"SET {name} = {setting}")
    try:
        yield
    finally:
        _set_for_new_sessions(f"RESET {name}")


def _set_for_new_sessions(change: str) -> None:
    sql(f"ALTER DATABASE {value('SELECT current_database()')} {change}")
    db.engine.dispose()
    end_idle_sessions()
    kept.put_away()


def end_idle_sessions() -> None:
    """The other sessions of the test's database that are doing nothing are over."""
    sql("""SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'""")


def a_phone() -> str:
    """A UAE mobile that no other call gives."""
    return f"+97150{next(NUMBERS):07d}"


def a_user(name: str, role: Role, *, agent_id: UUID | None = None, password_hash: str = "-") -> Actor:
    """Somebody who may sign in (with `password_hash`), as the actor they are."""
    email = f"{name.lower().replace(' ', '.')}@desk.example"
    user_id = value(
        "INSERT INTO users (email, name, role, agent_id, password_hash) VALUES (%s, %s, %s, %s, %s) RETURNING user_id",
        email,
        name,
        role.value,
        agent_id,
        password_hash,
    )
    return Actor(user_id=user_id, name=name, role=role, agent_id=agent_id, email=email)


def an_agent(
    name: str,
    *,
    on_duty: bool = True,
    types=(),
    areas=(),
    languages=(),
    rate=None,
    turn: datetime | None = None,
) -> Actor:
    """An agent and the user who is that agent; `rate` is their conversion rate, `turn` their last assignment."""
    phone = a_phone()
    agent_id = value(
        """INSERT INTO agents (full_name, email, phone, on_duty, specialization_property_type,
               specialization_areas, language_skills, last_assigned_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING agent_id""",
        name,
        f"{phone[1:]}@agents.example",
        phone,
        on_duty,
        list(types),
        list(areas),
        list(languages),
        turn,
    )
    if rate is not None:
        sql(
            "INSERT INTO agent_performance_metrics (agent_id, conversion_rate) VALUES (%s, %s)",
            agent_id,
            rate,
        )
    return a_user(name, Role.AGENT, agent_id=agent_id)


def the_agent(who: Actor) -> Agent:
    """The row of agents behind an actor, as it is now."""
    db.session.rollback()
    return db.session.get(Agent, who.agent_id)


def busy(who: Actor, leads_held: int) -> Actor:
    """The agent, now with this many more active leads."""
    sql(
        """WITH made AS (
               INSERT INTO leads (source_type, first_name, last_name, phone)
               SELECT 'bayut', '', '', '+97152' || lpad((%s + n)::text, 7, '0') FROM generate_series(1, %s) n
               RETURNING lead_id)
           INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, %s FROM made""",
        next(NUMBERS),
        leads_held,
        who.agent_id,
    )
    return who


def a_capture(
    phone: str | None = None,
    source: Source = Source.WEBSITE,
    *,
    by: Actor = SYSTEM,
    origin: Origin | None = None,
    **details,
) -> Capture:
    """What became of one enquiry."""
    return leads.capture(Details(phone or a_phone(), source, **details), origin or Origin(), by=by)


def a_lead(*args, **kwargs) -> Lead:
    """A captured lead, or the one that the enquiry repeats."""
    return a_capture(*args, **kwargs).lead


def backdated(lead: Lead, **ago) -> Lead:
    """The lead with all that has happened to it, as if it had happened so much earlier (`hours=`, `days=`)."""
    passed = timedelta(**ago)
    lead_id = lead.lead_id
    for table, columns in {
        "leads": ("created_at",),
        "lead_activities": ("activity_at", "logged_at", "struck_at"),
        "lead_assignments": ("assigned_at", "reassigned_at"),
        "score_lines": ("created_at",),
        "enquiries": ("received_at",),
    }.items():
        moves = ", ".join(f"{column} = {column} - %s" for column in columns)
        sql(f"UPDATE {table} SET {moves} WHERE lead_id = %s", *[passed] * len(columns), lead_id)
    return db.session.get(Lead, lead_id)


def brought_to(lead: Lead, status: Status) -> Lead:
    """The lead in this status, brought there move by move at the prompt."""
    lead_id = lead.lead_id
    steps = [Status.LOST] if status == Status.LOST else PATH[1 : PATH.index(status) + 1]
    for step in steps:
        sql("UPDATE leads SET status = %s WHERE lead_id = %s", step.value, lead_id)
    return db.session.get(Lead, lead_id)


def told(who: Actor) -> list:
    """What kinds of notices somebody has got, oldest first."""
    db.session.rollback()
    return [notice.kind for notice in reversed(notifications.latest(by=who))]


def owner(lead: Lead) -> UUID | None:
    """The agent who owns the lead now."""
    rows = sql("SELECT agent_id FROM lead_assignments WHERE lead_id = %s", lead.lead_id)
    return rows[0].agent_id if rows else None


def tally(*tables: str) -> dict[str, int]:
    """How many rows each table holds."""
    return {table: value(f"SELECT count(*) FROM {table}") for table in tables}
