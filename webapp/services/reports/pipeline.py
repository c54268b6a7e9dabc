"""The way from the enquiry to the deal: how far leads come, where they stay and why they are lost."""

from flask_babel import lazy_gettext as _

from webapp.services.reports import words
from webapp.services.reports.columns import (
    CONVERSIONS,
    GOT_HERE,
    HERE_NOW,
    LOST_FOR,
    MEAN_DEAL,
    OF_ALL,
    OF_BEFORE,
    OF_LOST,
    REVENUE,
    STAY,
    folded,
)
from webapp.services.reports.dimensions import Months, Reasons, Stages
from webapp.services.reports.report import Report
from webapp.services.reports.table import Table
from webapp.vocabulary import Period

PIPELINE = Report(
    "pipeline",
    _("Pipeline"),
    _("How far do leads come, where do they stay, and why are they lost?"),
    (
        words.CAME_IN,
        _("A lead got here if its history says that it has ever had this status; it may have moved on, or back."),
        _(
            "The stay is the time from one move to the next, of those who have left the stage: half stayed no longer."
            " It is counted in minutes up to an hour, in hours up to two days, then in days."
        ),
        _("The reasons are of those of these leads that are lost."),
        _("Deals and their value count in the month the deal was made, whenever the lead came in."),
    ),
    (
        Table(
            _("From the enquiry to the deal"),
            Stages(),
            (GOT_HERE, OF_BEFORE, OF_ALL, folded(HERE_NOW), STAY),
            chart="reached",
            part="now",
            has_total=False,
        ),
        Table(_("Why leads were lost"), Reasons(), (LOST_FOR, OF_LOST), chart="lost", first="lost"),
        Table(_("Value won by month"), Months(), (CONVERSIONS, REVENUE, folded(MEAN_DEAL)), chart="revenue"),
    ),
    period=Period.QUARTER,
)
