"""Periodic work: each job is a few lines that call a service, safe at any time and beside other workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from werkzeug.datastructures import MultiDict

from webapp.forms.filters import FilterForm
from webapp.forms.imports import read_row
from webapp.mail import letters
from webapp.mail.sending import Postman
from webapp.models.jobs import ATTEMPTS
from webapp.services import (
    api_keys,
    assignments,
    enquiries,
    exports,
    handovers,
    imports,
    jobs,
    metrics,
    notifications,
    privacy,
    pulls,
    scoring,
    submissions,
    tasks,
    users,
)
from webapp.stopping import Tally
from webapp.vocabulary import JobName


@dataclass(frozen=True)
class Job:
    """What is done, and when (cron, UTC)."""

    work: Callable[[], Tally]
    cron: str


def make_exports() -> Tally:
    """Make the files that somebody waits for; the addresses of their lists are read as a page reads them."""

    def read(query: dict):
        asked = FilterForm(MultiDict(query))
        return asked.filters(), asked.order

    return exports.make_waiting(read)


def make_imports() -> Tally:
    """Read, import and undo the files that are too long to wait for."""
    return imports.make_waiting(read_row)


def send_mails() -> Tally:
    """Send the notices that people want by e-mail, where the office has a mail server."""
    server = current_app.config["MAIL"]
    if server is None:
        return notifications.mail_waiting(None)
    with Postman(server) as postman:
        return notifications.mail_waiting(lambda letter: postman.deliver(letters.written(letter, server)))


def clear_away() -> Tally:
    """Forget what is over: sessions, counters, forms, answers, turns of jobs, files, and rows that make one number."""
    forgotten = users.sweep_sessions() + submissions.forget() + api_keys.forget() + jobs.forget() + imports.forget()
    forgotten += notifications.forget_mails()
    return Tally(forgotten + privacy.forget() + metrics.add_up_days())


JOBS = {
    "exports": Job(make_exports, "* * * * *"),
    "intake": Job(enquiries.take_waiting, "* * * * *"),
    "handovers": Job(handovers.make_waiting, "* * * * *"),
    "imports": Job(make_imports, "* * * * *"),
    "pulls": Job(pulls.fetch_all, "*/5 * * * *"),
    "overdue": Job(tasks.mark_overdue, "* * * * *"),
    "rescore": Job(scoring.rescore_waiting, "* * * * *"),
    "mails": Job(send_mails, "* * * * *"),
    "inactivity": Job(scoring.charge_silences, "7 * * * *"),
    "metrics": Job(metrics.reckon_all, "27 * * * *"),
    "reassign-stale": Job(assignments.reassign_stale, "37 * * * *"),
    "retention": Job(privacy.anonymise_old, "47 * * * *"),
    "clean-up": Job(clear_away, "17 * * * *"),
}


def take_turn(name: str, *, due: datetime, attempt: int = ATTEMPTS) -> Tally | None:
    """Do the job as its turn of this moment, on record; None where that turn is somebody else's or done."""
    with jobs.turn(JobName(name), due=due, attempt=attempt) as turn:
        if turn is None:
            return None
        turn.tally = JOBS[name].work()
        return turn.tally
