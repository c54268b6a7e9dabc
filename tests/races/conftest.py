"""The office under load: the production server with two processes, its people, and what must hold afterwards."""

import pytest

from tests import production
from tests.conftest import empty
from tests.production import Visitor, eventually, somebody
from tests.races.bursts import broken_rules, deadlocks, left_open, reception
from webapp.extensions import db
from webapp.vocabulary import Role


@pytest.fixture(scope="session")
def office(server_url, template, tmp_path_factory):
    with production.running_office(server_url, template, tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture(autouse=True)
def sound(office):
    """Whatever was raced: no rule is broken, nothing deadlocked, nothing stays open, nothing broke in the log."""
    with office.app.app_context():
        said = office.log.stat().st_size
        yield
        db.session.remove()
        try:
            eventually(lambda: left_open() == 0, "every transaction closed")
            assert broken_rules() == {}
            assert deadlocks() == 0
            assert "Traceback" not in office.log.read_text()[said:]
        finally:
            db.session.remove()
            empty()


@pytest.fixture
def rashid(office) -> Visitor:
    """Reception, signed in."""
    return reception(office)


@pytest.fixture
def mariam(office) -> Visitor:
    """The manager, signed in."""
    return Visitor(office).sign_in(somebody("Mariam Saleh", Role.MANAGER))


@pytest.fixture
def report(figure):
    """The figures that every row of the table reports."""

    def report(row, race):
        for what, number in race.figures().items():
            figure(row, what, number)

    return report
