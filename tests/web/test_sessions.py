"""Signing in and out, and what a session is worth afterwards."""

import re

import pytest

from tests.factories import sql, value
from tests.web.browser import PASSWORD
from tests.web.office import Caller
from tests.web.reach import outcome, views
from webapp.guard import POLLED
from webapp.services import users
from webapp.services.access import SYSTEM

WRONG = {"password": "not my password"}


class TestNew:
    def test_it_is_where_strangers_land_and_come_back_from(self, browser, aisha):
        asked = browser.get("leads.index", q="0501")
        assert asked.path == "/login"

        url = f"/login?{asked.response.request.query_string.decode()}"
        sent = browser.filled("/login", "sessions.create", {}) | {"email": aisha.email, "password": PASSWORD}
        answer = browser.open("POST", url, data=sent)

        assert answer.path == "/leads"
        assert answer.response.request.args["q"] == "0501"

    def test_its_form_keeps_the_way_back(self, browser):
        asked = browser.get("leads.index")

        form = asked.page.select_one("form[method=post]")

        assert not form.get("action"), "an address of its own would lose ?next="

    def test_an_htmx_request_of_a_stranger_gets_the_whole_login_page(self, browser):
        answer = browser.get("leads.index", htmx=True, target="lead-list")

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/login?next=/leads"
        assert answer.text == ""

    def test_who_is_signed_in_needs_no_login(self, browser, aisha):
        assert browser.sign_in(aisha).get("sessions.new").path == "/"

    def test_it_speaks_the_language_that_was_chosen(self, browser):
        answer = browser.get("sessions.speak", language="ar")

        assert answer.path == "/login"
        assert (answer.page.html["lang"], answer.page.html["dir"]) == ("ar", "rtl")
        assert browser.get("sessions.speak", language="en").page.html["lang"] == "en"

    def test_a_language_we_do_not_have_changes_nothing(self, browser):
        assert browser.get("sessions.speak", language="xx").page.html["lang"] == "en"


class TestCreate:
    @pytest.mark.parametrize(
        "role, path",
        [("aisha", "/"), ("mariam", "/"), ("omar", "/"), ("rashid", "/front-desk")],
        ids=["agent", "manager", "admin", "receptionist"],
    )
    def test_everybody_lands_on_their_first_page(self, browser, request, role, path):
        answer = browser.sign_in(request.getfixturevalue(role)).get("home.show")

        assert answer.status_code == 200
        assert answer.path == path

    def test_a_wrong_password_is_said_at_its_field_and_keeps_the_email(self, browser, aisha):
        answer = browser.post("sessions.create", {"email": aisha.email, **WRONG})

        assert answer.status_code == 422
        assert "do not go together" in answer.said("#password-error")
        assert answer.page.select_one("[name=email]")["value"] == aisha.email
        assert not answer.page.select_one("[name=password]").get("value")
        assert value("SELECT count(*) FROM sessions") == 0

    @pytest.mark.row("S3")
    @pytest.mark.parametrize("tries", [1, 11], ids=["refused", "past the limit"])
    def test_unknown_deactivated_and_wrong_are_the_same_page_to_the_byte(self, browser, aisha, yousef, tries):
        sql("UPDATE users SET is_active = false WHERE user_id = %s", yousef.user_id)
        pages = set()
        for email, password in (
            ("nobody@desk.example", "not my password"),
            (aisha.email, "not my password"),
            (yousef.email, "not my password"),
            (yousef.email, PASSWORD if tries == 1 else "not my password"),
        ):
            sql("DELETE FROM rate_counters")
            for _ in range(tries):
                answer = browser.post("sessions.create", {"email": email, "password": password})
            told = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", answer.text).replace(email, "")
            pages.add((answer.status_code, told))

        assert len(pages) == 1
        assert pages.pop()[0] == (422 if tries == 1 else 429)

    def test_the_email_may_be_typed_in_any_case(self, browser, aisha):
        answer = browser.post("sessions.create", {"email": f" {aisha.email.upper()} ", "password": PASSWORD})

        assert answer.path == "/"

    @pytest.mark.row("S2")
    def test_after_ten_failures_even_the_right_password_must_wait(self, browser, aisha):
        for _ in range(10):
            refused = browser.post("sessions.create", {"email": aisha.email, **WRONG})
            assert refused.status_code == 422
        assert "Tries left before a pause: 0" in refused.said("#password-error")

        answer = browser.post("sessions.create", {"email": aisha.email, "password": PASSWORD})

        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
        assert "Wait 15 min" in answer.said()
        assert value("SELECT count(*) FROM sessions") == 0

    def test_the_pause_is_the_accounts_and_not_the_offices(self, browser, aisha, mariam):
        for _ in range(11):
            browser.post("sessions.create", {"email": aisha.email, **WRONG})

        assert browser.sign_in(mariam).get("home.show").status_code == 200

    def test_a_forged_sender_address_does_not_buy_more_tries(self, browser, aisha):
        sent = browser.filled("/login", "sessions.create", {}) | {"email": aisha.email, **WRONG}
        statuses = [
            browser.open("POST", "/login", data=sent, headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
            for n in range(11)
        ]

        assert statuses == [422] * 10 + [429]

    def test_right_passwords_are_never_counted(self, browser, another, aisha):
        for _ in range(12):
            another(aisha)

        assert browser.sign_in(aisha).get("home.show").path == "/"

    @pytest.mark.parametrize(
        "target",
        [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "http:evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/%0d%0aSet-Cookie:x=1",
            "leads",
        ],
    )
    def test_the_way_back_never_leaves_the_site(self, browser, aisha, target):
        sent = browser.filled("/login", "sessions.create", {}) | {"email": aisha.email, "password": PASSWORD}

        answer = browser.open("POST", "/login", query_string={"next": target}, data=sent, follow=False)

        assert answer.status_code == 303
        location = answer.headers["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\", "/\t", "/\n"))
        assert "Set-Cookie" not in {name for name, text in answer.headers if "x=1" in text}
        assert browser.get("users.account").status_code == 200

    @pytest.mark.row("S1")
    def test_the_session_of_before_is_not_taken_over(self, browser, aisha):
        browser.get("sessions.new")
        token = browser.last.select_one("[name=csrf_token]")["value"]
        before = browser.client.get_cookie("desk").value

        browser.sign_in(aisha)

        assert browser.client.get_cookie("desk").value != before
        answer = browser.open("POST", "/account", data={"csrf_token": token, "language": "ar", "theme": "dark"})
        assert answer.status_code == 400


class TestEnd:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_it_lands_on_the_login(self, browser, aisha, htmx):
        answer = browser.sign_in(aisha).post("sessions.end", htmx=htmx)

        assert answer.path == "/login"
        assert value("SELECT count(*) FROM sessions") == 0

    @pytest.mark.row("S1")
    def test_the_cookie_of_before_is_worth_nothing(self, browser, aisha):
        browser.sign_in(aisha).get("home.show")
        cookie = browser.client.get_cookie("desk").value
        browser.post("sessions.end")

        browser.client.set_cookie("desk", cookie)

        assert browser.get("home.show").path == "/login"

    def test_the_other_sessions_of_the_user_go_on(self, browser, another, aisha):
        elsewhere = another(aisha)
        browser.sign_in(aisha).post("sessions.end")

        assert elsewhere.get("home.show").path == "/"


@pytest.mark.row("S1")
class TestReplay:
    """The cookie of a session that is over opens nothing, wherever it is shown again."""

    ENDINGS = {
        "logout": lambda by: by.ask("POST", "/logout", data={"csrf_token": by.token}),
        "a new password": lambda by: users.set_password(by.who.email, by=SYSTEM, password="four other words of hers"),
        "deactivation": lambda by: sql("UPDATE users SET is_active = false WHERE user_id = %s", by.who.user_id),
        "the user's end": lambda by: sql("DELETE FROM users WHERE user_id = %s", by.who.user_id),
        "half a day without use": lambda by: sql("UPDATE sessions SET last_seen_at = now() - interval '12 h 1 s'"),
        "a week": lambda by: sql("UPDATE sessions SET created_at = now() - interval '7 days 1 s'"),
    }

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_it_is_nobody_everywhere(self, app, office, ending, full, figure):
        by = Caller(app, office.aisha)
        cookie, token = by.client.get_cookie("desk").value, by.token
        self.ENDINGS[ending](by)
        before, asked, accepted = office.state()[0], 0, []

        for cell in views(app, full=full):
            if cell.way.signed_in and cell.whose in ("", "own"):
                asked += 1
                by.client.set_cookie("desk", cookie)
                by.token = token
                if outcome(office.ask(by, cell), cell) != "login":
                    accepted.append(str(cell))

        figure("S1", f"replays after {ending}", asked)
        figure("S1", f"accepted after {ending}", len(accepted))
        assert accepted == []
        assert office.state()[0] == before


@pytest.mark.row("S1")
class TestPolling:
    """An open page that asks for news by itself keeps nobody signed in."""

    @pytest.mark.parametrize("endpoint", POLLED)
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_it_never_extends_a_session(self, app, browser, mariam, endpoint, htmx):
        browser.sign_in(mariam)
        sql("UPDATE sessions SET last_seen_at = now() - interval '59 minutes'")
        seen = value("SELECT last_seen_at FROM sessions")

        for _ in range(3):
            assert browser.get(endpoint, htmx=htmx).status_code in (200, 204)

        assert value("SELECT last_seen_at FROM sessions") == seen
        sql("UPDATE sessions SET last_seen_at = now() - interval '61 minutes'")
        assert browser.get(endpoint, htmx=htmx).status_code == 401

    @pytest.mark.parametrize("path", ["/static/app.css", "/livez", "/language/en"])
    def test_nor_does_what_needs_no_session(self, browser, mariam, path):
        browser.sign_in(mariam)
        sql("UPDATE sessions SET last_seen_at = now() - interval '59 minutes'")
        seen = value("SELECT last_seen_at FROM sessions")

        browser.open("GET", path, follow=False)

        assert value("SELECT last_seen_at FROM sessions") == seen


@pytest.mark.row("S1")
class TestResume:
    def test_deactivation_takes_effect_at_the_next_request(self, browser, aisha):
        browser.sign_in(aisha)

        sql("UPDATE users SET is_active = false WHERE user_id = %s", aisha.user_id)

        assert browser.get("home.show").path == "/login"

    def test_a_new_role_takes_effect_at_the_next_request(self, browser, mariam, lead):
        browser.sign_in(mariam)
        assert browser.get("leads.show", lead_id=lead.lead_id).status_code == 200

        sql("UPDATE users SET role = 'receptionist' WHERE user_id = %s", mariam.user_id)

        assert browser.get("leads.index").status_code == 403
        assert browser.get("home.show").path == "/front-desk"

    def test_another_agent_takes_effect_at_the_next_request(self, browser, yousef, lead):
        browser.sign_in(yousef)
        assert browser.get("leads.show", lead_id=lead.lead_id).status_code == 404

        sql(
            "UPDATE lead_assignments SET agent_id = %s, reassigned_at = now() WHERE lead_id = %s",
            yousef.agent_id,
            lead.lead_id,
        )

        assert browser.get("leads.show", lead_id=lead.lead_id).status_code == 200

    @pytest.mark.parametrize(
        "who, column, limit",
        [
            ("aisha", "last_seen_at", "12 hours"),
            ("aisha", "created_at", "7 days"),
            ("mariam", "last_seen_at", "1 hour"),
            ("mariam", "created_at", "12 hours"),
            ("omar", "last_seen_at", "1 hour"),
            ("omar", "created_at", "12 hours"),
        ],
    )
    def test_sessions_end_when_idle_and_when_old(self, browser, request, who, column, limit):
        browser.sign_in(request.getfixturevalue(who))

        sql(f"UPDATE sessions SET {column} = now() - %s::interval + interval '1 minute'", limit)
        assert browser.get("home.show").path == "/"
        sql(f"UPDATE sessions SET {column} = now() - %s::interval - interval '1 second'", limit)

        assert browser.get("home.show").path == "/login"

    def test_a_page_keeps_the_session_alive_once_a_minute(self, browser, aisha):
        browser.sign_in(aisha)
        seen = "SELECT last_seen_at FROM sessions"
        fresh = value(seen)
        browser.get("home.show")
        assert value(seen) == fresh

        sql("UPDATE sessions SET last_seen_at = now() - interval '61 seconds'")
        browser.get("home.show")

        assert value("SELECT last_seen_at > now() - interval '10 seconds' FROM sessions")

    @pytest.mark.parametrize("made_up", ["", "no-such-token", "x" * 4000])
    def test_a_cookie_that_we_did_not_make_is_nobody(self, browser, made_up):
        browser.client.set_cookie("desk", made_up)

        assert browser.get("home.show").path == "/login"
