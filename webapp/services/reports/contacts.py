"""How contact is kept: report 9 of R12."""

from flask_babel import lazy_gettext as _

from webapp.services.reports.columns import FOLLOW_UPS, POSITIVE, POSITIVE_RATE
from webapp.services.reports.dimensions import Gaps
from webapp.services.reports.report import Report
from webapp.services.reports.table import Table

FOLLOW_UP_TIMING = Report(
    "follow-up-timing",
    _("Follow-up timing"),
    _("After how long a pause does the next contact go best?"),
    (
        _("The pause is the time between two consecutive activities with one lead; those struck out are left out."),
        _("The period, the agent and the outcome are the later activity’s."),
        _("A step holds the pauses longer than its beginning, up to and with its end: 1 h is still within 1 h."),
        _("The share is positive outcomes divided by all; where there are no activities there is no share."),
    ),
    (Table(_("By pause"), Gaps(), (FOLLOW_UPS, POSITIVE, POSITIVE_RATE), chart="rate"),),
)
