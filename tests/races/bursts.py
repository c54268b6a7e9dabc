"""Many people at once: bursts of requests, locks held from outside, and what must be true afterwards."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.factories import prompt, sql, value
from tests.production import Answer, eventually

AT_ONCE = 24
"""Client threads: more than the server works on at a time, fewer than it lets wait."""

# Each query finds what breaks a rule; none may find anything.
INVARIANTS = {
    "an agent's counter is not the truth": """
        SELECT full_name, active_leads_count FROM agents g WHERE active_leads_count <> (
            SELECT count(*) FROM lead_assignments a JOIN leads l USING (lead_id)
            WHERE a.agent_id = g.agent_id AND l.status NOT IN ('converted', 'lost'))""",
    "an agent has more than 50 active leads": "SELECT full_name FROM agents WHERE active_leads_count > 50",
    "two open follow-ups of one agent are closer than 30 minutes": """
        SELECT one.due_date AS first, other.due_date AS second FROM follow_up_tasks one JOIN follow_up_tasks other
            ON other.agent_id = one.agent_id AND other.task_id > one.task_id
        WHERE one.status <> 'completed' AND other.status <> 'completed'
          AND other.due_date - one.due_date > interval '-30 minutes'
          AND other.due_date - one.due_date < interval '30 minutes'""",
    "a status history has a gap": """
        SELECT lead_id FROM (
            SELECT lead_id, status_from,
                   lag(status_to, 1, 'new') OVER (PARTITION BY lead_id ORDER BY changed_at) AS came_to
            FROM lead_conversion_history) moves
        WHERE status_from IS DISTINCT FROM came_to""",
    "a status is not what its history ends with": """
        SELECT lead_id FROM leads l WHERE status <> coalesce((
            SELECT status_to FROM lead_conversion_history h WHERE h.lead_id = l.lead_id
            ORDER BY changed_at DESC LIMIT 1), 'new')""",
    "an owner is not who the assignments' history ends with": """
        SELECT lead_id FROM lead_assignments a WHERE agent_id IS DISTINCT FROM (
            SELECT agent_id FROM assignment_history h WHERE h.lead_id = a.lead_id ORDER BY move_id DESC LIMIT 1)""",
    "a score is not the sum of its lines": """
        SELECT lead_id FROM leads l JOIN score_lines s USING (lead_id)
        GROUP BY lead_id, l.score HAVING l.score <> sum(s.counted)""",
    "a lead came without its enquiry": """
        SELECT lead_id FROM leads l JOIN score_lines s USING (lead_id)
        WHERE NOT EXISTS (SELECT FROM enquiries e WHERE e.lead_id = l.lead_id)""",
}


def burst(calls: Sequence[Callable[[], Answer]], at_once: int = AT_ONCE) -> list[Answer]:
    """The answers of all calls, in their order; as many as `at_once` start at the same moment."""
    width = min(at_once, len(calls))
    start = threading.Barrier(width)
    answers: list[Answer | None] = [None] * len(calls)
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            start.wait(30)
            for place in range(first, len(calls), width):
                answers[place] = calls[place]()
        except BaseException as error:  # shown by the test's own thread below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [answer for answer in answers if answer is not None]


def statuses(answers: Sequence[Answer]) -> dict[int, int]:
    """How often each status was answered."""
    return dict(Counter(answer.status for answer in answers))


def broken_rules() -> dict[str, list]:
    """The rules that do not hold in the tables, each with the rows that break it."""
    found = {rule: sql(query) for rule, query in INVARIANTS.items()}
    return {rule: rows for rule, rows in found.items() if rows}


def deadlocks() -> int:
    """How many deadlocks this database has seen. Sessions report when they end, so the idle ones are ended."""
    sql("""SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'""")
    return value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def left_open() -> int:
    """How many sessions still hold a transaction although nobody is asking anything."""
    return value("""SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
                      AND backend_type = 'client backend'""")


def forced(lock: str, calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The answers of calls that met at the office's advisory lock: two are seen waiting, then all are let go.

    Two, because all may have come to one of the processes, and each works on two requests at a time.
    """
    with prompt(autocommit=False) as holder, ThreadPoolExecutor(1) as crowd:
        holder.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
        answers = crowd.submit(burst, calls)
        try:
            eventually(lambda: waiting() >= 2, "two sessions waiting for the lock", within=2.5)
        finally:
            holder.rollback()
        return answers.result()


def waiting() -> int:
    """How many sessions wait for an advisory lock."""
    return value("""SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'""")
