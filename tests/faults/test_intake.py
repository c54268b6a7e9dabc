"""A server that is killed while portals deliver: nothing that was answered is lost, and nothing is there twice."""

import http.client
import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import make_url

from tests.conftest import application, new_database
from tests.factories import an_agent, sql, tally, value
from tests.portals import ENVIRONMENT, a_phone_of, an_event, deliver
from tests.production import Office, eventually, free_port, started
from tests.races.bursts import broken_rules
from webapp.extensions import db
from webapp.services import enquiries
from webapp.vocabulary import Portal

AT_ONCE = 4
BUSY = (429, 503)


@pytest.fixture
def office(server_url, template, tmp_path) -> Iterator[Office]:
    """The office's database; its server is started and killed by the test."""
    with new_database(server_url, template=make_url(template).database) as url:
        office = Office(free_port(), application(url), tmp_path / "server.log")
        with office.app.app_context():
            yield office
            db.session.remove()
            db.engine.dispose()


class Deliveries:
    """A portal that delivers events, two of each lead, each again and again until it is answered with 2xx."""

    def __init__(self, port: int):
        self.port = port
        self.over = threading.Event()
        self.numbers = iter(range(1_000_000))
        self.lock = threading.Lock()
        self.answered: set[int] = set()

    def work(self) -> None:
        while not self.over.is_set():
            with self.lock:
                number = next(self.numbers)
            lead, nth = divmod(number, 2)
            at, phone = f"2026-03-04T09:{nth:02}:00Z", a_phone_of(f"+97150{2_000_000 + lead}")
            self.insist(number, an_event(number, lead, at=at, contacts=phone))

    def insist(self, number: int, raw: bytes) -> None:
        """Deliver it until it is taken, or until the test is over."""
        while not self.over.is_set():
            try:
                status = deliver(self.port, Portal.PROPERTY_FINDER, raw)
            except (OSError, http.client.HTTPException):
                self.over.wait(0.1)
                continue
            if status == 200:
                self.answered.add(number)
                return
            assert status in BUSY, status
            self.over.wait(0.1)

    def goes_on(self, times: int) -> None:
        enough = len(self.answered) + times
        eventually(lambda: len(self.answered) >= enough, "portals deliver", within=60)


@pytest.mark.row("S9", "D3")
def test_a_server_killed_while_portals_deliver_loses_nothing_and_doubles_nothing(office, full, figure):
    kills = 50 if full else 3
    chance = random.Random(kills)
    for number in range(4):
        an_agent(f"Agent Number{number}")
    portal = Deliveries(office.port)
    with ThreadPoolExecutor(AT_ONCE) as crowd, office.log.open("wb") as log:
        at_work = [crowd.submit(portal.work) for _ in range(AT_ONCE)]
        try:
            for _ in range(kills):
                with started(office, office.database, office.log.parent, log, **ENVIRONMENT) as server:
                    portal.goes_on(chance.randint(1, 12))
                    threading.Event().wait(chance.uniform(0, 0.05))
                    os.killpg(server.pid, signal.SIGKILL)
            with started(office, office.database, office.log.parent, log, **ENVIRONMENT):
                portal.goes_on(4)
                portal.over.set()
        finally:
            portal.over.set()
        for worker in at_work:
            worker.result()

    left = value("SELECT count(*) FROM deliveries WHERE state = 'received'")
    enquiries.take_waiting()
    kept = [int(row.number) for row in sql("SELECT substr(external_id, 5) AS number FROM deliveries")]
    leads = {number // 2 for number in kept}
    lost = portal.answered - {*kept}

    figure("S9", f"deliveries left to the worker at {kills} kills", left)
    figure("S9", f"answered but lost, of {len(portal.answered)} deliveries", len(lost))
    assert lost == set() and len(kept) == len(set(kept))
    assert value("SELECT count(*) FROM deliveries WHERE state <> 'taken' OR enquiry_id IS NULL") == 0
    assert tally("enquiries", "leads", "lead_sources") == dict.fromkeys(
        ("enquiries", "leads", "lead_sources"), len(leads)
    )
    assert value("SELECT count(*) FROM enquiries WHERE state <> 'captured'") == 0
    assert broken_rules() == {}
