"""How the agents have done (R10): reckoned from the histories, and kept where a figure changed."""

from functools import partial
from uuid import UUID

from sqlalchemy import select, text

from webapp import stopping
from webapp.extensions import db
from webapp.models import Agent
from webapp.services.access import SYSTEM, Actor
from webapp.stopping import Tally
from webapp.transaction import release, transactional

# As of a moment: leads ever theirs, deals made while they were theirs, and the wait from their own assignment.
_OF_AGENTS = """
    WITH theirs AS (
        SELECT agent_id, lead_id, min(moved_at) AS since FROM assignment_history h
        WHERE moved_at <= :at AND {whose} AND NOT EXISTS (
            SELECT FROM merges m WHERE m.absorbed_id = h.lead_id AND m.undone_at IS NULL)
          AND NOT EXISTS (SELECT FROM broker_leads b WHERE b.lead_id = h.lead_id)
        GROUP BY agent_id, lead_id
    ), answered AS (
        SELECT t.agent_id, min(greatest(c.activity_at, c.logged_at - interval '15 minutes')) - t.since AS took
        FROM theirs t JOIN lead_activities c ON c.lead_id = t.lead_id AND c.agent_id = t.agent_id
        WHERE c.struck_at IS NULL AND c.logged_at <= :at AND c.activity_at >= t.since
        GROUP BY t.agent_id, t.lead_id, t.since
    ), deals AS (
        SELECT agent_id, count(*) AS made, avg(deal_value) AS size FROM lead_conversion_history
        WHERE status_to = 'converted' AND changed_at <= :at AND {whose} GROUP BY agent_id
    )
    SELECT h.agent_id, round(100.0 * coalesce(d.made, 0) / h.leads, 2) AS conversion_rate,
           round(d.size, 2) AS average_deal_size,
           (SELECT avg(took) FROM answered r WHERE r.agent_id = h.agent_id) AS average_response_time,
           h.leads AS leads_handled
    FROM (SELECT agent_id, count(*) AS leads FROM theirs GROUP BY agent_id) h LEFT JOIN deals d USING (agent_id)
    ORDER BY h.agent_id
"""
OF_EVERYBODY = text(_OF_AGENTS.format(whose="agent_id IS NOT NULL"))
"""The figures of all agents who ever had a lead, as of a moment `at`."""

KEEP_OF_ONE = text(f"""
    INSERT INTO agent_performance_metrics
        (agent_id, conversion_rate, average_deal_size, average_response_time, leads_handled)
    SELECT found.* FROM ({_OF_AGENTS.format(whose="agent_id = :agent_id")}) found
    LEFT JOIN LATERAL (
        SELECT * FROM agent_performance_metrics m WHERE m.agent_id = found.agent_id
        ORDER BY updated_at DESC LIMIT 1) kept ON true
    WHERE (found.conversion_rate, found.average_deal_size, found.average_response_time, found.leads_handled)
          IS DISTINCT FROM
          (kept.conversion_rate, kept.average_deal_size, kept.average_response_time, kept.leads_handled)
    RETURNING metric_id
""")

# One statement: whoever reads sees the rows before, or the one they have become; of two at once each row is one's.
_ADD_UP = """
    WITH gone AS (
        DELETE FROM {table} WHERE day IN (SELECT day FROM {table} GROUP BY {keys} HAVING count(*) > 1)
        RETURNING *), added AS (
        INSERT INTO {table} ({keys}, {numbers})
        SELECT {keys}, {sums} FROM gone GROUP BY {keys} HAVING ({sums}) IS DISTINCT FROM ({zeros})
        RETURNING entry_id)
    SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM added)
"""
COUNTED_BY_DAY = {
    "lead_days": (("day", "source_type", "owner_id"), ("leads", "converted", "lost", "score")),
    "move_days": (("day", "status_from", "status_to", "lost_reason", "stay"), ("moves", "firsts")),
    "deal_days": (("day",), ("deals", "valued", "value")),
}
"""What tells the rows apart whose sum is a number, and the numbers."""


def _add_up(table: str) -> str:
    keys, numbers = COUNTED_BY_DAY[table]
    sums = ", ".join(f"sum({number})" for number in numbers)
    zeros = ", ".join("0" for _number in numbers)
    return _ADD_UP.format(table=table, keys=", ".join(keys), numbers=", ".join(numbers), sums=sums, zeros=zeros)


ADD_UP = {table: text(_add_up(table)) for table in COUNTED_BY_DAY}


@transactional
def add_up_days() -> int:
    """Make one row of all that was appended to the counts of a day; how many fewer there are. No number changes."""
    return sum(db.session.scalar(statement) for statement in ADD_UP.values())


@transactional
def reckon(agent_id: UUID, *, by: Actor) -> bool:
    """Keep the agent's figures as of now, if one has changed; whether it had."""
    # Two at once would keep the same figures twice.
    db.session.execute(select(Agent.agent_id).where(Agent.agent_id == agent_id).with_for_update(key_share=True))
    now = db.session.scalar(text("SELECT clock_timestamp()"))
    return db.session.scalar(KEEP_OF_ONE, {"agent_id": agent_id, "at": now}) is not None


def reckon_all() -> Tally:
    """The job `metrics`: reckon every agent in a transaction of its own; done are those of whom a figure changed."""
    agents = db.session.scalars(select(Agent.agent_id).order_by(Agent.agent_id)).all()
    release()
    return stopping.one_by_one(
        agents, partial(reckon, by=SYSTEM), otherwise="The figures of agent %s could not be reckoned"
    )
