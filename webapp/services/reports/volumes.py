"""How much comes in and is earned: reports 3, 5 and 8 of R12."""

from flask_babel import lazy_gettext as _

from webapp.services.reports import words
from webapp.services.reports.columns import (
    CONVERSIONS,
    CONVERTED,
    LEADS,
    LOST,
    MEAN_DEAL,
    MEDIAN_DEAL,
    RATE,
    REVENUE,
    SCORE,
    VALUED,
    folded,
)
from webapp.services.reports.dimensions import Months, MonthsAndSources, Sources
from webapp.services.reports.report import Report
from webapp.services.reports.table import Table
from webapp.vocabulary import Period

_QUALITY = (LEADS, SCORE, folded(LOST), CONVERTED, RATE)

MONTHLY_TRENDS = Report(
    "monthly-trends",
    _("Leads by month"),
    _("How many leads come in each month, and how many deals are made?"),
    (
        _("Leads count in the month they came in, conversions and their value in the month the deal was made."),
        _("Months are Dubai’s; the first and the last may be cut by the period."),
        words.VALUE,
    ),
    (Table(_("By month"), Months(), (LEADS, CONVERSIONS, REVENUE), chart="leads", part="conversions"),),
    period=Period.YEAR,
)

REVENUE_ATTRIBUTION = Report(
    "revenue-attribution",
    _("Revenue by source"),
    _("Which sources do the deals come from, and what are they worth?"),
    (words.MADE, words.VALUE, _("A few very large deals pull the mean up, so read the median.")),
    (
        Table(
            _("By source"),
            Sources(),
            (CONVERSIONS, folded(VALUED), REVENUE, folded(MEDIAN_DEAL), folded(MEAN_DEAL)),
            chart="revenue",
            first="revenue",
        ),
    ),
)

SOURCE_QUALITY = Report(
    "source-quality",
    _("Source quality by month"),
    _("Are the leads of each source getting better or worse?"),
    (words.CAME_IN, words.COHORT, _("The score is as it is now."), _("Leads of the last weeks had less time.")),
    (
        Table(_("By source"), Sources(), _QUALITY, chart="rate", first="leads"),
        Table(_("By month and source"), MonthsAndSources(), _QUALITY, chart=""),
    ),
    period=Period.YEAR,
)
