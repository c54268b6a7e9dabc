"""Errors in words, and reading that cannot write."""

import re

import pytest
from sqlalchemy import text

from tests.factories import sql
from tests.web.browser import PASSWORD
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.transaction import transactional

BUSY = """
    CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'busy' USING ERRCODE = '55P03'; END $$;
    CREATE TRIGGER busy BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION busy()
"""


class TestReadOnly:
    """GET never writes: its transaction cannot."""

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_write_inside_a_get_fails(self, app, browser, aisha, unchanged, monkeypatch, method):
        @transactional
        def write():
            db.session.execute(text("UPDATE users SET name = 'written by a GET'"))

        browser.sign_in(aisha)
        unchanged.from_now()
        monkeypatch.setitem(app.view_functions, "users.account", lambda: write() or "written")

        answer = browser.open(method, "/account")

        assert answer.status_code == 503
        assert unchanged

    def test_the_read_only_transaction_does_not_stay_on_the_connection(self, browser, aisha, lead):
        browser.sign_in(aisha)
        for _ in range(12):
            browser.get("home.show")
            assert browser.post("users.prefer", {"theme": "dark"}).hops


class TestErrors:
    def test_a_missing_page_is_said_on_a_page(self, browser, aisha):
        answer = browser.sign_in(aisha).open("GET", "/nothing/here")

        assert answer.status_code == 404
        assert "There is nothing at this address" in answer.said()

    def test_a_stranger_gets_it_without_the_menu(self, browser):
        answer = browser.open("GET", "/nothing/here")

        assert answer.status_code == 404
        assert not answer.page.select("nav")

    def test_htmx_gets_it_where_it_is_seen(self, browser, aisha):
        read = browser.sign_in(aisha).open("GET", "/nothing/here", htmx=True, target="lead-list")
        assert (read.status_code, read.fills) == (404, "#main")

        written = browser.open("POST", "/nothing/here", htmx=True, target="lead-list", data=browser.tokens())
        assert (written.status_code, written.fills) == (404, "#toasts")
        assert written.page.select_one("[role=alert]")

    def test_an_accident_is_a_number_and_no_more(self, app, aisha, browser, monkeypatch):
        def accident():
            raise RuntimeError("SELECT secret FROM users")

        browser.sign_in(aisha)
        monkeypatch.setitem(app.view_functions, "users.account", accident)
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
        response = browser.client.get("/account")

        assert response.status_code == 500
        assert b"secret" not in response.data and b"Traceback" not in response.data
        assert re.search(rb"Tell your admin the number [0-9a-f]{8}", response.data)


class TestTryAgain:
    """A 503 says when, keeps what was typed, and offers to send it again: the nonce makes that safe."""

    @pytest.fixture
    def busy(self, app, monkeypatch):
        def away(*_arguments, **_values):
            raise Unavailable("Nothing was saved; try again.")

        return lambda endpoint: monkeypatch.setitem(app.view_functions, endpoint, away)

    def test_a_form_is_sent_again_from_the_page_and_kept_once(self, browser, aisha, lead, busy, monkeypatch):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        typed = {"type": "call", "notes": 'Wants "the Marina",\n2 beds & a view'}
        busy("activities.log")
        answer = browser.post("activities.log", typed, lead_id=lead.lead_id)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        monkeypatch.undo()
        for _ in range(2):
            again = {control["name"]: control["value"] for control in answer.page.select("main form input")}
            assert browser.open("POST", answer.path, data=again).hops
        assert [row.notes for row in sql("SELECT notes FROM lead_activities")] == [typed["notes"]]

    def test_a_password_is_never_put_into_a_page(self, browser, aisha, busy):
        browser.get("sessions.new")
        busy("sessions.create")
        answer = browser.post("sessions.create", {"email": aisha.email, "password": PASSWORD})

        assert answer.status_code == 503
        assert PASSWORD not in answer.text and aisha.email not in answer.text

    def test_reading_is_not_sent_again(self, browser, aisha, busy):
        browser.sign_in(aisha)
        busy("leads.index")

        assert not browser.get("leads.index").page.select("main form")

    def test_every_503_says_when_to_come_back(self, browser):
        answer = browser.get("health.ready")

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")

    def test_an_answer_stands_where_the_session_cannot_be_marked(self, app, browser, aisha, monkeypatch):
        browser.sign_in(aisha)
        sql("UPDATE sessions SET last_seen_at = last_seen_at - interval '2 minutes'")
        sql(BUSY)
        try:
            assert browser.post("users.prefer", {"theme": "dark"}).hops
        finally:
            sql("DROP FUNCTION busy CASCADE")
        assert sql("SELECT theme FROM users")[0].theme == "dark"
