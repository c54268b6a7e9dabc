"""Whether the database itself is as the migrations left it: its guards, indexes and counters."""

from webapp.services.doctor.check import Check

COUNTED = (
    ("leads", "number"),
    ("score_lines", "line_id"),
    ("lead_days", "entry_id"),
    ("move_days", "entry_id"),
    ("deal_days", "entry_id"),
    ("assignment_history", "move_id"),
    ("audit_entries", "entry_id"),
    ("notices", "notice_id"),
    ("procrastinate_jobs", "id"),
    ("procrastinate_events", "id"),
    ("procrastinate_workers", "id"),
    ("procrastinate_periodic_defers", "id"),
)
NEXT = " UNION ALL ".join(
    f"""SELECT '{table}.{column}' AS counter, (SELECT max({column}) FROM {table}) AS highest,
               last_value + is_called::int AS next FROM {table}_{column}_seq"""
    for table, column in COUNTED
)

CHECKS = (
    Check(
        "guard",
        "A guard of the rules is switched off.",
        """
        SELECT tgrelid::regclass::text, tgname::text, 'enabled', false
        FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
        WHERE tgenabled <> 'O' AND c.relnamespace = 'public'::regnamespace
        """,
    ),
    Check(
        "index",
        "An index is broken.",
        """
        SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, 'REINDEX it', false
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = 'public'::regnamespace
        """,
    ),
    Check(
        "counter",
        "A counter of numbers is behind the rows that have them.",
        f"""
        SELECT counter, 'next is ' || next, 'above ' || highest, false
        FROM ({NEXT}) counters WHERE next <= highest
        """,
    ),
)
