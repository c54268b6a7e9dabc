"""A worker that is killed while it reads a portal: the next reading brings what is missing, and nothing twice."""

import signal
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import make_url

from tests.conftest import application, new_database
from tests.factories import an_agent, now, tally, value
from tests.faults.conftest import process
from tests.production import Office, eventually, free_port
from tests.races.bursts import broken_rules
from tests.services.test_pulls import some_leads
from tests.vendors import API_SECRET, KEY, vendor
from webapp.extensions import db
from webapp.services import enquiries

COMMAND = ("flask", "--app", "wsgi", "jobs", "run", "pulls")
PAGES = 3


@pytest.fixture
def office(server_url, template, tmp_path, monkeypatch):
    """An office whose agents hold few leads, and which nobody serves."""
    with new_database(server_url, template=make_url(template).database) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        office = Office(free_port(), application(url), tmp_path / "server.log")
        with office.app.app_context():
            for number in range(4):
                an_agent(f"Agent Number{number}")
            yield office
            db.session.remove()
            db.engine.dispose()


class Held:
    """A portal that keeps back one page until the worker that asked for it is dead."""

    def __init__(self, page: str):
        self.page, self.asked, self.over = page, threading.Event(), threading.Event()

    def __call__(self, path: str, query: dict) -> None:
        if query.get("page") == self.page:
            self.asked.set()
            self.over.wait(60)


def killed(office: Office, when: Callable[[], bool]) -> None:
    """A worker that reads the portal is killed at this moment."""
    with process(office, *COMMAND) as worker:
        eventually(when, "the worker has come so far")
        worker.send_signal(signal.SIGKILL)
        worker.wait()


@pytest.mark.row("P4", "D3")
def test_a_worker_killed_between_two_pages_or_within_one_loses_nothing_and_doubles_nothing(office, monkeypatch, figure):
    with vendor() as host:
        monkeypatch.setenv("PROPERTY_FINDER_URL", host.url)
        monkeypatch.setenv("PROPERTY_FINDER_API_KEY", KEY)
        monkeypatch.setenv("PROPERTY_FINDER_API_SECRET", API_SECRET)
        host.leads = some_leads(PAGES * 50)
        for page in range(1, PAGES + 1):
            held = host.fault = Held(str(page))
            killed(office, held.asked.is_set)
            held.over.set()
            assert tally("deliveries", "leads") == dict.fromkeys(("deliveries", "leads"), (page - 1) * 50)
            assert value("SELECT cursors FROM pulls WHERE source = 'propertyFinder'") == {}

        host.fault = lambda path, query: None
        killed(office, lambda: value("SELECT count(*) FROM leads") > (PAGES - 1) * 50 + 5)
        began = now()
        with process(office, *COMMAND) as worker:
            assert worker.wait(120) == 0
        enquiries.take_waiting()  # the worker's next minute

    everything = dict.fromkeys(("deliveries", "enquiries", "leads"), PAGES * 50)
    figure("P4", "workers killed while they read a portal", PAGES + 1)
    figure("P4", "leads lost or doubled by it", abs(tally("leads")["leads"] - PAGES * 50))
    assert tally(*everything) == everything
    assert value("SELECT read_at > %s FROM pulls WHERE source = 'propertyFinder'", began)
    assert broken_rules() == {}
