"""Who gets in (the matrix is in test_matrix.py): forged forms, reading that cannot write, headers, hosts, methods."""

import pytest
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import a_user, sql
from tests.web.browser import Browser
from tests.web.office import ACTORS, Caller
from tests.web.reach import BY_MACHINES, NO, REACH, Cell
from webapp.errors import Unavailable
from webapp.extensions import csrf, db
from webapp.guard import FROM_OTHER_SITES, MACHINES, PUBLIC, READS, WITHOUT_DATABASE
from webapp.headers import HEADERS
from webapp.policy import POLICY
from webapp.vocabulary import Role

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def test_what_has_no_entry_in_the_policy_is_refused(browser, omar, monkeypatch):
    browser.sign_in(omar)
    monkeypatch.delitem(POLICY, "users.account")

    assert browser.open("GET", "/account").status_code == 403


class TestDenials:
    """Who is refused is in the audit; a flood of refusals is a number there, not a flood."""

    DENIED = "SELECT actor_name, subject_id, after FROM audit_entries WHERE verb = 'denied' ORDER BY entry_id"

    def test_it_says_who_asked_for_what(self, browser, yousef, lead):
        browser.sign_in(yousef)

        browser.open("GET", "/front-desk")
        browser.open("GET", f"/leads/{lead.lead_id}")

        front_desk, hidden = sql(self.DENIED)
        assert front_desk == ("Yousef Haddad", None, {"endpoint": "front_desk.show", "status": 403, "nth": 1})
        assert hidden == ("Yousef Haddad", lead.lead_id, {"endpoint": "leads.show", "status": 404, "nth": 2})

    @pytest.mark.parametrize("path", ["/nothing", "/leads/not-an-id", "/static/nothing.css"])
    def test_an_address_that_is_nothing_is_no_denial(self, browser, yousef, path):
        browser.sign_in(yousef)

        assert browser.open("GET", path).status_code == 404
        assert sql(self.DENIED) == []

    @pytest.mark.row("Z2")
    def test_a_flood_leaves_sixty_lines_and_then_one_for_every_power_of_ten(self, app, yousef, mariam, full, figure):
        by, times = Caller(app, yousef), 1050 if full else 105

        for _ in range(times):
            assert by.ask("GET", "/front-desk").status_code == 403

        counted = [row.after["nth"] for row in sql(self.DENIED)]
        figure("Z2", "denials of one user in an hour", times)
        figure("Z2", "lines of them in the audit", len(counted))
        assert counted == [*range(1, 61), *(n for n in (100, 1000) if n <= times)]

    def test_it_is_counted_for_each_user_and_each_hour(self, browser, another, yousef, rashid):
        another(rashid).open("GET", "/leads")
        browser.sign_in(yousef).open("GET", "/front-desk")
        sql("UPDATE rate_counters SET expires_at = now() - interval '1 second' WHERE key LIKE 'denied%%'")
        browser.open("GET", "/front-desk")

        assert [row.after["nth"] for row in sql(self.DENIED)] == [1, 1, 1]


@pytest.mark.row("S6")
class TestForgery:
    """Without this session's own token nothing is written, whatever the route."""

    FORGERIES = {
        "no token": {"data": {}},
        "an empty token": {"data": {"csrf_token": ""}},
        "a token made up": {"data": {"csrf_token": "x.y.z"}},
        "another session's token": {"data": {"csrf_token": "{theirs}"}},
        "the token in the address": {"data": {}, "query_string": {"csrf_token": "{own}"}},
        "another site's page": {"data": {"csrf_token": "{own}"}, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "another host of ours": {"data": {"csrf_token": "{own}"}, "headers": {"Sec-Fetch-Site": "same-site"}},
        "a body of JSON": {"json": {"csrf_token": "{own}", "phone": "0501112233"}},
        "JSON as a form can send it": {"data": '{{"csrf_token": "{own}", "x": "="}}', "content_type": "text/plain"},
    }

    @pytest.fixture
    def unsafe(self, app, office):
        """Every unsafe endpoint with the session of somebody who may. Machines have none that could be used."""
        callers = {actor: office.caller(actor) for actor in ("nobody", "manager", "receptionist")}
        callers["admin"] = Caller(app, office.sign_in(a_user("Huda Salem", Role.ADMIN)))
        found = []
        for rule in app.url_map.iter_rules():
            if rule.methods & set(UNSAFE) and rule.endpoint not in BY_MACHINES:
                way = REACH[rule.endpoint]
                may = next(actor for actor in ("manager", "receptionist", "admin") if way.reach(ACTORS[actor]) != NO)
                cell = Cell(rule.endpoint, "POST", (*way.done_on, "own")[0] if rule.arguments else "")
                found.append((cell, callers[may if way.signed_in else "nobody"]))
        return found

    @pytest.mark.parametrize("forgery", FORGERIES)
    def test_it_is_refused_before_anything_is_done(self, app, office, unsafe, caller, forgery, full, figure):
        theirs, before, tried, accepted = caller("admin").token, office.state()[0], 0, []
        for cell, by in unsafe:
            for htmx in (False, True) if full else (False,):
                tried += 1
                office.forget_tries()
                answer = by.ask("POST", office.url(cell), htmx=htmx, **self.sent(forgery, office, cell, by, theirs))
                if answer.status_code != (403 if "Sec-Fetch-Site" in str(self.FORGERIES[forgery]) else 400):
                    accepted.append(f"{cell}: {answer.status_code}")
                if office.state()[0] != before:
                    accepted.append(f"{cell}: written")
                    before = office.state()[0]

        figure("S6", f"routes tried with {forgery}", tried)
        figure("S6", f"accepted with {forgery}", len(accepted))
        assert accepted == []
        assert tried >= 15

    def sent(self, forgery, office, cell, by, theirs) -> dict:
        """A request that would be valid but for the forgery."""
        fill = lambda text: text.format(own=by.token, theirs=theirs)  # noqa: E731
        sent = {}
        for name, content in self.FORGERIES[forgery].items():
            sent[name] = {key: fill(text) for key, text in content.items()} if isinstance(content, dict) else content
        if isinstance(sent.get("data"), dict):
            sent["data"] = office.body(cell.endpoint, "") | {"csrf_token": None} | sent["data"]
            sent["data"] = {name: text for name, text in sent["data"].items() if text is not None}
        elif "data" in sent:
            sent["data"] = fill(sent["data"])
        return sent

    def test_reading_the_address_of_a_write_writes_nothing(self, office, unsafe, figure):
        before = office.state()[0]
        for cell, by in unsafe:
            sent = office.body(cell.endpoint, by.token)
            answer = by.ask("GET", office.url(cell), query_string=sent)
            assert answer.status_code in (200, 302, 405, 410), cell
        figure("S6", "writes by GET", int(office.state()[0] != before))
        assert office.state()[0] == before

    def test_our_own_pages_and_typed_addresses_are_let_through(self, office, unsafe):
        for cell, by in unsafe:
            if cell.endpoint == "users.prefer":
                for site in ("same-origin", "none"):
                    sent = office.body(cell.endpoint, by.token)
                    answer = by.ask("POST", office.url(cell), data=sent, headers={"Sec-Fetch-Site": site})
                    assert answer.status_code == 303

    def test_a_page_of_another_site_may_link_to_ours(self, browser, aisha):
        browser.sign_in(aisha)

        assert browser.open("GET", "/leads", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200

    def test_only_what_machines_and_visitors_of_the_website_send_is_exempt(self):
        """None of them has a session that another page could use: their blueprints read no cookie."""
        exempt = {blueprint.name for blueprint in csrf._exempt_blueprints}

        assert exempt == {*MACHINES, *PUBLIC} and csrf._exempt_views == set()
        assert {endpoint.partition(".")[0] for endpoint in FROM_OTHER_SITES} == {*PUBLIC}

    def test_what_it_says_is_where_people_look(self, browser, aisha):
        browser.sign_in(aisha)
        for htmx in (False, True):
            answer = browser.open("POST", "/account", data={}, htmx=htmx)
            assert "opened before you signed in" in answer.text
            assert answer.fills == ("#toasts" if htmx else None)


@pytest.mark.row("S6")
class TestReading:
    """A request that only reads has a transaction that cannot write, whatever its view tries."""

    def test_the_database_refuses_a_write_at_every_address_that_is_read(self, app, office, monkeypatch, figure):
        refused = {}
        by = office.caller("manager")
        desk, admin = office.caller("receptionist"), office.caller("admin")

        def write(**_arguments):
            try:
                db.session.execute(text("UPDATE users SET name = name || '!'"))
                db.session.commit()
            except DBAPIError as error:
                refused[endpoint] = type(error.orig)
                db.session.rollback()
            return "tried"

        reading = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods & {*READS} - {"OPTIONS"}}
        before = office.state()[0]
        for endpoint in reading - {*WITHOUT_DATABASE}:
            monkeypatch.setitem(app.view_functions, endpoint, write)
            for verb in ("GET", "HEAD"):
                for who in (by, desk, admin):
                    who.ask(verb, office.url(Cell(endpoint, verb, "own")))

        figure("S6", "addresses whose reading cannot write", len(refused))
        assert refused == dict.fromkeys(reading - {*WITHOUT_DATABASE}, ReadOnlySqlTransaction)
        assert office.state()[0] == before

    def test_what_has_no_such_transaction_asks_the_database_nothing(self, browser, aisha):
        browser.sign_in(aisha)
        for endpoint, values in (
            ("static", {"filename": "app.css"}),
            ("health.live", {}),
            ("sessions.speak", {"language": "ar"}),
            ("api.describe", {}),
        ):
            assert browser.open("GET", browser.url(endpoint, **values), follow=False).queries == 0, endpoint
        assert {"static", "health.live", "sessions.speak", "api.describe"} == {*WITHOUT_DATABASE}


@pytest.mark.row("B1")
class TestHeaders:
    """In one process, where every kind of answer can be had; the running server's are in test_server.py."""

    @pytest.fixture
    def answers(self, app, browser, aisha, lead, monkeypatch):
        """One answer of each kind."""
        anonymous = Browser(app).open("GET", "/leads", follow=False)
        expired = Browser(app).open("GET", "/leads", htmx=True, follow=False)
        browser.sign_in(aisha)
        page = f"/leads/{lead.lead_id}"
        found = {
            "302": anonymous,
            "401": expired,
            "200": browser.open("GET", page),
            "fragment": browser.open("GET", "/leads", htmx=True, target="lead-list"),
            "204": browser.open("GET", "/notices/bell?after=1000000", htmx=True),
            "303": browser.open("POST", "/account", data=browser.filled("/account", "users.prefer", {}), follow=False),
            "400": browser.open("POST", "/account", data={}),
            "403": browser.open("GET", "/front-desk"),
            "404": browser.open("GET", "/nothing"),
            "405": browser.open("DELETE", page),
            "413": browser.open("POST", "/account", data={"csrf_token": "x" * 1_200_000}),
            "422": browser.post("activities.log", {"type": "fax"}, lead_id=lead.lead_id),
            "static": browser.open("GET", "/static/app.css"),
            "static 404": browser.open("GET", "/static/nothing.css"),
            "livez": browser.open("GET", "/livez"),
            "readyz": browser.open("GET", "/readyz"),
            "login": Browser(app).open("GET", "/login"),
            "options": browser.open("OPTIONS", page),
        }
        for status, error in (("500", RuntimeError("broken")), ("503", Unavailable("away"))):
            monkeypatch.setitem(app.view_functions, "areas.matching", raising(error))
            found[status] = Caller(app, aisha).ask("GET", "/areas")
        for kind, answer in found.items():
            if kind.isdigit():
                expected = 200 if kind == "204" else int(kind)
                assert answer.status_code in (expected, int(kind)), kind
        return found

    def test_every_answer_carries_them_all(self, answers, figure):
        for kind, answer in answers.items():
            for name, content in HEADERS.items():
                assert answer.headers.getlist(name) == [content], (kind, name)
        figure("B1", "kinds of answers looked at in one process", len(answers))

    @pytest.mark.parametrize("base_url", ["https://desk.example", "http://desk.example"])
    def test_https_is_demanded_for_a_year_of_every_answer_where_we_are_served_by_it(
        self, app, request, monkeypatch, base_url
    ):
        monkeypatch.setitem(app.config, "BASE_URL", base_url)
        demanded = ["max-age=31536000"] if base_url.startswith("https") else []

        for kind, answer in request.getfixturevalue("answers").items():
            assert answer.headers.getlist("Strict-Transport-Security") == demanded, kind

    def test_nothing_unsafe_and_nothing_from_elsewhere(self, answers):
        for answer in answers.values():
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe-" not in policy and "http" not in policy and "*" not in policy
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy

    def test_pages_are_never_kept_and_say_what_they_depend_on(self, answers):
        for kind in ("200", "fragment", "400", "403", "404", "422"):
            assert answers[kind].headers["Cache-Control"] == "no-store", kind
        assert "HX-Request" in answers["200"].headers["Vary"] and "Cookie" in answers["200"].headers["Vary"]
        assert answers["200"].headers["Content-Type"] == "text/html; charset=utf-8"

    def test_fixed_files_may_be_kept_for_a_year(self, browser):
        page = browser.get("sessions.new").page
        for link in [*page.select("link[href]"), *page.select("script[src]")]:
            answer = browser.open("GET", link.get("href") or link["src"])
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert "Set-Cookie" not in answer.headers

    def test_the_cookie_is_not_for_scripts_or_other_sites(self, browser):
        cookie = browser.open("GET", "/login").headers["Set-Cookie"]

        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def raising(error: Exception):
    """A view that breaks."""

    def view():
        raise error

    return view


class TestHosts:
    @pytest.mark.parametrize(
        "host", ["evil.example", "desk.example.evil.example", "desk.example@evil.example", "127.0.0.1"]
    )
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_a_host_that_is_not_ours_is_refused(self, app, browser, monkeypatch, host, htmx):
        monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["desk.example"])

        for path in ("/", "/login", "/leads", "/livez"):
            answer = browser.open("GET", path, headers={"Host": host}, follow=False, htmx=htmx)
            assert answer.status_code == 400
            assert "evil" not in answer.text + str(answer.headers)

    def test_our_own_is_served(self, app, browser, monkeypatch):
        monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["desk.example"])

        assert browser.open("GET", "/login", headers={"Host": "desk.example"}).status_code == 200

    @pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Original-URL", "Forwarded"])
    def test_nothing_of_it_is_ever_said_back(self, browser, name):
        for path in ("/", "/login", "/nothing"):
            answer = browser.open("GET", path, headers={name: "evil.example"}, follow=False)
            assert "evil.example" not in answer.text + str(answer.headers)


class TestMethods:
    @pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW", "CONNECT"])
    def test_what_an_address_does_not_do_it_says(self, browser, aisha, lead, unchanged, method):
        browser.sign_in(aisha)
        tokens = browser.tokens()
        unchanged.from_now()
        for path in ("/", "/leads", f"/leads/{lead.lead_id}", "/account", "/login"):
            answer = browser.open(method, path, headers={"X-CSRFToken": tokens["csrf_token"]}, follow=False)
            assert answer.status_code == 405, path
            assert "GET" in answer.headers["Allow"]
        assert unchanged

    def test_a_large_cookie_is_no_accident(self, browser):
        response = browser.client.get("/login", headers={"Cookie": "x=" + "y" * 16_000})

        assert response.status_code == 200

    @pytest.mark.parametrize("name", ["HX-Target", "HX-Request", "User-Agent", "Accept-Language", "Referer"])
    @pytest.mark.parametrize("content", ["\x01", "x" * 10_000, "<script>", "../../etc/passwd", "é"])
    def test_odd_headers_are_no_accident(self, browser, aisha, name, content):
        browser.sign_in(aisha)

        answer = browser.open("GET", "/leads", htmx=name == "HX-Target", headers={name: content})

        assert answer.status_code == 200
        assert "<script>" not in answer.text
