"""Periodic work: each job is a few lines that call a service, safe at any time and beside other workers."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.services import scoring, tasks, users


@dataclass(frozen=True)
class Job:
    """What is done, and when (cron, UTC)."""

    work: Callable[[], int]
    cron: str


JOBS = {
    "overdue": Job(tasks.mark_overdue, "* * * * *"),
    "inactivity": Job(scoring.charge_silences, "7 * * * *"),
    "sessions": Job(users.sweep_sessions, "17 * * * *"),
}
