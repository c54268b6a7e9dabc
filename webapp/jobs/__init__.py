"""Periodic work: each job is a few lines that call a service, safe at any time and beside other workers."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from webapp.forms.filters import FilterForm
from webapp.services import assignments, exports, handovers, metrics, scoring, tasks, users


@dataclass(frozen=True)
class Job:
    """What is done, and when (cron, UTC)."""

    work: Callable[[], int]
    cron: str


def make_exports() -> int:
    """Make the files that somebody waits for; the addresses of their lists are read as a page reads them."""

    def read(query: dict):
        asked = FilterForm(MultiDict(query))
        return asked.filters(), asked.order

    return exports.make_waiting(read)


JOBS = {
    "exports": Job(make_exports, "* * * * *"),
    "handovers": Job(handovers.make_waiting, "* * * * *"),
    "overdue": Job(tasks.mark_overdue, "* * * * *"),
    "inactivity": Job(scoring.charge_silences, "7 * * * *"),
    "metrics": Job(metrics.reckon_all, "27 * * * *"),
    "reassign-stale": Job(assignments.reassign_stale, "37 * * * *"),
    "sessions": Job(users.sweep_sessions, "17 * * * *"),
}
