"""Errors in words, and reading that cannot write."""

import re

import pytest
from sqlalchemy import text

from webapp.extensions import db
from webapp.transaction import transactional


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
