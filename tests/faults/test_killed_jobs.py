"""A job that is killed anywhere and begun again has doubled nothing and left nothing out (J3)."""

import random
import signal
from contextlib import suppress
from subprocess import TimeoutExpired

import pytest

from tests.factories import a_lead, sql, value
from tests.faults.conftest import SLOWLY, process
from tests.production import eventually, somebody
from webapp.services import doctor, scoring
from webapp.vocabulary import Begin, Role

pytestmark = pytest.mark.row("J3")

WORKS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query ~* 'INSERT INTO score_lines' AND pid <> pg_backend_pid()
      AND state <> 'idle'
"""
SILENCES = "SELECT count(*) AS times, count(DISTINCT lead_id) AS leads FROM score_lines WHERE reason = 'silence'"
CHARGED = "SELECT count(*) FROM audit_entries WHERE verb = 'scoring.charge_silences'"
ANEW = "SELECT count(*) AS times, count(DISTINCT lead_id) AS leads FROM score_lines WHERE parts IS NOT NULL"


def killed(office, job: str, times: int, within: float) -> int:
    """Begin this job and kill it so soon after it is seen at work, so many times; how often it was at work."""
    chance, died = random.Random(times), 0
    for _time in range(times):
        with process(office, "flask", "--app", "wsgi", "jobs", "run", job) as worker:
            eventually(lambda worker=worker: value(WORKS) or worker.poll() is not None, f"{job} works", within=30)
            with suppress(TimeoutExpired):
                worker.wait(chance.uniform(0, within))
            worker.kill()
            died += worker.wait() == -signal.SIGKILL
    eventually(lambda: not value(WORKS), "the server has noticed", within=30)
    return died


def wrong() -> list:
    return [found for found in doctor.examine() if found.check.name.startswith("score")]


def test_silences_are_charged_once(unserved, full, figure):
    times, size = (50, 400) if full else (3, 30)
    for _ in range(size):
        a_lead()
    sql("UPDATE leads SET created_at = created_at - interval '8 days'")
    sql(SLOWLY.format(seconds=0.03, table="score_lines"))

    died = killed(unserved, "inactivity", times, within=0.2)
    before = value(CHARGED)
    sql("DROP FUNCTION slowly CASCADE")
    assert died == times and 0 < before < size
    assert scoring.charge_silences().done == size - before

    assert sql(SILENCES) == [(size, size)]
    assert value(CHARGED) == size
    assert wrong() == []
    figure("J3", f"leads charged twice or never of {size}, where the job was killed {died} times", 0)


def test_scores_are_counted_anew_once(unserved, full, figure):
    times, size = (50, 1_300) if full else (3, 410)
    mariam = somebody("Mariam Saleh", Role.MANAGER)
    sql(
        """WITH made AS (
               INSERT INTO leads (source_type, first_name, last_name, phone, score)
               SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0'), 90 FROM generate_series(1, %s) n
               RETURNING lead_id)
           INSERT INTO score_lines (lead_id, rule_id, rule_name, reason, points, counted)
           SELECT lead_id, rule_id, rule_name, 'details', 90, 90 FROM made, lead_scoring_rules
           WHERE rule_name = 'Source: Bayut'""",
        size,
    )
    scoring.apply(by=mariam, version=scoring.start(Begin.BALANCED, by=mariam).version)
    sql(SLOWLY.format(seconds=0.002, table="score_lines"))

    died = killed(unserved, "rescore", times, within=1.5)
    sql("DROP FUNCTION slowly CASCADE")
    assert died
    scoring.rescore_waiting()

    assert sql(ANEW) == [(size, size)]
    assert sql("SELECT DISTINCT score FROM leads") == [(21,)]
    assert scoring.preview(scoring.listed(), by=mariam).changed == 0
    assert wrong() == []
    figure("J3", f"leads counted anew twice or never of {size}, where the job was killed {died} times", 0)
