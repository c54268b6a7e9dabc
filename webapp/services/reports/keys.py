"""What each report says in a sentence: small tables of the last days, read together for the reports' first page."""

from webapp.services.access import Actor
from webapp.services.reports.columns import (
    CONVERSIONS,
    CONVERTED,
    GOT_HERE,
    HIGH_CONVERTED,
    HIGH_HERE,
    LEADS,
    LOW_CONVERTED,
    LOW_HERE,
    MEDIAN_TIME,
    NOW_ACTIVE,
    POSITIVE,
    POSITIVE_RATE,
    RATE,
    REVENUE,
)
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
from webapp.services.reports.dimensions import Agents, Answers, Fits, Gaps, Sources, Stages, Types
from webapp.services.reports.pipeline import PIPELINE
from webapp.services.reports.report import read_together
from webapp.services.reports.response_times import RESPONSE_TIMES
from webapp.services.reports.scope import Scope
from webapp.services.reports.table import Reading, Table
from webapp.services.reports.volumes import MONTHLY_TRENDS, REVENUE_ATTRIBUTION, SOURCE_QUALITY

_RATES = (LEADS, CONVERTED, RATE)
_BY_STAGE = Table("", Stages(), (GOT_HERE,), chart="reached", has_total=False)
_BY_SOURCE = Table(
    "",
    Sources(),
    (*_RATES, HIGH_HERE, HIGH_CONVERTED, LOW_HERE, LOW_CONVERTED, CONVERSIONS, REVENUE),
    chart="rate",
)
_BY_AGENT = Table("", Agents(nobody=False), (*_RATES, NOW_ACTIVE), chart="rate")
_BY_ANSWER = Table("", Answers(), _RATES, chart="rate")
_BY_FIT = Table("", Fits(), _RATES, chart="rate")
_BY_TYPE = Table("", Types(), (CONVERSIONS, MEDIAN_TIME), chart="median")
_BY_PAUSE = Table("", Gaps(), (POSITIVE, POSITIVE_RATE), chart="rate")
_KEYS = {
    PIPELINE: _BY_STAGE,
    RESPONSE_TIMES: _BY_ANSWER,
    CONVERSION_RATES: _BY_SOURCE,
    AVG_CONVERSION_TIME: _BY_TYPE,
    MONTHLY_TRENDS: _BY_SOURCE,
    AGENT_RANKINGS: _BY_AGENT,
    REVENUE_ATTRIBUTION: _BY_SOURCE,
    HIGH_SCORE_NOT_CONVERTED: _BY_SOURCE,
    LOW_SCORE_CONVERTED: _BY_SOURCE,
    SOURCE_QUALITY: _BY_SOURCE,
    FOLLOW_UP_TIMING: _BY_PAUSE,
    WORKLOAD_DISTRIBUTION: _BY_AGENT,
    APPROACHING_CAPACITY: _BY_AGENT,
    SPECIALIZED_VS_GENERAL: _BY_FIT,
    RESPONSE_TIME_CORRELATION: _BY_ANSWER,
}


def keys(scope: Scope, *, by: Actor) -> dict[str, Reading]:
    """By slug the table that a report's key figure is in, of the leads that `by` may see."""
    tables = list(dict.fromkeys(_KEYS.values()))
    found = dict(zip(tables, read_together(tables, scope, by=by), strict=True))
    return {report.slug: found[table] for report, table in _KEYS.items()}
