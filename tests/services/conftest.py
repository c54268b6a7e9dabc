"""The cast: who works at this office, and a clock that stands still."""

import pytest

from tests.factories import a_user, an_agent, sql, stopped_clock
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


@pytest.fixture
def clock(app):
    """now() and clock_timestamp() stand still for the app: edges can be met to the microsecond."""
    with stopped_clock() as clock:
        yield clock
