"""What becomes of leads: reports 1, 2, 6, 7, 12 and 13 of R12."""

from flask_babel import lazy_gettext as _

from webapp.services.reports import words
from webapp.services.reports.bases import HIGH_SCORES, LOW_SCORES
from webapp.services.reports.columns import (
    CONVERSIONS,
    CONVERTED,
    HIGH,
    LEADS,
    LONGEST,
    LOST,
    MEAN_TIME,
    MEDIAN_TIME,
    OF_LEADS,
    RATE,
    SCORE,
    SHORTEST,
    STILL_ACTIVE,
    UNCONVERTED,
    UNCONVERTED_SHARE,
    VALUE,
    folded,
    of,
)
from webapp.services.reports.dimensions import Agents, Answers, Fits, Sources, Statuses, Types
from webapp.services.reports.report import Report
from webapp.services.reports.table import Table

_STANDING = (LEADS, folded(STILL_ACTIVE), folded(LOST), CONVERTED, RATE)
_HIGH = (HIGH, *of(HIGH_SCORES, folded(STILL_ACTIVE), folded(LOST)), UNCONVERTED, UNCONVERTED_SHARE)

CONVERSION_RATES = Report(
    "conversion-rates",
    _("Conversion rates"),
    _("Which sources and which agents turn leads into deals?"),
    (words.CAME_IN, words.COHORT, words.OWNER),
    (
        Table(_("By source"), Sources(), _STANDING, chart="rate", first="leads"),
        Table(_("By agent"), Agents(), _STANDING, chart="rate", first="leads"),
    ),
)

AVG_CONVERSION_TIME = Report(
    "avg-conversion-time",
    _("Time to conversion"),
    _("How long does it take from the enquiry to the deal, for each type of property?"),
    (
        words.MADE,
        _("The time runs from when the lead came in to when it was converted."),
        _("A few very long cases pull the mean up, so read the median."),
    ),
    (
        Table(
            _("By property type"),
            Types(),
            (CONVERSIONS, MEDIAN_TIME, MEAN_TIME, folded(SHORTEST), folded(LONGEST)),
            chart="median",
        ),
    ),
)

HIGH_SCORE_NOT_CONVERTED = Report(
    "high-score-not-converted",
    _("High scores that did not convert"),
    _("Where do leads with a score over 80 stay without a deal?"),
    (
        words.CAME_IN,
        _("A score is high from 81, as it is now. Not converted are the lost ones and those still active."),
    ),
    (
        Table(_("By source"), Sources(), _HIGH, chart="unconverted", first="unconverted"),
        Table(_("By status"), Statuses(), (HIGH, *of(HIGH_SCORES, SCORE)), chart="high"),
        Table(_("By agent"), Agents(), _HIGH, chart="unconverted", first="unconverted"),
    ),
)

LOW_SCORE_CONVERTED = Report(
    "low-score-converted",
    _("Low scores that did convert"),
    _("Which leads with a score under 50 became deals all the same?"),
    (words.CAME_IN, _("A score is low up to 49, as it is now."), words.COHORT, words.VALUE),
    (
        Table(
            _("By source"),
            Sources(),
            of(LOW_SCORES, LEADS, CONVERTED, RATE, folded(VALUE)),
            chart="converted",
            first="converted",
        ),
        Table(
            _("By agent"),
            Agents(),
            of(LOW_SCORES, LEADS, CONVERTED, RATE, folded(VALUE)),
            chart="converted",
            first="converted",
        ),
    ),
)

SPECIALIZED_VS_GENERAL = Report(
    "specialized-vs-general",
    _("Specialised against general agents"),
    _("Do leads convert better with an agent who is specialised in what they look for?"),
    (
        words.CAME_IN,
        _(
            "An agent is specialised in a lead where its property type, or one of its areas, is in the agent’s lists as"
            " they are now."
        ),
        words.OWNER,
        words.COHORT,
    ),
    (
        Table(
            _("By specialisation"),
            Fits(),
            (LEADS, CONVERTED, RATE),
            chart="rate",
        ),
    ),
)

RESPONSE_TIME_CORRELATION = Report(
    "response-time-correlation",
    _("Response time against conversion"),
    _("Do leads convert more often when they are answered sooner?"),
    (
        words.CAME_IN,
        words.FIRST_ANSWER,
        _("A step holds the answers after its beginning, up to and with its end: 1 h is still within 1 h."),
        words.COHORT,
    ),
    (
        Table(
            _("By first answer"),
            Answers(),
            (LEADS, folded(OF_LEADS), CONVERTED, RATE),
            chart="rate",
        ),
    ),
)
