"""The bar of the bell: what 500 open pages cost that ask for news every few seconds.

The pages ask at the moments at which browsers would, spread evenly; then as fast as the server answers. CPU is what
the processes of the server and of PostgreSQL use, beyond what they use at rest.
"""

import http.client
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import local

from flask import current_app
from sqlalchemy import text

from bench.memory import family
from config import ROOT
from tests.production import HOST, PASSWORD_HASH, Office, Visitor, free_port, started
from webapp.extensions import db
from webapp.services.access import Actor
from webapp.vocabulary import Role

PAGES, PEOPLE = 500, 50
SECONDS, WARM_UP, CLIENTS = 30, 5, 24
BARS = {
    "CPU of one core": f"at most 0.75 for {PAGES} open pages, the database included",
    "p95 ms": "at most 100 while they ask",
    "at most requests/s": "at least 1.5 times what they ask for",
}
INTERVAL = re.compile(r'id="bell"[^>]*every (\d+)s')
PEOPLE_WITH_NOTICES = text("""
    WITH people AS (
        INSERT INTO users (name, role, email, password_hash)
        SELECT 'Manager ' || n, 'manager', 'bell-' || n || '@office.example', :hash
        FROM generate_series(1, :people) n
        RETURNING user_id, name, role, email, agent_id),
    told AS (
        INSERT INTO notices (user_id, kind, read_at)
        SELECT user_id, 'portal_quiet', CASE WHEN n > 5 THEN now() END FROM people, generate_series(1, 200) n)
    SELECT * FROM people
""")
SERVER_PIDS = text("SELECT pg_backend_pid()")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Took:
    """The answers of some seconds: how many a second, how long each took, and the CPU that went into them."""

    rate: float
    p95: float
    cores: float


def measure() -> dict:
    """Ask as the open pages do, then as fast as it goes."""
    interval = int(INTERVAL.search((ROOT / "templates/notifications/_bell.html").read_text())[1])  # type: ignore[index]
    asked, load = PAGES / interval, os.getloadavg()[0]
    with served() as (polls, pids):
        at_rest = resting(pids)
        asking(polls, SECONDS // 6, asked, pids)  # warm
        paced = asking(polls, SECONDS, asked, pids)
        flat_out = asking(polls, SECONDS, None, pids)
    cores = max(0.0, paced.cores - at_rest)
    return {
        "load of the machine before": round(load, 1),
        "pages": PAGES,
        "every s": interval,
        "people": PEOPLE,
        "asked requests/s": round(asked),
        "answered requests/s": round(paced.rate, 1),
        "p95 ms": round(paced.p95, 1),
        "CPU of one core": round(cores, 2),
        "CPU ms a request": round(1000 * cores / paced.rate, 2),
        "at most requests/s": round(flat_out.rate),
        "open pages at most": round(flat_out.rate * interval),
        "p95 ms at most": round(flat_out.p95, 1),
    }


def asking(polls: list, seconds: int, rate: float | None, pids: list[int]) -> Took:
    """The bell, from many browsers in turn: so many times a second, or as often as it is answered (None)."""
    kept, turn, taken = local(), count(), []
    began, used = time.monotonic(), ticks(pids)
    total = int(rate * seconds) if rate else None

    def browser(_number) -> None:
        while (nth := next(turn)) is not None:
            if (total is not None and nth >= total) or time.monotonic() > began + 2 * seconds:
                return
            if rate is None and time.monotonic() > began + seconds:
                return
            due = began + nth / rate if rate else time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))
            answered(kept, *polls[nth % len(polls)])
            taken.append(time.monotonic() - due)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(browser, range(CLIENTS)))
    lasted = time.monotonic() - began
    return Took(len(taken) / lasted, 1000 * quantiles(taken, n=20)[-1], (ticks(pids) - used) / TICKS / lasted)


def answered(kept: local, port: int, path: str, headers: dict[str, str]) -> None:
    """One poll on a line that stays open, as a browser's does."""
    line = kept.__dict__.setdefault("line", http.client.HTTPConnection(HOST, port, timeout=30))
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    answer.read()
    assert answer.status == 204, answer.status


def resting(pids: list[int]) -> float:
    """The cores that the same processes use while nobody asks."""
    began, used = time.monotonic(), ticks(pids)
    time.sleep(WARM_UP)
    return (ticks(pids) - used) / TICKS / (time.monotonic() - began)


def ticks(pids: list[int]) -> int:
    """The CPU time of these processes and of all that they started so far."""
    return sum(_ticks(one) for pid in pids for one in family(pid))


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    # Its own, in the kernel too, and that of children that have ended: proc(5).
    return sum(map(int, fields[11:15]))


@contextmanager
def served() -> Iterator[tuple[list, list[int]]]:
    """The production server, what each open page asks it, and the processes that it takes."""
    found = db.session.execute(PEOPLE_WITH_NOTICES, {"hash": PASSWORD_HASH, "people": PEOPLE}).all()
    db.session.commit()
    backend = db.session.scalar(SERVER_PIDS)
    db.session.rollback()
    with TemporaryDirectory() as folder:
        office = Office(free_port(), current_app, Path(folder) / "ours.log")
        with office.log.open("wb") as log, started(office, office.database, Path(folder), log) as server:
            asked = [poll_of(office, Actor(one.user_id, one.name, Role(one.role), email=one.email)) for one in found]
            yield [asked[nth % len(asked)] for nth in range(PAGES)], [server.pid, parent(backend)]


def poll_of(office: Office, who: Actor) -> tuple[int, str, dict[str, str]]:
    """What the page of somebody who is signed in asks again and again."""
    visitor = Visitor(office).sign_in(who)
    bell = visitor.get("/notices").soup.find(id="bell")
    assert bell, "no bell on the page"
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    return office.port, str(bell["hx-get"]), {"Cookie": cookies, "HX-Request": "true", "HX-Target": "bell"}


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
