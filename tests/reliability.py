"""The reliability table: which test proves which row, and the figures that a full run found.

`@pytest.mark.row("C1")` names the rows that a test proves; the `figure` fixture reports what was counted or timed.
With --full the rows that ran are written to bench/results/reliability.json, by server; the others stay as they were.
"""

import json
import os
import platform
from functools import cache
from pathlib import Path

import psycopg
import pytest

FILE = Path(__file__).parents[1] / "bench" / "results" / "reliability.json"
COMMAND = "python3 run.py test --full"


def pytest_configure(config):
    config.addinivalue_line("markers", "row(*ids): the rows of the reliability table that this test proves")
    if not hasattr(config, "workerinput") and config.getoption("full"):
        config.pluginmanager.register(Table(), "reliability-table")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    rows = sorted({row for mark in item.iter_markers("row") for row in mark.args})
    if rows and call.when == "call":
        item.user_properties += [("rows", rows), ("server", version(item.funcargs.get("server_url")))]
    return (yield)


@cache
def version(url: str | None) -> str:
    """What a row was proved on."""
    if url is None:
        return "any server"
    with psycopg.connect(url.replace("+psycopg", "", 1)) as server:
        return f"PostgreSQL {server.info.server_version // 10_000}"


@pytest.fixture
def figure(request, record_property):
    """Report a figure of a row: `figure("C1", "leads made of 500 captures", 1)`. Times are in seconds."""
    proved = {row for mark in request.node.iter_markers("row") for row in mark.args}

    def report(row: str, what: str, value: int | float) -> None:
        assert row in proved, f"This test does not say that it proves row {row}."
        record_property("figure", [row, what, round(value, 4)])

    return report


class Table:
    """Gathers the reports of all processes where the run is controlled."""

    def __init__(self):
        self.servers: dict[str, dict[str, dict]] = {}

    def pytest_runtest_logreport(self, report):
        said = dict(report.user_properties)
        if report.when != "call" or "rows" not in said:
            return
        rows = self.servers.setdefault(said["server"], {})
        for row in said["rows"]:
            found = rows.setdefault(row, {"passed": 0, "failed": 0, "figures": {}})
            found["failed" if report.failed else "passed"] += 1
        for name, value in report.user_properties:
            if name == "figure":
                row, what, number = value
                rows[row]["figures"][what] = number

    def pytest_sessionfinish(self):
        kept = json.loads(FILE.read_text()) if FILE.exists() else {}
        for server, rows in self.servers.items():
            machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
            rows = kept.get(server, {}).get("rows", {}) | rows
            kept[server] = {"command": COMMAND, "machine": machine, "rows": dict(sorted(rows.items()))}
        if kept:
            FILE.write_text(json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False) + "\n")
