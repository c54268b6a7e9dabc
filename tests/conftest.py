"""The databases of the tests: real PostgreSQL, migrated by the real migrations.

Tests commit: READ ONLY pages, retries and deferred triggers are part of what they look at. So what a test
wrote is wiped after it, and there is no outer transaction.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from config import sqlalchemy_url
from tests.factories import kept
from webapp import create_app
from webapp.database import embedded
from webapp.extensions import db

pytest_plugins = ("tests.reliability",)

WRITTEN_TABLES = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'lead_scoring_rules', 'working_hours',
                                                      'special_hours', 'working_days')
      AND tablename NOT LIKE 'procrastinate\\_%'
"""
SEEDED = """
    SELECT coalesce((SELECT jsonb_agg(r ORDER BY r.rule_id) FROM lead_scoring_rules r), '[]') AS lead_scoring_rules,
           coalesce((SELECT jsonb_agg(h ORDER BY h.weekday) FROM working_hours h), '[]') AS working_hours,
           coalesce((SELECT jsonb_agg(s ORDER BY s.special_id) FROM special_hours s), '[]') AS special_hours
"""
"""What the migrations bring along; what follows from it follows by trigger."""
RESTARTED = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename NOT LIKE 'procrastinate\\_%'
"""
MANY = 500
FORGOTTEN = """
    UPDATE pg_class SET relpages = 0, reltuples = -1
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples >= 0
"""


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="the loads and races in their full size")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("full"):
        left_out = [item for item in items if item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def server_url(tmp_path_factory) -> Iterator[str]:
    """A server that may create databases: DATABASE_URL's, else one of this process's own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        environment.setenv("SECRET_KEY", secrets.token_hex(32))
        if given := os.environ.get("DATABASE_URL"):
            yield sqlalchemy_url(given)
        else:
            with embedded.throwaway() as server:
                yield server.url("postgres")


@pytest.fixture
def full(request) -> bool:
    """Whether the sizes of the reliability table are wanted."""
    return request.config.getoption("full")


@pytest.fixture
def empty_database(server_url) -> Iterator[str]:
    """The address of a new, empty database."""
    with new_database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url) -> Iterator[str]:
    """The address of a database migrated to head, which nobody connects to: a source of copies."""
    with new_database(server_url) as url:
        with application(url).app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        with connection(url) as owner:
            seeds.update(_seeded(owner))
        yield url


@pytest.fixture(scope="session")
def app(server_url, template):
    """The application on a migrated database of its own; its context is pushed."""
    with new_database(server_url, template=make_url(template).database) as url:
        app = application(url)
        with app.app_context():
            yield app
            kept.put_away()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(autouse=True)
def wipe(request) -> Iterator[None]:
    """After a test that used `app` its database is as the migrations left it."""
    yield
    if "app" not in request.fixturenames:
        return
    db.session.remove()
    empty()


def empty() -> None:
    """The database of the app whose context is pushed is as the migrations left it.

    Row by row and without triggers, which for the few rows of a test takes a thirtieth of what TRUNCATE does. Like
    TRUNCATE it leaves no size behind: who knows a table to be empty plans no index for the many rows to come.
    """
    with kept.at_hand() as owner:
        tables = [name for (name,) in owner.execute(WRITTEN_TABLES)]
        # Who leaves a transaction open is told so here, instead of hanging the suite.
        done = owner.execute(f"""
            SET LOCAL lock_timeout = '5s'; LOCK {", ".join(tables)} IN ACCESS EXCLUSIVE MODE;
            SET LOCAL session_replication_role = replica; {RESTARTED};
            {"; ".join(f"DELETE FROM {table}" for table in tables)}""")
        gone = [result.rowcount for result in done.results()][-len(tables) :]
        for table, rows in zip(tables, gone, strict=True):
            if rows > MANY:
                owner.execute(f"VACUUM {table}")
        owner.execute(FORGOTTEN)
        put_back_what_is_seeded(owner)


def put_back_what_is_seeded(owner: psycopg.Connection) -> None:
    """Rules and hours are as in the template."""
    found = _seeded(owner)
    for table in (name for name in found if found[name] != seeds[name]):
        owner.execute(f"DELETE FROM {table}")
        again = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"
        owner.execute(again, [Jsonb(seeds[table])])


def _seeded(owner: psycopg.Connection) -> dict:
    with owner.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(SEEDED).fetchone()


seeds: dict = {}


def application(url: str):
    # The environment too, so that commands started by a test and config.load() see the test's database.
    os.environ["DATABASE_URL"] = url
    return create_app(TESTING=True)


@contextmanager
def new_database(server_url: str, template: str = "template1") -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with connection(server_url) as server:
        server.execute(create)
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with connection(server_url) as server:
            server.execute(drop)


def connection(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
