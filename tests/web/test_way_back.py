"""Who must sign in goes on where they were, and their forms are as good as their session (S8)."""

import re
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from tests.factories import sql, value
from tests.web.browser import controls

pytestmark = pytest.mark.row("S8")

HERE = "http://localhost"


@pytest.fixture
def expired(browser, aisha):
    """Aisha's browser, after her session has ended."""
    browser.sign_in(aisha)
    sql("DELETE FROM sessions")
    return browser


class TestWayBack:
    def test_the_page_that_holds_a_form_without_scripts(self, expired, lead):
        headers = {"Referer": f"{HERE}/leads/{lead.lead_id}"}
        answer = expired.ask("POST", f"/leads/{lead.lead_id}/activities", headers=headers)

        assert (answer.status_code, answer.headers["Location"]) == (302, f"/login?next=/leads/{lead.lead_id}")

    def test_the_page_that_holds_a_form_of_htmx_with_what_it_was_asked(self, expired):
        headers = {"HX-Request": "true", "HX-Current-URL": f"{HERE}/front-desk?phone=0501234567#main"}
        answer = expired.ask("POST", "/leads", headers=headers | {"Referer": f"{HERE}/account"})

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/login?next=/front-desk?phone%3D0501234567"

    @pytest.mark.parametrize(
        "came_from",
        [
            "https://evil.example/leads",
            f"{HERE}.evil.example/leads",
            f"{HERE}@evil.example/leads",
            f"{HERE}//evil.example",
            f"{HERE}/leads/new\n/x",
            f"{HERE}/tasks/0f8fad5b-d9cb-469f-a165-708677289501/due-date",
            f"{HERE}/nothing-here",
            "http://[",
            "/leads",
            "",
        ],
    )
    @pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
    def test_nowhere_that_is_not_a_page_of_ours(self, expired, came_from, header):
        came_from = came_from.replace("\n", "%0a")
        answer = expired.ask("POST", "/leads", headers={header: came_from})

        assert (answer.status_code, answer.headers["Location"]) == (302, "/login")

    def test_the_login_page_says_why_it_is_there(self, expired):
        asked = expired.get("leads.index", q="0501")

        assert asked.path == "/login"
        assert "Sign in to go on where you were." in asked.said()
        assert "Sign in to go on" not in expired.get("sessions.new").said()

    def test_another_language_leads_back_to_the_same_login(self, expired):
        asked = expired.get("leads.index", q="0501")
        answer = expired.open("GET", asked.page.select_one("a[lang=ar]")["href"])

        assert answer.page.html["lang"] == "ar"
        assert answer.path == "/login"
        assert answer.response.request.args["next"] == "/leads?q=0501"

    @pytest.mark.parametrize("target", ["/leads%0d%0aX-Injected:1", "/leads%0a", "/%00", "/\u2028"])
    def test_an_address_that_cannot_be_one_is_no_way_back(self, browser, aisha, target):
        for path in (f"/language/ar?next={target}", f"/login?next={target}"):
            answer = browser.ask("GET", path)
            assert answer.status_code in (200, 302)
            assert answer.headers.get("Location") in (None, "/login")


class TestForms:
    @pytest.mark.parametrize("hours", [0, 8, 11])
    def test_a_form_is_as_good_as_its_session_however_long_it_is_open(self, app, browser, aisha, lead, hours):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        form = controls(browser.last.select_one("#activity-form"))
        sql("UPDATE sessions SET last_seen_at = now() - make_interval(hours => %s)", hours)
        sent = form | {"csrf_token": aged(app, form["csrf_token"], timedelta(hours=hours)), "type": "call"}

        answer = browser.ask("POST", f"/leads/{lead.lead_id}/activities", data=sent)

        assert answer.status_code == 303
        assert value("SELECT count(*) FROM lead_activities") == 1

    def test_a_token_of_another_session_opens_the_page_anew(self, browser, another, aisha, lead):
        browser.sign_in(aisha)
        sent = {"csrf_token": another(aisha).tokens()["csrf_token"]}
        answer = browser.ask("POST", f"/leads/{lead.lead_id}/activities", data=sent, headers={"HX-Request": "true"})

        assert (answer.status_code, answer.headers["HX-Refresh"]) == (400, "true")

    def test_signing_out_empties_what_the_browser_keeps(self, browser, aisha):
        browser.sign_in(aisha).get("users.account")
        answer = browser.ask("POST", "/logout", data=browser.filled("/logout", "sessions.end", {}))

        assert answer.headers["Clear-Site-Data"] == '"storage"'

    def test_signing_out_takes_its_form(self, browser, aisha):
        token = browser.sign_in(aisha).tokens()["csrf_token"]
        answer = browser.ask("POST", "/logout", json={}, headers={"X-CSRFToken": token})

        assert answer.status_code == 415
        assert browser.get("users.account").path == "/account"

    def test_every_page_says_whose_it_is(self, browser, aisha):
        """So that what somebody typed is put back for them alone."""
        page = browser.sign_in(aisha).get("home.show").text

        assert re.search(r'<body data-user="([-0-9a-f]{36})"', page)[1] == str(aisha.user_id)


def aged(app, token: str, by: timedelta) -> str:
    """The same token as if it had been made so much earlier."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - int(by.total_seconds())

    reader = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
    return URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token", signer=Earlier).dumps(reader.loads(token))
