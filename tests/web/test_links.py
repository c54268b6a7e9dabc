"""Links by which somebody chooses a password, once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories import sql, value
from tests.web.browser import PASSWORD
from webapp.errors import Conflict
from webapp.services import links

NEW = "four words of mine"


@pytest.fixture
def link(browser, omar, rashid):
    """The address that Omar is shown for Rashid, whose browser is then used."""
    page = browser.sign_in(omar).get("users.show", user_id=rashid.user_id)
    assert page.queries <= 5
    made = browser.post("links.make", user_id=rashid.user_id)
    browser.post("sessions.end")
    return made.page.select_one("input[readonly]")["value"]


def opened(browser, link):
    return browser.ask("GET", link, follow_redirects=True)


class TestMake:
    def test_it_is_shown_once_and_kept_as_a_hash(self, browser, omar, rashid, link):
        token = link.rpartition("/")[2]
        assert len(token) >= 43
        assert value("SELECT count(*) FROM one_time_links") == 1
        assert token not in str(sql("SELECT * FROM one_time_links"))
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'links.make'") == 1

        page = browser.sign_in(omar).get("users.show", user_id=rashid.user_id)

        assert not page.page.select("input[readonly]")
        assert "A link waits for them" in page.said("main")

    def test_a_new_one_takes_its_place(self, browser, omar, rashid, link):
        browser.sign_in(omar).get("users.show", user_id=rashid.user_id)
        browser.post("links.make", user_id=rashid.user_id)
        browser.post("sessions.end")

        assert opened(browser, link).status_code == 410

    def test_it_names_the_address_of_the_office_and_not_what_was_asked_for(
        self, app, browser, omar, rashid, monkeypatch
    ):
        monkeypatch.setitem(app.config, "BASE_URL", "https://desk.example")
        browser.sign_in(omar).get("users.show", user_id=rashid.user_id)

        made = browser.post("links.make", user_id=rashid.user_id)

        assert made.page.select_one("input[readonly]")["value"].startswith("https://desk.example/welcome/")


class TestChoose:
    def test_they_choose_a_password_and_are_signed_in(self, browser, rashid, link):
        page = opened(browser, link)
        assert page.request.path == "/welcome"
        assert "Welcome, Rashid." in page.text

        answer = browser.post("links.choose", {"password": NEW})

        assert answer.page.select_one("nav.side")
        browser.post("sessions.end")
        browser.get("sessions.new")
        assert browser.post("sessions.create", {"email": rashid.email, "password": PASSWORD}).status_code == 422
        assert browser.post("sessions.create", {"email": rashid.email, "password": NEW}).page.select_one("nav.side")

    def test_whoever_was_signed_in_as_them_no_longer_is(self, browser, another, rashid, link):
        elsewhere = another(rashid)
        opened(browser, link)
        browser.post("links.choose", {"password": NEW})

        assert elsewhere.ask("GET", "/account").status_code == 302

    @pytest.mark.parametrize("password", ["", "short", "password123", "rashid khan 1"])
    def test_a_password_that_somebody_would_try_is_refused_and_the_link_still_works(self, browser, link, password):
        opened(browser, link)

        answer = browser.post("links.choose", {"password": password})

        assert answer.status_code == 422
        assert answer.page.select_one(".field-error")
        assert browser.post("links.choose", {"password": NEW}).page.select_one("nav.side")

    def test_it_works_once(self, browser, link):
        opened(browser, link)
        browser.post("links.choose", {"password": NEW})
        browser.post("sessions.end")

        answer = opened(browser, link)

        assert answer.status_code == 410
        assert "Ask your admin for a new one." in answer.text

    @pytest.mark.parametrize(
        "over",
        [
            "UPDATE one_time_links SET expires_at = now()",
            "UPDATE users SET is_active = false WHERE role = 'receptionist'",
            "DELETE FROM one_time_links",
        ],
    )
    def test_what_is_over_is_said(self, browser, link, over):
        opened(browser, link)
        sql(over)

        assert browser.post("links.choose", {"password": NEW}).status_code == 410

    @pytest.mark.row("S5")
    def test_of_many_who_use_it_at_once_one_does(self, app, browser, link, full, figure):
        token, tries = link.rpartition("/")[2], 50 if full else 8

        def use(number: int) -> bool:
            with app.app_context():
                try:
                    return bool(links.choose(token, f"{NEW} {number}"))
                except Conflict as refused:
                    assert refused.code == "link_over"
                    return False

        with ThreadPoolExecutor(tries) as crowd:
            used = sum(crowd.map(use, range(tries)))

        figure("S5", "uses at once", tries)
        figure("S5", "of them that worked", used)
        assert used == 1
