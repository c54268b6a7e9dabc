"""The cast: who works at this office, and a clock that stands still."""

from datetime import datetime, timedelta

import pytest

from tests.factories import a_user, an_agent, sql, value
from webapp.extensions import db
from webapp.vocabulary import Role


@pytest.fixture
def aisha(app):
    """An agent on duty."""
    return an_agent("Aisha Rahman")


@pytest.fixture
def yousef(app):
    """Another agent on duty, no better and no worse than Aisha."""
    return an_agent("Yousef Haddad")


@pytest.fixture
def mariam(app):
    """The manager."""
    return a_user("Mariam Saleh", Role.MANAGER)


@pytest.fixture
def rashid(app):
    """Reception."""
    return a_user("Rashid Khan", Role.RECEPTIONIST)


@pytest.fixture
def omar(app):
    """The admin."""
    return a_user("Omar Nasser", Role.ADMIN)


@pytest.fixture
def rules(app):
    """The scoring rules may be changed: afterwards they are the canonical ones again."""
    kept = "CREATE TABLE canonical_rules AS TABLE lead_scoring_rules"
    sql(kept)
    yield
    sql("DELETE FROM lead_scoring_rules")
    sql("INSERT INTO lead_scoring_rules TABLE canonical_rules")
    sql("DROP TABLE canonical_rules")


class Clock:
    """The database's clock, standing still until somebody moves it."""

    @property
    def now(self) -> datetime:
        return value("SELECT stands_at FROM stopped.clock")

    def pass_by(self, **time) -> datetime:
        sql("UPDATE stopped.clock SET stands_at = stands_at + %s", timedelta(**time))
        return self.now


@pytest.fixture
def clock(app):
    """now() and clock_timestamp() stand still for the app: edges can be met to the microsecond."""
    sql("""
        CREATE SCHEMA stopped;
        CREATE TABLE stopped.clock (stands_at timestamptz NOT NULL);
        INSERT INTO stopped.clock VALUES (date_trunc('minute', pg_catalog.now()));
        CREATE FUNCTION stopped.now() RETURNS timestamptz STABLE LANGUAGE sql
            AS 'SELECT stands_at FROM stopped.clock';
        CREATE FUNCTION stopped.clock_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
            AS 'SELECT stands_at FROM stopped.clock';
        GRANT USAGE ON SCHEMA stopped TO lead_desk_app;
        GRANT SELECT ON stopped.clock TO lead_desk_app;
    """)
    _search_path("stopped, pg_catalog, public")
    yield Clock()
    _search_path(None)
    sql("DROP SCHEMA stopped CASCADE")


def _search_path(path: str | None) -> None:
    """For every connection from now on."""
    database = value("SELECT current_database()")
    sql(f"ALTER DATABASE {database} " + (f"SET search_path = {path}" if path else "RESET search_path"))
    db.session.rollback()
    db.engine.dispose()
