"""Many people at once: bursts of requests, locks held from outside, and what must be true afterwards."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self
from uuid import UUID

import psycopg

from tests.factories import a_lead, end_idle_sessions, prompt, value
from tests.production import Answer, Office, Visitor, eventually, somebody
from webapp.extensions import db
from webapp.vocabulary import Role

Call = Callable[[], Answer]

AT_ONCE = 24
"""Client threads: more than the server works on at a time, fewer than it lets wait."""

# Locks as they are taken from outside, each on one thing.
ADVISORY = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
LEAD_ROW = "SELECT FROM leads WHERE lead_id = %s FOR NO KEY UPDATE"
AGENT_ROW = "SELECT FROM agents WHERE agent_id = %s FOR NO KEY UPDATE"

# Each query finds what breaks a rule; none may find anything.
INVARIANTS = {
    "an agent's counter is not the truth": """
        SELECT full_name, active_leads_count FROM agents g WHERE active_leads_count <> (
            SELECT count(*) FROM lead_assignments a JOIN leads l USING (lead_id)
            WHERE a.agent_id = g.agent_id AND l.status NOT IN ('converted', 'lost'))""",
    "an agent has more than 50 active leads": "SELECT full_name FROM agents WHERE active_leads_count > 50",
    "an active lead belongs to an agent who has left": """
        SELECT full_name FROM agents g WHERE left_at IS NOT NULL AND EXISTS (
            SELECT FROM lead_assignments a JOIN leads l USING (lead_id)
            WHERE a.agent_id = g.agent_id AND l.status NOT IN ('converted', 'lost'))""",
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


class Race:
    """A row of the reliability table: what people do at once, and what must be true of answers and tables after it.

    The row's tests run it as a burst and forced; the negative controls run it where a protection is missing.
    """

    calls: Sequence[Call]
    held: tuple[str, object]
    """The lock at which a forced run is seen waiting: its statement, and what it is taken on."""
    answers: list[Answer]

    def burst(self, at_once: int = AT_ONCE) -> Self:
        self.answers = burst(self.calls, at_once)
        return self

    def forced(self) -> Self:
        self.answers = forced(*self.held, self.calls)
        return self

    def holds(self) -> None:
        """What the row promises, asserted."""
        raise NotImplementedError

    def figures(self) -> dict[str, float]:
        """What every row reports."""
        slowest = sorted(answer.took for answer in self.answers)
        return {
            "requests": len(self.answers),
            "answers 5xx": sum(answer.status >= 500 for answer in self.answers),
            "deadlocks": deadlocks(),
            "p99, s": slowest[len(slowest) * 99 // 100],
        }


def burst(calls: Sequence[Call], at_once: int = AT_ONCE) -> list[Answer]:
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


def broken_rules(hand: psycopg.Connection | None = None) -> dict[str, list]:
    """The rules that do not hold in the tables, each with the rows that break it."""
    if hand is None:
        with prompt() as hand:
            return broken_rules(hand)
    found = {rule: hand.execute(query).fetchall() for rule, query in INVARIANTS.items()}
    return {rule: rows for rule, rows in found.items() if rows}


def deadlocks() -> int:
    """How many deadlocks this database has seen. Sessions report when they end, so the idle ones are ended."""
    end_idle_sessions()
    return value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def left_open() -> int:
    """How many sessions still hold a transaction although nobody is asking anything."""
    return value("""SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
                      AND backend_type = 'client backend'""")


def forced(lock: str, what: object, calls: Sequence[Call]) -> list[Answer]:
    """The answers of calls that met at a lock held from outside: two are seen waiting, then all are let go.

    Two, because all may have come to one of the processes, and each works on two requests at a time.
    """
    with prompt(autocommit=False) as holder, ThreadPoolExecutor(1) as crowd:
        holder.execute(lock, [what])
        answers = crowd.submit(burst, calls)
        try:
            eventually(lambda: waiting() >= 2, "two sessions waiting for the lock", within=2.5)
        finally:
            holder.rollback()
        return answers.result()


def waiting() -> int:
    """How many sessions wait for a lock."""
    return value("""SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'""")


def captured(**details) -> UUID:
    """The id of a lead that came in. No transaction of this process stays open while people open their pages."""
    lead_id = a_lead(**details).lead_id
    db.session.rollback()
    return lead_id


def owner_of(lead_id: UUID) -> UUID:
    return value("SELECT agent_id FROM lead_assignments WHERE lead_id = %s", lead_id)


def reception(office: Office) -> Visitor:
    """Somebody at the front desk, signed in."""
    return Visitor(office).sign_in(somebody("Rashid Khan", Role.RECEPTIONIST))


def managers(office: Office, count: int = 1) -> list[Visitor]:
    """So many managers, each signed in."""
    return [Visitor(office).sign_in(somebody(f"Manager Number{n}", Role.MANAGER)) for n in range(count)]
