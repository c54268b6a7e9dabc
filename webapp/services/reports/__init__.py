"""The thirteen reports (R12): each a declaration of what is told apart, measured and opened. Reads only."""

from webapp.services.reports.columns import Column, Kind
from webapp.services.reports.contacts import FOLLOW_UP_TIMING
from webapp.services.reports.conversions import (
    AVG_CONVERSION_TIME,
    CONVERSION_RATES,
    HIGH_SCORE_NOT_CONVERTED,
    LOW_SCORE_CONVERTED,
    RESPONSE_TIME_CORRELATION,
    SPECIALIZED_VS_GENERAL,
)
from webapp.services.reports.desks import AGENT_RANKINGS, APPROACHING_CAPACITY, WORKLOAD_DISTRIBUTION
from webapp.services.reports.file import rows
from webapp.services.reports.headlines import headline
from webapp.services.reports.keys import keys
from webapp.services.reports.pauses import Behind, activities
from webapp.services.reports.pipeline import PIPELINE
from webapp.services.reports.report import AGENT, LEAST, PERIOD, SOURCE, TYPE, Report
from webapp.services.reports.response_times import RESPONSE_TIMES
from webapp.services.reports.scope import Pauses, Scope
from webapp.services.reports.table import Cell, Line, Reading, Table
from webapp.services.reports.volumes import MONTHLY_TRENDS, REVENUE_ATTRIBUTION, SOURCE_QUALITY

REPORTS = (
    CONVERSION_RATES,
    AVG_CONVERSION_TIME,
    MONTHLY_TRENDS,
    AGENT_RANKINGS,
    REVENUE_ATTRIBUTION,
    HIGH_SCORE_NOT_CONVERTED,
    LOW_SCORE_CONVERTED,
    SOURCE_QUALITY,
    FOLLOW_UP_TIMING,
    WORKLOAD_DISTRIBUTION,
    APPROACHING_CAPACITY,
    SPECIALIZED_VS_GENERAL,
    RESPONSE_TIME_CORRELATION,
)
"""In the order of R12."""
OVERVIEWS = (PIPELINE, RESPONSE_TIMES)
"""What the thirteen do not tell."""
BY_SLUG = {report.slug: report for report in (*OVERVIEWS, *REPORTS)}

__all__ = [
    "AGENT",
    "BY_SLUG",
    "LEAST",
    "OVERVIEWS",
    "PERIOD",
    "REPORTS",
    "SOURCE",
    "TYPE",
    "Behind",
    "Cell",
    "Column",
    "Kind",
    "Line",
    "Pauses",
    "Reading",
    "Report",
    "Scope",
    "Table",
    "activities",
    "headline",
    "keys",
    "rows",
]
