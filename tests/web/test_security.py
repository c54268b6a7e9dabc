"""Who gets in: every route, method and role against the policy; forged forms; headers of every answer."""

from uuid import uuid4

import pytest

from tests.factories import sql, value
from tests.web.browser import Browser
from webapp.guard import POLLED
from webapp.headers import HEADERS
from webapp.policy import ANYBODY, POLICY, allows
from webapp.vocabulary import Role

CAST = {
    None: None,
    Role.RECEPTIONIST: "rashid",
    Role.AGENT: "aisha",
    Role.MANAGER: "mariam",
    Role.ADMIN: "omar",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
LAST = ("sessions.end",)  # it would end the session that the others need


@pytest.fixture
def world(aisha, lead):
    """One row of everything that an address can name."""
    sql("INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')", lead.lead_id, aisha.agent_id)
    sql("INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries")
    return {
        "lead_id": lead.lead_id,
        "task_id": value("SELECT task_id FROM follow_up_tasks"),
        "activity_id": value("SELECT activity_id FROM lead_activities"),
        "visit_id": value("SELECT visit_id FROM visits"),
        "language": "ar",
        "filename": "app.css",
    }


def rules(app):
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint in LAST, rule.endpoint))


def address(browser, rule, world) -> str:
    return browser.url(rule.endpoint, **{name: world.get(name, uuid4()) for name in rule.arguments})


class TestPolicy:
    @pytest.mark.parametrize("role", CAST, ids=lambda role: role or "anonymous")
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_every_route_and_method_answers_as_the_policy_says(
        self, app, browser, request, world, unchanged, role, htmx
    ):
        tokens = {}
        if role:
            browser.sign_in(request.getfixturevalue(CAST[role]))
            tokens = browser.tokens()
        unchanged.from_now()
        wrong = [cell for cell in self.cells(app, browser, world, role, tokens, htmx, allowed=False) if cell]
        assert wrong == []
        assert unchanged, "a denial changes nothing"

        wrong = [cell for cell in self.cells(app, browser, world, role, tokens, htmx, allowed=True) if cell]
        assert wrong == []

    def cells(self, app, browser, world, role, tokens, htmx, allowed):
        """What is wrong with the answer to each route and method that this role is allowed, or is not."""
        for rule in rules(app):
            for method in sorted(rule.methods - {"OPTIONS"}):
                if allows(role, rule.endpoint) is allowed:
                    url = address(browser, rule, world)
                    data = tokens if method in UNSAFE else None
                    answer = browser.open(method, url, htmx=htmx, follow=False, data=data)
                    right = as_it_should_be(answer, role, rule.endpoint, htmx)
                    yield None if right else (method, url, answer.status_code)

    def test_deactivated_users_are_nobody(self, app, browser, mariam, world, unchanged):
        browser.sign_in(mariam)
        tokens = browser.tokens()
        sql("UPDATE users SET is_active = false WHERE user_id = %s", mariam.user_id)
        unchanged.from_now()
        for rule in rules(app):
            if POLICY[rule.endpoint] is not ANYBODY:
                method = "POST" if "POST" in rule.methods else "GET"
                answer = browser.open(method, address(browser, rule, world), follow=False, data=tokens)
                assert answer.status_code in (302, 401), rule.endpoint
        assert unchanged

    def test_what_has_no_entry_is_refused(self, app, browser, omar, monkeypatch):
        browser.sign_in(omar)
        monkeypatch.delitem(POLICY, "users.account")

        assert browser.open("GET", "/account").status_code == 403

    def test_a_role_that_is_claimed_is_not_believed(self, browser, aisha, world, unchanged):
        browser.sign_in(aisha)
        unchanged.from_now()
        claims = {"role": "manager", "user_id": str(uuid4()), "view_as": "mariam", "agent_id": str(uuid4())}

        answer = browser.open(
            "GET", "/front-desk", query_string=claims, headers={"X-Role": "manager", "X-User": "mariam"}, follow=False
        )

        assert answer.status_code == 403
        assert unchanged


def as_it_should_be(answer, role, endpoint, htmx) -> bool:
    if allows(role, endpoint):
        return answer.status_code not in (401, 403, 405)
    if role:
        return answer.status_code == 403
    if endpoint in POLLED:
        return answer.status_code == 401
    if not htmx:
        return answer.status_code == 302 and answer.headers["Location"].startswith("/login")
    return answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login")


class TestForgery:
    """Without this session's own token nothing is written, whatever the route."""

    @pytest.fixture
    def forms(self, app, browser, mariam, rashid, another, world):
        """A browser that may, its own tokens, and the address: of every unsafe route."""
        manager, desk, nobody = another(mariam), another(rashid), browser
        found = []
        for rule in rules(app):
            if rule.methods & set(UNSAFE):
                roles = POLICY[rule.endpoint]
                who = nobody if roles is ANYBODY else manager if Role.MANAGER in roles else desk
                found.append((rule.endpoint, who, address(who, rule, world)))
        assert len(found) > 12
        return found

    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    @pytest.mark.parametrize("token", ["none", "empty", "made up", "another session's", "a nonce", "in the query"])
    def test_it_is_refused_and_nothing_is_written(self, app, another, omar, forms, unchanged, token, htmx):
        theirs = another(omar).tokens()["csrf_token"]
        own = {who: "x" if who.last is None else who.tokens()["csrf_token"] for _endpoint, who, _url in forms}
        sent = {"empty": "", "made up": "x.y.z", "another session's": theirs, "a nonce": "nonce"}.get(token)
        unchanged.from_now()
        for endpoint, who, url in forms:
            data = {"phone": "0501112233", "source_type": "referral", "type": "call", "status": "received"}
            if token == "in the query":
                url = f"{url}?csrf_token={own[who]}"
            elif sent is not None:
                data["csrf_token"] = sent
            answer = who.open("POST", url, data=data, htmx=htmx, follow=False)
            assert answer.status_code == 400, endpoint
            assert "opened before you signed in" in answer.text, endpoint
            assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged

    def test_a_json_body_is_no_form(self, forms, unchanged):
        unchanged.from_now()
        for endpoint, who, url in forms:
            answer = who.open("POST", url, json={"phone": "0501112233"}, follow=False)
            assert answer.status_code == 400, endpoint
        assert unchanged

    def test_reading_with_a_token_writes_nothing(self, app, browser, mariam, world, unchanged):
        tokens = browser.sign_in(mariam).tokens()
        unchanged.from_now()
        for rule in rules(app):
            if "GET" in rule.methods and rule.endpoint not in ("sessions.new",):
                browser.open("GET", address(browser, rule, world), query_string=tokens, follow=False)
        assert unchanged


class TestHeaders:
    @pytest.fixture
    def answers(self, app, browser, aisha, lead):
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
        for kind, answer in found.items():
            if kind.isdigit():
                expected = 200 if kind == "204" else int(kind)
                assert answer.status_code in (expected, int(kind)), kind
        return found

    def test_every_answer_carries_them_all(self, answers):
        for kind, answer in answers.items():
            for name, content in HEADERS.items():
                assert answer.headers.get(name) == content, (kind, name)

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

    def test_https_is_demanded_only_where_we_are_served_by_it(self, app, browser, monkeypatch):
        assert "Strict-Transport-Security" not in browser.open("GET", "/login").headers
        monkeypatch.setitem(app.config, "BASE_URL", "https://desk.example")
        assert browser.open("GET", "/login").headers["Strict-Transport-Security"] == "max-age=31536000"

    def test_the_cookie_is_not_for_scripts_or_other_sites(self, browser):
        cookie = browser.open("GET", "/login").headers["Set-Cookie"]

        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


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
