"""A network that goes silent or loses an answer, before the database (D4, D9) and before the office (P4)."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.factories import a_lead, a_phone, an_agent, prompt, tally, value
from tests.faults.network import COMMIT, COMMITTED, HOST, Network
from tests.production import Answer, Form, Visitor, eventually

LOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def lead(office):
    """A lead with an owner."""
    an_agent("Aisha Khan")
    return a_lead(first_name="Layla")


@pytest.fixture
def activity(mariam, lead) -> Form:
    """An activity, filled in and not yet sent."""
    form = mariam.get(f"/leads/{lead.lead_id}").form(f"/leads/{lead.lead_id}/activities")
    return form.with_(type="call", notes="Wants the Marina")


def activities() -> int:
    return tally("lead_activities")["lead_activities"]


def said_in_words(answer: Answer) -> None:
    """A page that says what to do and when, and nothing of what is behind it."""
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "The database cannot be reached right now" in answer.words
    for inside in ("Traceback", "psycopg", "sqlalchemy", "SELECT", HOST):
        assert inside not in answer.text


@pytest.mark.row("D4")
class TestASilentNetwork:
    def test_everybody_is_told_before_long_and_then_it_goes_on(self, network, mariam, lead, activity, full, figure):
        pages = ["/leads?all=1", f"/leads/{lead.lead_id}", "/livez", "/readyz"] * (12 if full else 3)
        with ThreadPoolExecutor(len(pages) + 1) as crowd, prompt(autocommit=False) as elsewhere:
            elsewhere.execute("SELECT FROM leads FOR UPDATE")
            in_the_middle = crowd.submit(mariam.send, activity)
            eventually(lambda: value(LOCKED), "a request in the middle of a statement")
            with network.silent():
                answers = dict(zip(enumerate(pages), crowd.map(mariam.get, pages), strict=True))
                later = mariam.get("/leads?all=1")
                middle = in_the_middle.result()

        said_in_words(middle)
        said_in_words(later)
        for (_, page), answer in answers.items():
            if page == "/livez":
                assert answer.status == 200
            elif page == "/readyz":
                assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            else:
                said_in_words(answer)
        figure("D4", "longest hang", max(answer.took for answer in [middle, *answers.values()]))
        figure("D4", "longest page once it is known", later.took)
        assert activities() == 0
        eventually(lambda: all(mariam.get("/leads?all=1").status == 200 for _ in range(10)), "the office works again")
        assert mariam.send(middle.form(activity.action)).status == 303
        assert activities() == 1


@pytest.mark.row("D9")
class TestAConnectionLostDuringTheCommit:
    @pytest.mark.parametrize(("marker", "kept"), [(COMMIT, 0), (COMMITTED, 1)], ids=["before", "after"])
    def test_it_may_have_been_saved_and_sent_again_it_is_there_once(self, network, mariam, activity, marker, kept):
        with network.cut(marker):
            answer = mariam.send(activity)

        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "It may have been saved" in answer.words and "Nothing was saved" not in answer.words
        assert activities() == kept
        assert mariam.send(answer.form(activity.action)).status == 303
        assert activities() == 1

    def test_a_connection_lost_before_that_has_saved_nothing(self, network, mariam, activity):
        with network.cut(b"INSERT INTO lead_activities"):
            answer = mariam.send(activity)

        said_in_words(answer)
        assert "Nothing was saved" in answer.words
        assert activities() == 0
        assert mariam.send(answer.form(activity.action)).status == 303
        assert activities() == 1


@pytest.mark.row("P4")
class TestAnAnswerThatNeverArrived:
    @pytest.fixture
    def lost(self, office):
        """The network between people and the office."""
        with Network(HOST, office.port) as network:
            yield network

    def test_sending_again_gets_the_same_answer_and_writes_nothing_more(self, office, lost, mariam, full, figure):
        for name in ("Aisha Khan", "Yousef Haddad", "Sara Malik"):
            an_agent(name)
        size = 100 if full else 8
        beyond = replace(office, port=lost.port)
        leads = []
        for _ in range(size):
            form = mariam.get("/leads/new").form("/leads").with_(phone=a_phone(), source_type="website")
            with lost.cut(b"HTTP/1.1 303"), pytest.raises(http.client.RemoteDisconnected):
                Visitor(beyond, mariam.cookies).send(form)
            answers = [mariam.send(form), mariam.send(form)]
            assert [answer.status for answer in answers] == [303, 303]
            assert answers[0].location == answers[1].location
            leads.append(answers[0].location)

        assert len(set(leads)) == size
        made = tally("leads", "enquiries", "lead_assignments", "follow_up_tasks", "submissions")
        assert made == dict.fromkeys(made, size)
        figure("P4", f"duplicates of {size} answers lost", sum(made.values()) - size * len(made))
