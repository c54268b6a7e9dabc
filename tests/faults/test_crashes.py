"""A database that is restarted, stopped or killed under load: nobody is lied to, and nothing that was said is lost."""

import os
import random
import shutil
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic

import flask_migrate
import pytest

from tests.conftest import application, empty
from tests.factories import a_phone, an_agent, sql, tally, value
from tests.faults.conftest import process, served
from tests.production import Answer, Form, Visitor, eventually, somebody
from tests.races.bursts import broken_rules
from webapp.database import binaries, embedded
from webapp.extensions import db
from webapp.vocabulary import Role

AT_ONCE = 4
# Each lead has one of each, or it is half a lead.
WHOLE = ("lead_sources", "enquiries", "lead_assignments", "assignment_history", "follow_up_tasks")
MARKS = "SELECT message AS mark FROM enquiries UNION ALL SELECT notes FROM lead_activities"


@pytest.fixture(scope="module")
def server(server_url) -> Iterator[embedded.Server]:
    """A durable server of our own, for killing. It has the version of the tests' own."""
    roomy = Path(tempfile.gettempdir())
    if not binaries.reachable(roomy, binaries.account_for(roomy)):
        roomy = binaries.SHARED
    server = embedded.Server(Path(tempfile.mkdtemp(prefix="lead-desk-fault-", dir=roomy)))
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(server.directory, ignore_errors=True)


@pytest.fixture(scope="module")
def running(server, tmp_path_factory):
    """The office on it, and the server's process."""
    server.ensure_database("desk")
    url = server.url("desk")
    with application(url).app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    with served(url, tmp_path_factory.mktemp("mortal")) as (office, process):
        yield office, process


@pytest.fixture
def office(running):
    """The office, whose rules hold afterwards; its processes are the same, and nothing broke in its log."""
    office, process = running
    with office.app.app_context():
        workers, said = children(process.pid), office.log.stat().st_size
        yield office
        db.session.remove()
        assert broken_rules() == {}
        assert process.poll() is None and children(process.pid) == workers
        assert "Traceback" not in office.log.read_text()[said:]
        empty()


@pytest.fixture
def mariam(office) -> Visitor:
    """The manager, signed in."""
    return Visitor(office).sign_in(somebody("Mariam Saleh", Role.MANAGER))


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_away(answer: Answer) -> bool:
    """Whether this is the page of a database that is away; any other error is none."""
    if answer.status == 200:
        return False
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "The database cannot be reached right now" in answer.text
    assert "Traceback" not in answer.text and "psycopg" not in answer.text
    return True


@pytest.mark.row("D1")
def test_a_restart_between_two_requests_is_not_noticed(server, mariam, figure):
    pages = 16
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        assert {answer.status for answer in crowd.map(mariam.get, ["/leads?all=1"] * pages)} == {200}
        server.stop("fast")
        server.start()
        began = monotonic()
        statuses = Counter(answer.status for answer in crowd.map(mariam.get, ["/leads?all=1"] * pages))
        figure("D1", f"{pages} pages after the restart took", monotonic() - began)

    assert statuses == {200: pages}
    figure("D1", f"errors in {pages} pages after the restart", pages - statuses[200])


@pytest.mark.row("D4")
def test_a_stopped_database_is_said_in_words_and_the_process_is_alive(server, mariam, figure):
    form = mariam.get("/leads/new").form("/leads").with_(phone=a_phone(), source_type="website")
    server.stop("fast")
    live, ready, answer, sent = (
        mariam.get("/livez"),
        mariam.get("/readyz"),
        mariam.get("/leads?all=1"),
        mariam.send(form),
    )

    assert (live.status, ready.status) == (200, 503)
    assert is_away(answer) and is_away(sent)
    figure("D4", "page while the database is stopped", max(answer.took, sent.took))
    server.start()
    assert mariam.send(sent.form("/leads")).status == 303
    assert tally("leads", "submissions") == {"leads": 1, "submissions": 1}


@pytest.mark.row("D1")
def test_the_worker_outlives_a_restart(server, office):
    registered = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
    with process(office, "flask", "--app", "wsgi", "jobs", "worker") as worker:
        eventually(lambda: value(registered) == 1, "the worker is at work", within=30)
        server.stop("fast")
        eventually(
            lambda: "tries again" in office.log.with_name("process.log").read_text(), "it has noticed", within=30
        )
        server.start()
        sql("DELETE FROM procrastinate_workers")
        eventually(lambda: value(registered) == 1, "the worker is at work again", within=30)
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


class Load:
    """People who capture leads and log activities until it is over, and what they were told."""

    def __init__(self):
        self.over = threading.Event()
        self.sent: set[str] = set()
        self.kept: set[str] = set()
        self.statuses: Counter[int] = Counter()

    def work(self, who: Visitor, number: int) -> None:
        """A lead and an activity of it, again and again, each with a mark of its own."""
        for turn in count():
            mark = f"{number}.{turn}"
            if not (page := self.answer(lambda: who.get("/leads/new"))):
                return
            capture = page.form("/leads").with_(phone=a_phone(), source_type="website", message=f"lead {mark}")
            if not (lead := self.send(who, capture, f"lead {mark}")):
                return
            if not (page := self.answer(partial(who.get, lead))):
                return
            activity = page.form(f"{lead}/activities").with_(type="call", notes=f"activity {mark}")
            self.send(who, activity, f"activity {mark}")

    def goes_on(self, times: int) -> None:
        """Wait until so many more were kept."""
        enough = len(self.kept) + times
        eventually(lambda: len(self.kept) >= enough, "work goes on", within=60)

    def send(self, who: Visitor, form: Form, mark: str) -> str | None:
        """Where the form led to. It is sent again for as long as the office asks for that."""
        self.sent.add(mark)
        answer = self.answer(partial(who.send, form))
        if answer is None:
            return None
        assert answer.status == 303, answer.words
        self.kept.add(mark)
        return answer.location

    def answer(self, ask: Callable[[], Answer]) -> Answer | None:
        """The first answer that is not "try again"; None when it is over."""
        while not self.over.is_set():
            answer = ask()
            self.statuses[answer.status] += 1
            if answer.status != 503:
                return answer
            assert int(answer.headers["Retry-After"]) > 0
            self.over.wait(0.2)
        return None


@pytest.mark.row("D3")
def test_a_database_killed_under_load_has_lost_nothing_that_was_acknowledged(server, office, mariam, full, figure):
    kills = 20 if full else 3
    chance = random.Random(kills)
    for number in range(10):
        an_agent(f"Agent Number{number}")
    load, down, up = Load(), [], []
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        at_work = [crowd.submit(load.work, replace(mariam), number) for number in range(AT_ONCE)]
        try:
            for _ in range(kills):
                load.goes_on(chance.randint(4, 16))
                os.kill(server.pid(), signal.SIGKILL)
                down.append(
                    eventually(lambda: (page := mariam.get("/leads?all=1")) and is_away(page) and page, "words")
                )
                assert mariam.get("/livez").status == 200
                server.start()
                began = monotonic()
                eventually(lambda: mariam.get("/leads?all=1").status == 200, "pages again", within=60)
                up.append(monotonic() - began)
            load.goes_on(8)
        finally:
            load.over.set()
        for worker in at_work:
            worker.result()

    marks = Counter(row.mark for row in sql(MARKS))
    lost = load.kept - {*marks}
    twice = {mark for mark, times in marks.items() if times > 1}
    assert (lost, twice, {*marks} - load.sent) == (set(), set(), set())
    assert {*load.statuses} <= {200, 303, 503}
    captured = value("SELECT count(*) FROM leads")
    assert tally(*WHOLE) == dict.fromkeys(WHOLE, captured)
    figure("D3", f"acknowledged but lost, of {len(load.kept)} at {kills} kills", len(lost))
    figure("D3", "first page after the database is up, longest", max(up))
    figure("D3", "page while it is down, longest", max(page.took for page in down))
