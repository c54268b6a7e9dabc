"""The reports that pass through all leads of their period, against the same asked naively: of the tables as they were
written, with nothing kept beside them; high scores as an ORM counts them, by loading the leads."""

from collections import Counter
from datetime import timedelta
from functools import partial
from statistics import median
from time import perf_counter

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from bench.rounds import medians
from webapp import clock
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import reports
from webapp.services.access import SYSTEM
from webapp.vocabulary import Period

BARS = {"full passes": "at most 0.05 times the naive query, over the default period"}
ROUNDS = 3

CAME_IN = """
    WITH answers AS (
        SELECT lead_id, min(greatest(activity_at, logged_at - interval '15 minutes')) AS at
        FROM lead_activities WHERE struck_at IS NULL GROUP BY lead_id
    ), came AS (
        SELECT l.*, a.agent_id, c.at - l.created_at AS answer
        FROM leads l
        LEFT JOIN lead_assignments a ON a.lead_id = l.lead_id
        LEFT JOIN answers c ON c.lead_id = l.lead_id
        WHERE l.created_at >= :begins)
"""
MEASURES = "count(*), count(*) FILTER (WHERE status = 'converted'), count(answer)"
TIMES = "avg(answer), percentile_cont(0.5) WITHIN GROUP (ORDER BY answer)"
STEP = """
    CASE WHEN {took} <= interval '1 hour' THEN 1 WHEN {took} <= interval '4 hours' THEN 2
         WHEN {took} <= interval '1 day' THEN 3 WHEN {took} <= interval '3 days' THEN 4 ELSE 5 END
"""
NAIVE = {
    "agent-rankings": f"""
        {CAME_IN} SELECT * FROM (SELECT agent_id, {MEASURES}, {TIMES} FROM came GROUP BY 1) led
        FULL JOIN (
            SELECT a.agent_id, count(*), avg(h.deal_value) FROM lead_conversion_history h
            JOIN lead_assignments a ON a.lead_id = h.lead_id
            WHERE h.status_to = 'converted' AND h.changed_at >= :begins GROUP BY 1
        ) closed ON closed.agent_id = led.agent_id
    """,
    "follow-up-timing": f"""
        SELECT {STEP.format(took="activity_at - before")}, count(*), count(*) FILTER (WHERE outcome = 'positive')
        FROM (SELECT c.*, lag(activity_at) OVER (PARTITION BY lead_id ORDER BY activity_at, activity_id) AS before
              FROM lead_activities c WHERE struck_at IS NULL) pauses
        WHERE before IS NOT NULL AND activity_at >= :begins GROUP BY 1
    """,
    "specialized-vs-general": f"""
        {CAME_IN} SELECT EXISTS (
            SELECT FROM agents g WHERE g.agent_id = came.agent_id AND (
                came.property_type = ANY (g.specialization_property_type)
                OR g.specialization_areas && came.preferred_areas)), {MEASURES}
        FROM came GROUP BY GROUPING SETS ((1), ())
    """,
    "response-time-correlation": f"""
        {CAME_IN} SELECT {STEP.format(took="answer")}, {MEASURES} FROM came GROUP BY GROUPING SETS ((1), ())
    """,
}


HIGH = "high-score-not-converted"


def measure() -> dict:
    """Each in milliseconds, and what part of the naive query's it is."""
    begins = clock.today() - Period.QUARTER.days * timedelta(days=1)
    asked = {
        slug: partial(reports.BY_SLUG[slug].read, reports.Scope(begins=begins), by=SYSTEM) for slug in (*NAIVE, HIGH)
    }
    took = medians(asked)
    return {
        "reports": {
            slug: {"ms": round(took[slug]), "naive ms": round(naive), "part": round(took[slug] / naive, 3)}
            for slug, naive in ((slug, _naively(slug, begins)) for slug in asked)
        }
    }


def _naively(slug: str, begins) -> float:
    db.session.rollback()
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    times = []
    for _round in range(ROUNDS):
        began = perf_counter()
        if slug == HIGH:
            _load(begins)
        else:
            db.session.execute(text(NAIVE[slug]), {"begins": begins}).all()
        times.append((perf_counter() - began) * 1000)
    return median(times)


def _load(begins) -> None:
    high = select(Lead).where(Lead.created_at >= begins, Lead.score > 80)
    high = high.options(joinedload(Lead.assignment)).execution_options(yield_per=2000)
    counts: Counter = Counter()
    for lead in db.session.scalars(high):
        agent = lead.assignment.agent_id if lead.assignment else None
        counts.update((agent, lead.source_type, lead.status))
