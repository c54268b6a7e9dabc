"""How the agents do and what they hold: reports 4, 10 and 11 of R12."""

from flask_babel import lazy_gettext as _

from webapp.services.reports import words
from webapp.services.reports.columns import (
    ANSWERED,
    BY_STATUS,
    CONVERSIONS,
    CONVERTED,
    LEADS,
    MEAN_ANSWER,
    MEAN_DEAL,
    MEDIAN_ANSWER,
    NOW_ACTIVE,
    RATE,
    ROOM,
    folded,
    place,
)
from webapp.services.reports.dimensions import Agents
from webapp.services.reports.report import AGENT, LEAST, PERIOD, SOURCE, TYPE, Report
from webapp.services.reports.table import Table

AGENT_RANKINGS = Report(
    "agent-rankings",
    _("Agent rankings"),
    _("Who converts most, closes the largest deals and answers first?"),
    (
        words.CAME_IN,
        words.OWNER,
        words.COHORT,
        _("Deals and their mean value are of the deals made in the period, whenever the lead came in."),
        words.ANSWER,
        _("Places are by rate, by mean deal and by median answer; equals share a place."),
    ),
    (
        Table(
            _("By agent"),
            Agents(nobody=False),
            (
                LEADS,
                folded(CONVERTED),
                RATE,
                place(_("Place by rate"), "rate"),
                folded(CONVERSIONS),
                folded(MEAN_DEAL),
                place(_("Place by deal"), "deal"),
                folded(ANSWERED),
                MEDIAN_ANSWER,
                folded(MEAN_ANSWER),
                place(_("Place by answer"), "median", largest_first=False),
            ),
            chart="rate",
            first="rate",
            has_total=False,
        ),
    ),
    filters=(PERIOD, SOURCE, TYPE),
)

WORKLOAD_DISTRIBUTION = Report(
    "workload-distribution",
    _("Workload distribution"),
    _("How are the active leads spread over the agents?"),
    (words.NOW, _("Active are the leads that are neither converted nor lost. Agents without any are shown too.")),
    (Table(_("By agent"), Agents(all_of_them=True), (NOW_ACTIVE, *BY_STATUS), chart="active", first="active"),),
    filters=(SOURCE, AGENT, TYPE),
)

APPROACHING_CAPACITY = Report(
    "approaching-capacity",
    _("Agents near capacity"),
    _("Who is about to reach the limit of 50 active leads?"),
    (
        words.NOW,
        _("An agent holds at most 50 active leads. Shown are those who hold at least so many as is asked for."),
    ),
    (
        Table(
            _("By agent"),
            Agents(nobody=False),
            (NOW_ACTIVE, ROOM),
            chart="active",
            first="active",
            keeps=lambda numbers, scope: numbers["active"] >= scope.at_least,
            has_total=False,
        ),
    ),
    filters=(LEAST,),
)
