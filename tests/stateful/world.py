"""The real office before anything happens, and what is asked of its tables after each step."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from tests.factories import a_user, an_agent, busy
from tests.races.bursts import INVARIANTS, broken_rules
from webapp.services.access import SYSTEM
from webapp.vocabulary import Role

OURS = "(SELECT lead_id FROM leads WHERE starts_with(phone, '+97155'))"
FURNITURE = (49, 48, 47)

# What services keep beyond what guards do: each query finds what breaks it.
KEPT = {
    "an open follow-up is not its lead's owner's": """
        SELECT task_id FROM follow_up_tasks t LEFT JOIN lead_assignments a USING (lead_id)
        WHERE t.status <> 'completed' AND t.agent_id IS DISTINCT FROM a.agent_id""",
    "a closed lead has an open follow-up": """
        SELECT task_id FROM follow_up_tasks t JOIN leads l USING (lead_id)
        WHERE t.status <> 'completed' AND l.status IN ('converted', 'lost')""",
    "an overdue follow-up is not due yet": """
        SELECT task_id FROM follow_up_tasks WHERE status = 'overdue' AND due_date > clock_timestamp()""",
    "a closed lead's last move lacks its reason or its deal": """
        SELECT lead_id FROM leads l JOIN LATERAL (
            SELECT * FROM lead_conversion_history h WHERE h.lead_id = l.lead_id ORDER BY changed_at DESC LIMIT 1) last
            USING (lead_id)
        WHERE l.status = 'lost' AND (lost_reason IS NULL OR conversion_type <> 'lost')
           OR l.status = 'converted' AND (deal_value IS NULL OR conversion_type NOT IN ('sale', 'rental'))""",
}
BROKEN = " UNION ALL ".join(f"SELECT 1 WHERE EXISTS ({query})" for query in (*INVARIANTS.values(), *KEPT.values()))
STATE = f"""
    SELECT l.lead_id, l.status, a.agent_id, l.score, l.version
    FROM leads l LEFT JOIN lead_assignments a USING (lead_id) WHERE l.lead_id IN {OURS}"""
NEXT_TRANSACTION = "SELECT txid_snapshot_xmax(txid_current_snapshot()) % 4294967296 AS number"
EMPTIED = f"""
    DELETE FROM leads WHERE lead_id IN {OURS};
    DELETE FROM assignment_history WHERE lead_id NOT IN (SELECT lead_id FROM leads);
    DELETE FROM submissions; DELETE FROM audit_entries; DELETE FROM notices;
    UPDATE agents SET on_duty = true, last_assigned_at = NULL"""
MOMENTS = """
    SELECT table_name, array_agg(column_name::text) FILTER (WHERE data_type = 'timestamp with time zone') AS columns
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
    GROUP BY table_name HAVING bool_or(column_name = 'lead_id')"""
TABLES = """
    SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"""


class World:
    """Three agents who are nearly full, a manager and reception; nobody who rings has been here before."""

    def __init__(self, hand: psycopg.Connection):
        self.hand = hand
        agents = sorted((an_agent(f"Agent Number{n}") for n in range(3)), key=lambda agent: agent.agent_id)
        self.people = {f"agent {n}": agent for n, agent in enumerate(agents)}
        self.furniture = dict(zip(self.people, FURNITURE, strict=True))
        for name, leads_held in self.furniture.items():
            busy(self.people[name], leads_held)
        self.names = {agent.agent_id: name for name, agent in self.people.items()} | {None: None}
        self.people |= {
            "mariam": a_user("Mariam Saleh", Role.MANAGER),
            "rashid": a_user("Rashid Khan", Role.RECEPTIONIST),
            "system": SYSTEM,
        }
        self._earlier = "; ".join(self._shifts())
        self._written_since = " UNION ALL ".join(
            f"SELECT '{table}' FROM {table} WHERE xmin::text::bigint >= %(since)s" for (table,) in self.ask(TABLES)
        )

    def ask(self, query: str, *values) -> list:
        """The rows that a query gives at the prompt."""
        return self.hand.execute(query, values or None).fetchall()

    def empty(self) -> None:
        self.hand.execute(EMPTIED)

    def moment(self, minutes: int) -> datetime:
        """So many minutes from now."""
        return self.ask("SELECT clock_timestamp() + %s AS moment", timedelta(minutes=minutes))[0].moment

    def grow_older(self, minutes: int) -> None:
        """Everything that has happened to our leads, and is planned for them, is so much earlier."""
        with psycopg.ClientCursor(self.hand) as cursor:
            cursor.execute(self._earlier, {"passed": timedelta(minutes=minutes)})

    def come_or_go(self, name: str) -> None:
        """At the prompt, for as long as nobody has a page for it."""
        query = "UPDATE agents SET on_duty = NOT on_duty WHERE agent_id = %s"
        self.hand.execute(query, [self.people[name].agent_id])

    def broken(self) -> dict[str, list]:
        """The rules that do not hold, each with the rows that break it."""
        if not self.ask(BROKEN):
            return {}
        kept = {promise: self.ask(query) for promise, query in KEPT.items()}
        return broken_rules(self.hand) | {promise: rows for promise, rows in kept.items() if rows}

    def state(self) -> dict:
        """What our leads are: status, owner, score, version."""
        rows = self.ask(STATE)
        return {row.lead_id: (row.status, self.names[row.agent_id], row.score, row.version) for row in rows}

    def next_transaction(self) -> int:
        return self.ask(NEXT_TRANSACTION)[0].number

    def written_since(self, transaction: int) -> list:
        """The tables with rows that this transaction or a later one wrote."""
        return self.hand.execute(self._written_since, {"since": transaction}).fetchall()

    def _shifts(self) -> Iterator[str]:
        for table in self.ask(MOMENTS):
            if table.columns:
                changes = ", ".join(f"{column} = {column} - %(passed)s" for column in table.columns)
                yield f"UPDATE {table.table_name} SET {changes} WHERE lead_id IN {OURS}"
