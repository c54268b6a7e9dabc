"""What is counted from the demo's own rows once they are there: workload, turns and performance (R6, R10)."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.demo.chance import make_uuid
from webapp.demo.tables import Tables
from webapp.services import metrics

LOOKED = (timedelta(days=150), timedelta(days=90), timedelta(days=30), timedelta(days=7), timedelta(minutes=25))

WORKLOAD = text("""
    UPDATE agents g
    SET active_leads_count = (SELECT count(*) FROM lead_assignments a WHERE a.agent_id = g.agent_id AND a.is_active),
        last_assigned_at = (SELECT max(moved_at) FROM assignment_history h WHERE h.agent_id = g.agent_id)
""")


def count(session: Session) -> None:
    """Give every agent the workload and the last turn that their leads say."""
    session.execute(WORKLOAD)


def perform(session: Session, tables: Tables, rng: Random, moment: datetime) -> None:
    """The agents' figures as they were looked at now and then; a row only where one changed."""
    before: dict = {}
    for age in LOOKED:
        for row in session.execute(metrics.OF_EVERYBODY, {"at": moment - age}).mappings():
            if before.get(row["agent_id"]) != row:
                tables.add("agent_performance_metrics", metric_id=make_uuid(rng), updated_at=moment - age, **row)
            before[row["agent_id"]] = row
