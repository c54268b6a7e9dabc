"""Notices and the bell."""

import pytest

from tests.factories import a_lead, sql, value
from webapp.vocabulary import NoticeKind

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


def newest() -> int:
    return value("SELECT coalesce(max(notice_id), 0) FROM notices")


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

    @pytest.mark.parametrize("up_to", ["", "x", "-1", "1e9", "٣", None])
    def test_a_number_that_is_none_reads_nothing(self, browser, aisha, lead, unchanged, htmx, up_to):
        browser.sign_in(aisha).get("notifications.index")
        unchanged.from_now()

        answer = browser.post("notifications.read", {"up_to": up_to}, htmx=htmx)

        assert answer.status_code in (200, 400, 422)
        if up_to != "٣":
            assert unchanged

    def test_a_number_beyond_all_notices_reads_them_all(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).post("notifications.read", {"up_to": "9" * 9}, htmx=htmx)

        assert answer.page.h1.get_text() == "Nothing new."

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

    def test_when_the_session_has_ended_what_is_being_typed_stays(self, browser, aisha):
        browser.sign_in(aisha)
        sql("DELETE FROM sessions")

        answer = browser.get("notifications.bell", htmx=True, target="bell", after=0)

        assert answer.status_code == 401
        assert answer.headers["HX-Reswap"] == "none"
        assert "HX-Redirect" not in answer.headers

    @pytest.mark.parametrize("kind", list(NoticeKind))
    def test_every_kind_of_notice_has_words_on_the_page_and_in_the_toast(self, browser, mariam, kind):
        lead = a_lead(first_name="Layla")
        sql("DELETE FROM notices")
        sql(
            """INSERT INTO notices (user_id, kind, lead_id, facts)
               VALUES (%s, %s, %s, '{"who": "Layla", "count": 2, "source": "bayut", "failure": "no_key"}')""",
            mariam.user_id,
            kind.value,
            lead.lead_id,
        )

        page = browser.sign_in(mariam).get("notifications.index")
        toast = browser.get("notifications.bell", htmx=True, after=0)

        abouts = {
            "export": "Your file",
            "handover": "The hand-over",
            "import": "file" if kind != NoticeKind.IMPORT_UNDONE else "The import",
            "enquiry": "An enquiry",
            "portal": "Bayut",
        }
        about = abouts.get(kind.partition("_")[0], "Layla")
        assert about in page.said("main ol.queue .name")
        assert about in toast.said(".toast-note")

    def test_a_notice_of_a_deleted_lead_is_gone_with_it(self, browser, aisha, lead):
        sql("DELETE FROM leads")

        assert browser.sign_in(aisha).get("notifications.index").page.h1.get_text() == "Nothing new."

    @pytest.mark.parametrize("after", ["x", "", "-1", "9" * 30, "1e3"])
    def test_an_after_that_is_none_is_no_error(self, browser, aisha, lead, after):
        assert browser.sign_in(aisha).get("notifications.bell", htmx=True, after=after).status_code in (200, 204)
