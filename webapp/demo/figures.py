"""What is counted from the demo's own rows once they are there: workload, turns and performance (R6, R10)."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.demo.chance import make_uuid
from webapp.demo.tables import Tables

LOOKED = (timedelta(days=150), timedelta(days=90), timedelta(days=30), timedelta(days=7), timedelta(minutes=25))

WORKLOAD = text("""
    UPDATE agents g
    SET active_leads_count = (SELECT count(*) FROM lead_assignments a WHERE a.agent_id = g.agent_id AND a.is_active),
        last_assigned_at = (SELECT max(moved_at) FROM assignment_history h WHERE h.agent_id = g.agent_id)
""")

# As of a moment: leads ever theirs, deals made while they were theirs, and the wait from their own assignment.
PERFORMANCE = text("""
    WITH theirs AS (
        SELECT agent_id, lead_id, min(moved_at) AS since FROM assignment_history
        WHERE moved_at <= :at GROUP BY agent_id, lead_id
    ), answered AS (
        SELECT t.agent_id, min(greatest(c.activity_at, c.logged_at - interval '15 minutes')) - t.since AS took
        FROM theirs t JOIN lead_activities c ON c.lead_id = t.lead_id AND c.agent_id = t.agent_id
        WHERE c.struck_at IS NULL AND c.logged_at <= :at AND c.activity_at >= t.since
        GROUP BY t.agent_id, t.lead_id, t.since
    ), deals AS (
        SELECT agent_id, count(*) AS made, avg(deal_value) AS size FROM lead_conversion_history
        WHERE status_to = 'converted' AND changed_at <= :at GROUP BY agent_id
    )
    SELECT g.agent_id, round(100.0 * coalesce(d.made, 0) / h.leads, 2) AS conversion_rate,
           round(d.size, 2) AS average_deal_size,
           (SELECT avg(took) FROM answered r WHERE r.agent_id = g.agent_id) AS average_response_time,
           h.leads AS leads_handled
    FROM agents g
    JOIN (SELECT agent_id, count(*) AS leads FROM theirs GROUP BY agent_id) h USING (agent_id)
    LEFT JOIN deals d USING (agent_id)
    ORDER BY g.agent_id
""")


def count(session: Session) -> None:
    """Give every agent the workload and the last turn that their leads say."""
    session.execute(WORKLOAD)


def perform(session: Session, tables: Tables, rng: Random, moment: datetime) -> None:
    """The agents' figures as they were looked at now and then; a row only where one changed."""
    before: dict = {}
    for age in LOOKED:
        for row in session.execute(PERFORMANCE, {"at": moment - age}).mappings():
            if before.get(row["agent_id"]) != row:
                tables.add("agent_performance_metrics", metric_id=make_uuid(rng), updated_at=moment - age, **row)
            before[row["agent_id"]] = row
