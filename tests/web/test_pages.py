"""First pages, notices, the account, areas, health, and errors in words."""

import re

import pytest

from tests.factories import a_lead, busy, sql, value
from webapp.services import notifications, users
from webapp.transaction import transactional
from webapp.vocabulary import NoticeKind, Role

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


def newest() -> int:
    return value("SELECT coalesce(max(notice_id), 0) FROM notices")


@PAGE_AND_FRAGMENT
class TestHome:
    def test_an_empty_office_shows_three_steps(self, browser, omar, htmx):
        answer = browser.sign_in(omar).get("home.show", htmx=htmx)

        assert "Three steps" in answer.page.h1.get_text()
        assert [step["class"] for step in answer.page.select("ol.steps li")][0] == ["is-now"]
        assert answer.queries == (2 if htmx else 3)

    def test_with_agents_and_users_it_is_the_office(self, browser, omar, aisha, htmx):
        answer = browser.sign_in(omar).get("home.show", htmx=htmx, target="office")

        assert answer.page.h1.get_text() == "Everybody is looked after."
        assert answer.fills == ("#office" if htmx else None)
        assert bool(answer.page.html) is not htmx

    @pytest.mark.parametrize("who, target, queries", [("aisha", "my-day", 6), ("mariam", "office", 7)])
    def test_it_takes_as_many_queries_for_25_as_for_1(self, browser, request, aisha, htmx, who, target, queries):
        browser.sign_in(request.getfixturevalue(who))
        a_lead()
        one = browser.get("home.show", htmx=htmx, target=target)
        busy(aisha, 24)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
               SELECT lead_id, %s, 'call', 'low', now() - row_number() OVER () * interval '1 day' FROM leads""",
            aisha.agent_id,
        )
        sql("INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries")
        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type) SELECT lead_id, %s, 'call' FROM leads",
            aisha.agent_id,
        )

        many = browser.get("home.show", htmx=htmx, target=target)

        assert many.fills == (f"#{target}" if htmx else None)
        assert one.queries == many.queries == (queries if htmx else queries + 1)

    def test_the_figures_open_as_many_rows_as_they_say(self, browser, mariam, aisha, htmx):
        busy(aisha, 3)
        a_lead()
        page = browser.sign_in(mariam).get("home.show", htmx=htmx, target="office").page
        for link in page.select("ul.stats a, #una + a"):
            rows = browser.open("GET", link["href"]).page.select("#lead-list tbody tr")
            assert len(rows) == int(re.search(r"\d+", link.get_text()).group()), link


@PAGE_AND_FRAGMENT
class TestNotices:
    def test_they_are_listed_and_read(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha)
        answer = browser.get("notifications.index", htmx=htmx)
        assert "1 thing to know." in answer.page.h1.get_text()
        assert answer.page.select_one(f"main a[href='/leads/{lead.lead_id}']")

        read = browser.post("notifications.read", htmx=htmx)

        assert read.page.h1.get_text() == "Nothing new."
        assert value("SELECT count(*) FROM notices WHERE read_at IS NULL") == 0

    def test_what_came_after_the_page_stays_unread(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("notifications.index")
        a_lead()

        browser.post("notifications.read", htmx=htmx)

        assert value("SELECT count(*) FROM notices WHERE read_at IS NULL") == 1

    def test_nobody_reads_anothers(self, browser, aisha, mariam, lead, unchanged, htmx):
        browser.sign_in(mariam).get("users.account")
        unchanged.from_now()

        answer = browser.post("notifications.read", {"up_to": str(10**6)}, htmx=htmx)

        assert answer.status_code == 200
        assert "Layla" not in answer.said()
        assert unchanged

    @pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40, "1e9", "٣", None])
    def test_a_number_that_is_none_reads_nothing(self, browser, aisha, lead, unchanged, htmx, up_to):
        browser.sign_in(aisha).get("notifications.index")
        unchanged.from_now()

        answer = browser.post("notifications.read", {"up_to": up_to}, htmx=htmx)

        assert answer.status_code in (200, 400, 422)
        if up_to != "٣":
            assert unchanged

    def test_its_queries(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha)
        one = browser.get("notifications.index", htmx=htmx)
        for _ in range(24):
            a_lead()

        many = browser.get("notifications.index", htmx=htmx)

        assert len(many.page.select("main ol.queue li")) == 25
        assert one.queries == many.queries == (2 if htmx else 3)


class TestBell:
    def test_nothing_new_is_no_content(self, browser, aisha, lead):
        answer = browser.sign_in(aisha).get("notifications.bell", htmx=True, target="bell", after=newest())

        assert answer.status_code == 204
        assert answer.text == ""
        assert "HX-Trigger" not in answer.headers
        assert answer.queries == 2

    def test_news_ring_and_are_said_in_a_toast(self, browser, aisha):
        browser.sign_in(aisha).get("home.show")
        poll = browser.last.select_one("#bell")["hx-get"]
        lead = a_lead(first_name="Layla")

        answer = browser.open("GET", poll, htmx=True, target="bell")

        assert answer.status_code == 200
        assert answer.headers["HX-Trigger"] == "news"
        assert answer.page.select_one("#bell")["hx-get"].endswith(f"after={newest()}")
        assert "New lead for you: Layla" in answer.said("#toasts[hx-swap-oob]")
        assert answer.page.select_one(f"#toasts a[href='/leads/{lead.lead_id}']")
        assert answer.page.select_one("#bell a")["aria-label"] == "Notices, 1 new"
        assert browser.open("GET", answer.page.select_one("#bell")["hx-get"], htmx=True).status_code == 204

    def test_a_burst_is_said_in_at_most_three_toasts(self, browser, aisha):
        for _ in range(5):
            a_lead()

        answer = browser.sign_in(aisha).get("notifications.bell", htmx=True, after=0)

        assert len(answer.page.select(".toast-note")) == 3

    def test_polling_never_keeps_a_session_alive(self, browser, aisha, lead):
        browser.sign_in(aisha)
        sql("UPDATE sessions SET last_seen_at = now() - interval '2 hours'")
        before = value("SELECT last_seen_at FROM sessions")

        browser.get("notifications.bell", htmx=True, after=0)
        browser.get("notifications.bell", htmx=True, after=newest())

        assert value("SELECT last_seen_at FROM sessions") == before

    def test_a_session_that_ended_sends_the_whole_page_to_the_login(self, browser, aisha):
        browser.sign_in(aisha)
        sql("DELETE FROM sessions")

        answer = browser.get("notifications.bell", htmx=True, target="bell", after=0)

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith("/login")
        assert "bell" not in answer.headers["HX-Redirect"], "nobody wants to come back to the bell alone"

    @pytest.mark.parametrize("kind", list(NoticeKind))
    def test_every_kind_of_notice_has_words_on_the_page_and_in_the_toast(self, browser, mariam, kind):
        lead = a_lead(first_name="Layla")
        sql("DELETE FROM notices")
        sql(
            "INSERT INTO notices (user_id, kind, lead_id) VALUES (%s, %s, %s)", mariam.user_id, kind.value, lead.lead_id
        )

        page = browser.sign_in(mariam).get("notifications.index")
        toast = browser.get("notifications.bell", htmx=True, after=0)

        assert "Layla" in page.said("main ol.queue .name")
        assert "Layla" in toast.said(".toast-note")

    def test_a_notice_of_a_deleted_lead_is_gone_with_it(self, browser, aisha, lead):
        sql("DELETE FROM leads")

        assert browser.sign_in(aisha).get("notifications.index").page.h1.get_text() == "Nothing new."

    @pytest.mark.parametrize("after", ["x", "", "-1", "9" * 30, "1e3"])
    def test_an_after_that_is_none_is_no_error(self, browser, aisha, lead, after):
        assert browser.sign_in(aisha).get("notifications.bell", htmx=True, after=after).status_code in (200, 204)


@PAGE_AND_FRAGMENT
class TestAccount:
    def test_arabic_turns_the_page_around(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).post("users.prefer", {"language": "ar", "theme": "dark"}, htmx=htmx)

        page = browser.get("leads.show", lead_id=lead.lead_id).page

        assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")
        assert page.html["data-bs-theme"] == "dark"
        assert page.select_one("link[rel=stylesheet]")["href"].startswith("/static/vendor/tabler.rtl.min.css")
        assert browser.get("users.account").page.select_one("[name=language] [selected]")["value"] == "ar"

    @pytest.mark.parametrize("theme, follows", [("light", False), ("dark", False), ("system", True)])
    def test_the_theme_is_kept(self, browser, aisha, htmx, theme, follows):
        browser.sign_in(aisha).post("users.prefer", {"theme": theme}, htmx=htmx)

        page = browser.get("home.show").page

        assert page.html["data-bs-theme"] == ("dark" if theme == "dark" else "light")
        assert page.html.has_attr("data-theme-follows-system") is follows

    @pytest.mark.parametrize("sent", [{"language": "fr"}, {"theme": "pink"}, {"theme": None}])
    def test_what_we_do_not_have_is_refused_at_its_field(self, browser, aisha, unchanged, htmx, sent):
        browser.sign_in(aisha).get("users.account")
        unchanged.from_now()

        answer = browser.post("users.prefer", sent, htmx=htmx)

        assert answer.status_code == 422
        assert "Choose one" in answer.said(f"[id={next(iter(sent))}-error]")
        assert unchanged


class TestEverythingInArabic:
    def test_every_page_is_whole(self, browser, mariam, aisha, rashid, lead):
        sql("UPDATE users SET language = 'ar'")
        for who, endpoints in ((mariam, ("home.show", "leads.index", "leads.new")), (rashid, ("front_desk.show",))):
            browser.sign_in(who)
            for endpoint in (*endpoints, "notifications.index", "users.account"):
                assert browser.get(endpoint).page.html["dir"] == "rtl"
            assert browser.get("leads.show", lead_id=lead.lead_id).status_code == (200 if who is mariam else 404)
            browser.client.delete_cookie("desk")


class TestAreas:
    @pytest.mark.parametrize(
        "q, name", [("marina", "Dubai Marina"), ("JVC", "Jumeirah Village Circle"), ("مارينا", "Dubai Marina")]
    )
    def test_they_are_found_by_any_of_their_names(self, browser, aisha, q, name):
        answer = browser.sign_in(aisha).get("areas.matching", q=q)

        assert answer.page.select_one(f"#area-list [data-area='{name}']")
        assert answer.queries == 1

    @pytest.mark.parametrize("q", ["", "zzzz", "%", "\x00", "x" * 10_000, "\u202e"])
    def test_nothing_found_is_nothing_shown(self, browser, aisha, q):
        answer = browser.sign_in(aisha).get("areas.matching", q=q)

        assert answer.status_code == 200
        assert not answer.page.select("[data-area]") or q == ""


class TestHealth:
    def test_alive_needs_no_database(self, browser):
        answer = browser.get("health.live")

        assert (answer.status_code, answer.response.json, answer.queries) == (200, {"status": "ok"}, 0)

    def test_ready_says_what_is_missing(self, browser):
        answer = browser.get("health.ready")

        assert answer.status_code == 503
        facts = answer.response.json
        assert (facts["database"], facts["revision"], facts["jobs"]) == (True, True, False)


class TestReadOnly:
    """GET never writes: its transaction cannot."""

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_write_inside_a_get_fails(self, app, browser, aisha, unchanged, monkeypatch, method):
        @transactional
        def write(**_details):
            sql_of_a_bug = "UPDATE users SET name = 'written by a GET'"
            users.db.session.execute(users.db.text(sql_of_a_bug))

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

    def test_a_notice_is_told_to_those_who_are_there(self, aisha, mariam):
        a_lead()

        assert len(notifications.latest(by=aisha)) == 1
        assert Role.MANAGER == mariam.role


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
