"""Recomputes from scratch what is stored, and lists every difference (docs/operations.md). It only reads."""

from itertools import groupby

from sqlalchemy import text

from webapp.extensions import db
from webapp.services.doctor import days, enquiries, follow_ups, guards, moves, owners, scores
from webapp.services.doctor.check import Check, Difference, Finding
from webapp.services.doctor.server import unwise

__all__ = ["CHECKS", "Check", "Difference", "Finding", "examine", "unwise"]

CHECKS: tuple[Check, ...] = (
    *guards.CHECKS,
    *owners.CHECKS,
    *moves.CHECKS,
    *days.CHECKS,
    *enquiries.CHECKS,
    *scores.CHECKS,
    *follow_ups.CHECKS,
)
LISTED = 20

# A million leads take longer than a page may, and are sorted in memory.
UNHURRIED = text("""
    SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
           set_config('work_mem', '128MB', true)
""")
FIRST = """
    SELECT * FROM (
        SELECT subject, stored, "right", kept, count(*) OVER (PARTITION BY kept) AS count,
               row_number() OVER (PARTITION BY kept ORDER BY length(subject), subject, stored) AS place
        FROM ({query}) found (subject, stored, "right", kept)) numbered
    WHERE place <= :listed ORDER BY kept, place
"""


def examine() -> list[Finding]:
    """Everything that is not as the rules and the rest of the database say, as of one moment."""
    with db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.execute(UNHURRIED)
        return [finding for check in CHECKS for finding in _ask(connection, check)]


def _ask(connection, check: Check) -> list[Finding]:
    rows = connection.execute(text(FIRST.format(query=check.query)), {"listed": LISTED}).all()
    return [
        Finding(check, kept, same[0].count, tuple(Difference(row.subject, row.stored, row.right) for row in same))
        for kept, same in ((kept, list(same)) for kept, same in groupby(rows, key=lambda row: row.kept))
    ]
