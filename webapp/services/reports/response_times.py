"""How long people wait for the first answer: in all, and how much of it was working time."""

from flask_babel import lazy_gettext as _

from webapp.services.reports import words
from webapp.services.reports.bases import WAITS
from webapp.services.reports.columns import (
    ANSWERED,
    COVERAGE,
    LEADS,
    MEAN_ANSWER,
    MEDIAN_ANSWER,
    OF_LEADS,
    SLOWEST_ANSWER,
    SLOWEST_WORKED,
    WORKED,
    folded,
    of,
)
from webapp.services.reports.dimensions import Agents, Answers, Sources
from webapp.services.reports.report import Report
from webapp.services.reports.table import Table

_WAITED = (
    LEADS,
    *of(WAITS, folded(ANSWERED)),
    COVERAGE,
    *of(WAITS, folded(MEDIAN_ANSWER), folded(SLOWEST_ANSWER), folded(MEAN_ANSWER)),
    WORKED,
    folded(SLOWEST_WORKED),
)

RESPONSE_TIMES = Report(
    "response-times",
    _("Response times"),
    _("How long do people wait for an answer, and how much of it while the office was open?"),
    (
        words.CAME_IN,
        words.OWNER,
        words.FIRST_ANSWER,
        _("Notes, follow-ups, moves to another status and automatic messages are no answer."),
        _(
            "Working hours are those that the office has set, with its holidays and Ramadan, also for the time before"
            " they were set. Whoever writes at night and is answered when the office opens has waited no working time."
        ),
        _("Times are of the answered leads: read them with the share that was answered at all."),
    ),
    (
        Table(_("By first answer"), Answers(), (LEADS, OF_LEADS), chart="leads"),
        Table(_("By source"), Sources(), _WAITED, chart="worked", first="leads"),
        Table(_("By agent"), Agents(), _WAITED, chart="worked", first="leads"),
    ),
)
