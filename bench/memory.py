"""The bar of the memory: two workers at rest hold at most 1.5 times what the bare app holds on the same server."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import ROOT
from tests.production import HOST, free_port
from webapp import launch

REQUESTS = 40
BARS = {"times": f"at most 1.5 times the bare app; MB are the sum of PSS of all processes after {REQUESTS} requests"}


def measure() -> dict:
    """What the bare app and ours hold with two workers each, one after the other on the same server."""
    bare, ours = at_rest("bench.bare:app", "/livez"), at_rest("wsgi:app", "/login")
    return {"bare MB": round(bare, 1), "lead desk MB": round(ours, 1), "times": round(ours / bare, 2)}


def at_rest(app: str, path: str) -> float:
    with serving(app) as (port, server):
        for _request in range(REQUESTS):
            line = http.client.HTTPConnection(HOST, port, timeout=30)
            line.request("GET", path)
            assert line.getresponse().status == 200
            line.close()
        return sum(map(pss, family(server.pid)))


@contextmanager
def serving(app: str) -> Iterator[tuple[int, subprocess.Popen]]:
    port = free_port()
    *words, _ours = launch.server_words(HOST, port)
    server = subprocess.Popen([*words, app], cwd=ROOT, env=os.environ | {"WORKERS": "2"}, start_new_session=True)
    try:
        launch.wait_until_it_answers(HOST, port, {app: server})
        yield port, server
    finally:
        launch.end({app: server})


def family(pid: int) -> Iterator[int]:
    """The process and all that it started."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from family(int(child))


def pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
