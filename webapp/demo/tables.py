"""Rows on their way into the database: kept per table, sent with COPY, first those that a trigger reads."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from psycopg import sql
from sqlalchemy import Connection

COLUMNS = {
    "agents": "agent_id full_name arabic_name email phone specialization_property_type specialization_areas "
    "language_skills on_duty broker_number broker_number_expires_on created_at",
    "users": "user_id email name password_hash role agent_id language is_demo created_at",
    "leads": "lead_id number source_type first_name last_name email phone nationality language_preference "
    "spoken_language budget_min budget_max property_type preferred_areas purpose bedrooms status score consent_at "
    "reopened_from created_at updated_at owner_id first_contact_at last_contact_at next_step_at next_step_type",
    "listings": "property_id reference title property_type area purpose price permit url created_at",
    "lead_sources": "source_id lead_id source_type campaign_id referrer_agent_id property_id utm_source created_at",
    "enquiries": "enquiry_id lead_id source_type channel state message received_at taken_by",
    "visits": "visit_id enquiry_id lead_id status arrived_at received_at left_at",
    "lead_assignments": "assignment_id lead_id agent_id assigned_at reassigned_at reason kind explanation is_active",
    "assignment_history": "move_id lead_id from_agent_id from_agent_name agent_id agent_name kind reason "
    "explanation moved_by moved_at",
    "lead_activities": "activity_id lead_id agent_id type notes outcome call_result activity_at logged_by logged_at "
    "struck_at struck_by pause",
    "lead_conversion_history": "history_id lead_id status_from status_to changed_at agent_id notes deal_value "
    "conversion_type property_id lost_reason changed_by",
    "follow_up_tasks": "task_id lead_id agent_id type due_date priority status created_at updated_at notes "
    "cancelled_at cancel_reason escalated_at",
    "lead_property_interests": "interest_id lead_id property_id interest_level created_at",
    "score_lines": "line_id lead_id rule_id rule_name reason points counted activity_id reverses created_at",
    "notices": "notice_id user_id kind lead_id created_at read_at facts",
    "agent_performance_metrics": "metric_id agent_id conversion_rate average_deal_size average_response_time "
    "leads_handled updated_at",
}
# The numbers that the database counts: given here, so that they are the same whatever was counted before.
NUMBERED = {"leads": ("number", 10_001), "assignment_history": ("move_id", 1), "score_lines": ("line_id", 1)}
NUMBERED["notices"] = ("notice_id", 1)


FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) ORDER BY conrelid, conname
"""


@contextmanager
def filling(connection: Connection) -> Iterator["Tables"]:
    """Where the rows go. Nothing is committed here, and at the end nothing is on its way any more, even if it failed.

    Foreign keys are checked as a whole at the end, which costs half as much as row by row.
    """
    raw: Any = connection.connection.driver_connection
    keys = [
        {"table": sql.SQL(table), "name": sql.Identifier(name), "definition": sql.SQL(definition)}
        for table, name, definition in raw.execute(FOREIGN_KEYS, [list(COLUMNS)]).fetchall()
    ]
    for key in keys:
        raw.execute(sql.SQL("ALTER TABLE {table} DROP CONSTRAINT {name}").format(**key))
    with ThreadPoolExecutor(max_workers=1) as sender:
        tables = Tables(raw, sender)
        yield tables
        tables.settle()
    for key in keys:
        raw.execute(sql.SQL("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}").format(**key))


class Tables:
    """Keeps rows and sends them by a thread of its own, so that the next ones are made meanwhile."""

    def __init__(self, connection: Any, sender: ThreadPoolExecutor):
        self.connection = connection
        self._sender = sender
        self._under_way: Future | None = None
        self._rows: dict[str, list[tuple]] = {table: [] for table in COLUMNS}
        self._row = {table: itemgetter(*columns.split()) for table, columns in COLUMNS.items()}
        self._next = {table: first for table, (_column, first) in NUMBERED.items()}

    def add(self, table: str, **row: Any) -> None:
        """Keep a row; every column of `COLUMNS` has to be given."""
        self._rows[table].append(self._row[table](row))

    def number(self, table: str) -> int:
        """The next number of a table that is numbered."""
        self._next[table] += 1
        return self._next[table] - 1

    def send(self) -> None:
        """Set everything kept so far on its way into the database. The connection is busy until it is settled."""
        self.settle()
        rows, self._rows = self._rows, {table: [] for table in COLUMNS}
        self._under_way = self._sender.submit(self._copy, rows)

    def settle(self) -> None:
        """What was sent is in the database when this returns."""
        if self._under_way:
            self._under_way.result()

    def finish(self) -> None:
        """Send what is left, let the database count on from here, and let it know how much there is."""
        self.send()
        self.settle()
        for table, (column, _first) in NUMBERED.items():
            self.connection.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)", (table, column, self._next[table])
            )
        self.connection.execute(sql.SQL("ANALYZE {}").format(_names(COLUMNS)))

    def _copy(self, kept: dict[str, list[tuple]]) -> None:
        with self.connection.cursor() as cursor:
            for table, rows in kept.items():
                if rows:
                    with cursor.copy(_copying(table)) as copy:
                        for row in rows:
                            copy.write_row(row)


def _copying(table: str) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(COLUMNS[table].split()))


def _names(names) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
