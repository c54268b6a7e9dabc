"""The cast with their passwords, a browser, and the state of the whole database."""

from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher

from tests.factories import a_lead, a_user, an_agent, prompt, sql, value
from tests.web.browser import PASSWORD, Browser
from tests.web.office import TABLES, Caller, Office
from tests.web.places import Desk, furnished
from webapp.models import Lead
from webapp.services.access import Actor
from webapp.vocabulary import Role

# The real verifier at its smallest cost: the tests sign in often, and hashing is not what they look at.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def browser(app) -> Browser:
    """Nobody is signed in yet."""
    return Browser(app)


@pytest.fixture
def another(app) -> Callable[[Actor], Browser]:
    """A further browser with somebody signed in."""
    return lambda who: Browser(app).sign_in(who)


def may_sign_in(who: Actor) -> Actor:
    """The actor, now with a password."""
    sql("UPDATE users SET password_hash = %s WHERE user_id = %s", PASSWORD_HASH, who.user_id)
    return who


@pytest.fixture
def aisha(app) -> Actor:
    """An agent on duty."""
    return may_sign_in(an_agent("Aisha Rahman"))


@pytest.fixture
def yousef(app) -> Actor:
    """Another agent, off duty: nothing comes to him by itself."""
    return may_sign_in(an_agent("Yousef Haddad", on_duty=False))


@pytest.fixture
def mariam(app) -> Actor:
    """The manager."""
    return may_sign_in(a_user("Mariam Saleh", Role.MANAGER))


@pytest.fixture
def rashid(app) -> Actor:
    """Reception."""
    return may_sign_in(a_user("Rashid Khan", Role.RECEPTIONIST))


@pytest.fixture
def omar(app) -> Actor:
    """The admin."""
    return may_sign_in(a_user("Omar Nasser", Role.ADMIN))


@pytest.fixture
def lead(aisha) -> Lead:
    """A lead of Aisha's from the website."""
    return a_lead("+971501234567", first_name="Layla", last_name="Haddad")


@pytest.fixture
def office(app) -> Iterator[Office]:
    """One row of everything, for everybody."""
    with prompt() as held:
        yield Office(app, held, may_sign_in)


@pytest.fixture
def rooms(app) -> Iterator[Office]:
    """The same with everything in it that pages show, in every state (tests/web/places.py)."""
    with furnished(app, may_sign_in) as rooms:
        yield rooms


@pytest.fixture
def desk(rooms, full) -> Desk:
    """Every form on every page."""
    return Desk(rooms, full=full)


@pytest.fixture
def caller(app, office) -> Callable[[str], Caller]:
    """The open session of one of the ACTORS of tests/web/office.py."""
    return office.caller


@pytest.fixture
def everything(app) -> Callable[[], str]:
    """A fingerprint of all rows but the audit's and the rate counters', whenever somebody was last seen."""
    tables = [row.tablename for row in sql(TABLES)]
    parts = " UNION ALL ".join(
        f"SELECT '{table} ' || coalesce(md5(string_agg(t, '|' ORDER BY t)), '-')"
        f" FROM (SELECT (to_jsonb(t) - 'last_seen_at')::text AS t FROM {table} t) rows"
        for table in tables
    )
    return lambda: value(f"SELECT string_agg(line, ' / ' ORDER BY line) FROM ({parts}) AS all_of_it (line)")


@pytest.fixture
def stored():
    """Where a text is stored, of all columns of all tables: [(table, column), ...]."""
    columns = sql("""
        SELECT table_name, column_name, udt_name FROM information_schema.columns
        WHERE table_schema = 'public' AND udt_name IN ('text', 'varchar', '_text', '_varchar')""")
    parts = [
        f"SELECT '{c.table_name}' AS place, '{c.column_name}' AS name FROM {c.table_name} WHERE "
        + (f"%(text)s = ANY({c.column_name})" if c.udt_name.startswith("_") else f"{c.column_name} = %(text)s")
        for c in columns
    ]
    with prompt() as held:
        yield lambda text: [tuple(row) for row in held.execute(" UNION ".join(parts), {"text": text})]


@pytest.fixture
def unchanged(everything):
    """Whatever this test does, no row may change: the state is compared from `unchanged.now()` on."""
    return Unchanged(everything)


class Unchanged:
    """The state at one moment, and whether it still is."""

    def __init__(self, everything):
        self.everything, self.before = everything, everything()

    def from_now(self) -> None:
        self.before = self.everything()

    def __bool__(self) -> bool:
        return not self.tables()

    def __repr__(self) -> str:
        return f"changed since: {self.tables()}"

    def tables(self) -> list[str]:
        """The tables in which a row is another, more or gone."""
        was = self.before.split(" / ")
        return [part.split()[0] for part in self.everything().split(" / ") if part not in was]
