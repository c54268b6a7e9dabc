"""Whatever takes too long is given up in words, the inner layer before the one around it (D5, D6)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from time import monotonic

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.factories import a_lead, an_agent, sql, tally
from tests.production import Answer, Form, Visitor, eventually, somebody
from tests.races.bursts import left_open
from webapp import create_app
from webapp.extensions import db
from webapp.vocabulary import Role

SLOWLY = """
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF new.notes = 'slowly' THEN PERFORM pg_sleep(60); END IF; RETURN new; END $$;
    CREATE TRIGGER slowly BEFORE INSERT ON lead_activities FOR EACH ROW EXECUTE FUNCTION slowly()
"""


def activity(who: Visitor, lead, notes: str = "") -> Form:
    form = who.get(f"/leads/{lead.lead_id}").form(f"/leads/{lead.lead_id}/activities")
    return form.with_(type="call", notes=notes)


def asked_to_try_again(answer: Answer) -> None:
    """The page of an office that is busy."""
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "The office is busy right now. Nothing was saved; try again." in answer.text


@pytest.mark.row("D5")
class TestInTheDatabase:
    @pytest.fixture
    def slow(self, office):
        """Activities with the notes `slowly` take a minute to write."""
        sql(SLOWLY)
        yield
        sql("DROP FUNCTION slowly CASCADE")

    @pytest.fixture
    def forgotten(self, office):
        """A connection of the app that locked the only lead, and nobody goes on with it."""
        an_agent("Aisha Khan")
        lead = a_lead()
        with closing(db.engine.connect()) as connection:
            connection.execute(text("SELECT FROM leads FOR UPDATE"))
            yield connection, lead

    def test_a_lock_a_slow_statement_and_a_forgotten_transaction_end_in_time(
        self, office, mariam, slow, forgotten, figure
    ):
        connection, locked = forgotten
        free = a_lead()
        held_since = monotonic()
        with ThreadPoolExecutor() as crowd:
            slow_one = crowd.submit(mariam.send, activity(mariam, free, "slowly"))
            locked_one = crowd.submit(mariam.send, activity(mariam, locked))
            assert mariam.get("/leads?all=1").status == 200
            for answer in (locked_one.result(), slow_one.result()):
                asked_to_try_again(answer)
        figure("D5", "answer to a lock that is not let go", locked_one.result().took)
        figure("D5", "answer to a statement that takes a minute", slow_one.result().took)
        assert tally("lead_activities") == {"lead_activities": 0}

        answer = eventually(
            lambda: (sent := mariam.send(activity(mariam, locked))).status == 303 and sent,
            "the forgotten transaction is ended",
            within=20,
        )
        figure("D5", "end of a forgotten transaction", monotonic() - held_since)
        assert answer.status == 303
        with pytest.raises(DBAPIError) as ended:
            connection.execute(text("SELECT"))
        assert ended.value.connection_invalidated
        eventually(lambda: left_open() == 0, "every transaction closed")
        figure("D5", "leaked connections", left_open())

    @pytest.mark.row("P3")
    def test_who_takes_too_long_is_given_up_alone(self, office, mariam, slow, full, figure):
        """The others, who meet both processes of the server meanwhile, notice nothing."""
        an_agent("Aisha Khan")
        lead, other = a_lead(), Visitor(office).sign_in(somebody("Huda Amin", Role.MANAGER))
        asked, failed = 0, 0
        with ThreadPoolExecutor(1) as crowd:
            slow_one = crowd.submit(mariam.send, activity(mariam, lead, "slowly"))
            while not slow_one.done() or asked < (200 if full else 20):
                asked += 1
                failed += other.get("/leads?all=1").status != 200
            asked_to_try_again(slow_one.result())

        figure("P3", "requests of others meanwhile", asked)
        figure("P3", "of them failed", failed)
        assert failed == 0
        assert tally("lead_activities") == {"lead_activities": 0}


@pytest.mark.row("D6")
class TestThePool:
    def test_used_up_it_is_said_after_the_pool_s_own_time_and_then_all_is_normal(self, app, monkeypatch, full, figure):
        """In one process with as many threads as it takes: the server of ours has fewer threads than connections."""
        size, at_once = 100 if full else 24, 10
        served = 0
        go_on = Event()

        def slow():
            nonlocal served
            served += 1
            go_on.wait(30)
            return "done"

        def visit(_number):
            began = monotonic()
            return app.test_client().get("/login"), monotonic() - began

        db.session.remove()
        with ThreadPoolExecutor(size) as crowd:
            with monkeypatch.context() as slowly:
                slowly.setitem(app.view_functions, "sessions.new", slow)
                visits = [crowd.submit(visit, number) for number in range(size)]
                eventually(lambda: sum(v.done() for v in visits) == size - at_once, "all others are answered", 20)
                go_on.set()
                answers = [visit.result() for visit in visits]
            normal, took = crowd.submit(visit, size).result()

        refused = [(answer, waited) for answer, waited in answers if answer.status_code == 503]
        assert (served, len(refused)) == (at_once, size - at_once)
        for answer, _ in refused:
            assert int(answer.headers["Retry-After"]) > 0
            assert "The office is busy right now" in answer.text
        assert normal.status_code == 200
        assert db.engine.pool.checkedout() == 0
        figure("D6", "longest wait for a connection", max(waited for _, waited in refused))
        figure("D6", "good again", took)
        figure("D6", "connections leaked", db.engine.pool.checkedout())


class TestTheLimits:
    """The layers' times, from the inside out: what D5 and D6 wait for is what is set."""

    @pytest.mark.parametrize(
        ("name", "seconds"),
        [("lock_timeout", 3), ("statement_timeout", 10), ("idle_in_transaction_session_timeout", 15)],
    )
    def test_every_connection_of_the_app_has_its_times(self, app, name, seconds):
        setting = text("SELECT setting::int / 1000 FROM pg_settings WHERE name = :name")

        assert db.session.scalar(setting, {"name": name}) == seconds

    @pytest.mark.row("D4")
    def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(self, app, network, figure):
        address = network.leading_to(app.config["SQLALCHEMY_DATABASE_URI"])
        elsewhere = create_app(TESTING=True, SQLALCHEMY_DATABASE_URI=address)
        began = monotonic()
        with network.silent(), elsewhere.app_context():
            for tries in range(2):
                with pytest.raises(OperationalError) as gave_up:
                    db.session.execute(text("SELECT"))
                assert isinstance(gave_up.value.orig, psycopg.errors.ConnectionTimeout)
                figure("D4", f"time-out of a connection, try {tries + 1}", monotonic() - began)
            db.engine.dispose()
