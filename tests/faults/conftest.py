"""The office on a network and a database that can be broken, and what must hold however they were."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from argon2 import PasswordHasher
from sqlalchemy import make_url

from config import ROOT
from tests.conftest import application, empty, new_database
from tests.factories import a_user, an_agent
from tests.faults.network import HOST, Network
from tests.production import Office, Visitor, eventually, free_port, somebody, started
from tests.races.bursts import broken_rules, left_open
from tests.web.browser import PASSWORD, Browser
from webapp import launch
from webapp.extensions import db
from webapp.vocabulary import Role

SLOWLY = """
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_sleep({seconds}); RETURN new; END $$;
    CREATE TRIGGER slowly BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slowly()
"""


@contextmanager
def served(url: str, folder: Path, **more: str) -> Iterator[tuple[Office, Popen]]:
    """The production server on this database, and its process; `more` is for its environment alone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url)
        office = Office(free_port(), application(url), folder / "server.log")
        with office.log.open("wb") as log, started(office, url, folder, log, **more) as process:
            yield office, process
        with office.app.app_context():
            db.engine.dispose()


@contextmanager
def process(office: Office, *words: str) -> Iterator[Popen]:
    """A command of ours on the office's database, which is ended if the test does not end it."""
    settings = {"SECRET_KEY": secrets.token_hex(32), "HOST": HOST, "PORT": str(office.port)}
    left_out = {"BASE_URL", "TRUSTED_HOSTS", "WORKERS", "FLASK_DEBUG"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | settings
    with office.log.with_name("process.log").open("wb") as log:
        running = Popen([sys.executable, "-m", *words], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield running
        finally:
            launch.end({"It": running})


@pytest.fixture
def unserved(server_url, template, tmp_path, monkeypatch) -> Iterator[Office]:
    """An office of the test's own, with one agent, that nobody serves yet."""
    with new_database(server_url, template=make_url(template).database) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        office = Office(free_port(), application(url), tmp_path / "server.log")
        with office.app.app_context():
            an_agent("Aisha Khan")
            yield office
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def network(server_url) -> Iterator[Network]:
    """What lies between the office and its database."""
    with Network.before(server_url) as network:
        yield network


@pytest.fixture(scope="session")
def far_office(network, server_url, template, tmp_path_factory) -> Iterator[Office]:
    """The office on the tests' own server, at the other end of the network."""
    folder = tmp_path_factory.mktemp("far")
    with (
        new_database(server_url, template=make_url(template).database) as url,
        served(url, folder, DATABASE_URL=network.leading_to(url)) as (office, _),
    ):
        yield office


@pytest.fixture
def office(far_office) -> Iterator[Office]:
    """The far office, whose rules hold afterwards; nothing stays open, and nothing broke in the log."""
    with far_office.app.app_context():
        said = far_office.log.stat().st_size
        yield far_office
        db.session.remove()
        try:
            eventually(lambda: left_open() == 0, "every transaction closed", within=20)
            assert broken_rules() == {}
            assert "Traceback" not in far_office.log.read_text()[said:]
        finally:
            db.session.remove()
            empty()


@pytest.fixture
def mariam(office) -> Visitor:
    """The manager, signed in."""
    return Visitor(office).sign_in(somebody("Mariam Saleh", Role.MANAGER))


@pytest.fixture
def browser(app) -> Browser:
    """The manager, signed in at a browser in the tests' own process."""
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    return Browser(app).sign_in(a_user("Mariam Saleh", Role.MANAGER, password_hash=hashed))
