"""What runs by itself: every turn is taken once, and how it ended is on record."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from threading import Barrier

import pytest
from flask import current_app

from tests.factories import a_lead, an_agent, now, sql, value
from webapp import stopping
from webapp.extensions import db
from webapp.jobs import JOBS, take_turn
from webapp.models.jobs import ATTEMPTS
from webapp.services import jobs
from webapp.services.access import SYSTEM
from webapp.stopping import Tally, one_by_one
from webapp.vocabulary import JobName, TurnState

METRICS = JobName.METRICS


class Broken(Exception):
    pass


def kept() -> list:
    return sql("SELECT state, attempt, done, failed, error FROM job_turns ORDER BY due_at, job")


@pytest.fixture
def due(app):
    return now().replace(microsecond=0)


def broken(due, attempt: int = 1) -> None:
    with pytest.raises(Broken), jobs.turn(METRICS, due=due, attempt=attempt):
        raise Broken


def test_every_job_has_its_words():
    assert {name.value for name in JobName} == set(JOBS)


class TestTurn:
    def test_what_it_did_is_on_record(self, due):
        an_agent("Aisha Rahman")
        a_lead()

        assert take_turn("metrics", due=due) == Tally(done=1)

        assert kept() == [("done", ATTEMPTS, 1, 0, "")]
        assert value("SELECT started_at <= ended_at FROM job_turns")

    def test_it_is_taken_once(self, due):
        assert take_turn("metrics", due=due, attempt=1) == Tally()
        assert take_turn("metrics", due=due, attempt=1) is None
        assert take_turn("metrics", due=due, attempt=2) is None

        assert kept() == [("done", 1, 0, 0, "")]

    def test_what_breaks_it_is_on_record_and_goes_on(self, due):
        broken(due)

        assert kept() == [("broken", 1, 0, 0, "Broken")]

    def test_a_later_attempt_takes_it_up_again(self, due):
        broken(due)
        assert take_turn("metrics", due=due, attempt=1) is None

        assert take_turn("metrics", due=due, attempt=2) == Tally()

        assert kept() == [("done", 2, 0, 0, "")]

    def test_one_whose_worker_was_killed_is_taken_up_by_a_later_attempt(self, due):
        sql("INSERT INTO job_turns (job, due_at, attempt, state) VALUES ('metrics', %s, 1, 'running')", due)

        assert take_turn("metrics", due=due, attempt=2) == Tally()

    def test_one_that_was_told_to_stop_goes_on_and_adds_up(self, due):
        with stopping.told_by(lambda: True), jobs.turn(METRICS, due=due, attempt=1) as turn:
            turn.tally = Tally(2, 1)
        with jobs.turn(METRICS, due=due, attempt=2) as turn:
            turn.tally = Tally(3)

        assert kept() == [("done", 2, 5, 1, "")]

    @pytest.mark.row("J1")
    def test_three_workers_run_each_period_of_a_day_once(self, due, figure):
        an_agent("Aisha Rahman")
        app, together = current_app._get_current_object(), Barrier(3)
        periods = [due - timedelta(hours=hour) for hour in range(24)]

        def work(_worker):
            together.wait()
            with app.app_context():
                try:
                    ran = [take_turn(name, due=at, attempt=1) for at, name in product(periods, JOBS)]
                    return sum(tally is not None for tally in ran)
                finally:
                    db.session.remove()

        with ThreadPoolExecutor(3) as workers:
            ran = sum(workers.map(work, range(3)))

        each = sql("SELECT job, count(*), max(attempt) FROM job_turns WHERE state = 'done' GROUP BY job")
        assert sorted(each) == sorted((name, 24, 1) for name in JOBS)
        assert ran == 24 * len(JOBS)
        figure("J1", "turns of a job that three workers took in 24 periods", ran / len(JOBS))


class TestItemByItem:
    @pytest.mark.row("J5")
    def test_one_that_breaks_stops_no_other(self, caplog, full, figure):
        size = 1_000 if full else 50

        def work(item):
            if item == 7:
                raise Broken
            return True

        assert one_by_one(range(size), work, otherwise="Item %s could not be done") == Tally(size - 1, 1)
        assert "Item 7 could not be done" in caplog.text
        figure("J5", f"done of {size}, one of which breaks", size - 1)


class TestAsk:
    def test_it_waits_for_a_worker(self, app):
        jobs.ask(METRICS, by=SYSTEM)

        assert kept() == [("asked", 0, 0, 0, "")]
        assert value("SELECT after->>'job' FROM audit_entries WHERE verb = 'jobs.ask'") == "metrics"
        due = value("SELECT due_at FROM job_turns")
        assert take_turn("metrics", due=due, attempt=1) == Tally()
        assert kept() == [("done", 1, 0, 0, "")]


class TestEvery:
    def test_each_with_its_last_turn_and_its_last_failure(self, due):
        broken(due - timedelta(hours=2))
        take_turn("metrics", due=due - timedelta(hours=1))
        jobs.ask(METRICS, by=SYSTEM)

        found = {job.name: job for job in jobs.every()}

        assert list(found) == list(JobName)
        assert found[METRICS].turn.due_at == due - timedelta(hours=1)
        assert found[METRICS].failure.due_at == due - timedelta(hours=2)
        assert (found[JobName.OVERDUE].turn, found[JobName.OVERDUE].failure) == (None, None)

    @pytest.mark.parametrize("minutes, quiet", [(4, False), (6, True)])
    def test_a_worker_that_is_not_there_is_noticed(self, due, minutes, quiet):
        assert not jobs.is_quiet(jobs.every(), now=due)
        take_turn("metrics", due=due)

        assert jobs.is_quiet(jobs.every(), now=due + timedelta(minutes=minutes)) is quiet


class TestLately:
    def test_turns_in_which_nothing_happened_are_left_out(self, due):
        take_turn("metrics", due=due)
        broken(due + timedelta(minutes=1))

        assert [turn.state for turn in jobs.lately()] == [TurnState.BROKEN]


class TestForget:
    def test_a_week_is_kept(self, due):
        for days in (6, 8):
            take_turn("metrics", due=due - timedelta(days=days))

        assert jobs.forget() == 1
        assert value("SELECT due_at FROM job_turns") == due - timedelta(days=6)
