"""Notices and the bell."""

from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.factories import a_lead, sql, value
from webapp.services import notifications
from webapp.vocabulary import NoticeKind, Role

OF_LEADS = (
    *("lead_assigned", "lead_taken", "visitor_waiting", "repeat_enquiry", "lead_unassigned", "lead_escalated"),
    *("follow_up_escalated", "contact_blocked"),
)
PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


def newest() -> int:
    return value("SELECT coalesce(max(notice_id), 0) FROM notices")


def unread() -> list[int]:
    return [row.notice_id for row in sql("SELECT notice_id FROM notices WHERE read_at IS NULL ORDER BY 1")]


def a_notice(to, kind: NoticeKind, lead=None, **facts) -> int:
    """A notice as the product would have written it."""
    return value(
        "INSERT INTO notices (user_id, kind, lead_id, facts) VALUES (%s, %s, %s, %s) RETURNING notice_id",
        to.user_id,
        kind.value,
        lead and lead.lead_id,
        Jsonb(facts),
    )


@PAGE_AND_FRAGMENT
class TestNotices:
    def test_they_are_listed_and_read(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha)
        answer = browser.get("notifications.index", htmx=htmx)
        assert "1 thing to know." in answer.page.h1.get_text()
        assert answer.page.select_one(f"main a[href='/notices/{newest()}']")

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


class TestOpen:
    """Every notice links to its thing; who opens it that way has read what there is of it."""

    @PAGE_AND_FRAGMENT
    def test_it_leads_to_the_lead_and_is_read_there(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("notifications.index")
        link = browser.last.select_one("main .queue a.name")["href"]

        answer = browser.open("GET", link, htmx=htmx)

        assert answer.hops == [(302, f"/leads/{lead.lead_id}")] and answer.status_code == 200
        assert unread() == []

    def test_what_was_told_before_of_the_same_lead_is_read_with_it_and_nothing_else(self, browser, aisha, lead):
        first, other = newest(), a_lead()
        again = [a_notice(aisha, NoticeKind.REPEAT_ENQUIRY, lead) for _time in range(3)]
        told_of_other = value("SELECT notice_id FROM notices WHERE lead_id = %s", other.lead_id)

        browser.sign_in(aisha).get("notifications.open", notice_id=again[1])

        assert first not in unread()
        assert unread() == [told_of_other, again[2]]

    def test_of_a_file_too(self, browser, mariam):
        file, another = str(uuid4()), str(uuid4())
        told = [a_notice(mariam, NoticeKind.IMPORT_ENDED, import_id=it) for it in (file, another, file)]

        browser.sign_in(mariam).ask("GET", f"/notices/{told[2]}")

        assert unread() == [told[1]]

    def test_nobody_opens_or_reads_anothers(self, browser, aisha, mariam, lead, unchanged):
        browser.sign_in(mariam).get("users.account")
        unchanged.from_now()

        for notice_id in (newest(), 10**30):
            assert browser.ask("GET", f"/notices/{notice_id}").status_code == 404

        assert unread() == [newest()]

    @pytest.mark.parametrize("verb, headers", [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch;prerender"})])
    def test_looking_ahead_reads_nothing(self, browser, aisha, lead, verb, headers):
        browser.sign_in(aisha)

        assert browser.ask(verb, f"/notices/{newest()}", headers=headers).status_code == 302
        assert unread() == [newest()]

    def test_who_is_not_signed_in_goes_on_after_that(self, browser, aisha, lead):
        asked = browser.ask("GET", f"/notices/{newest()}")

        assert asked.status_code == 302 and asked.headers["Location"] == f"/login?next=/notices/{newest()}"
        assert unread() == [newest()]

    def test_a_lead_that_went_to_somebody_else_leads_to_one_s_own(self, browser, aisha, mariam, lead):
        his, hers = (a_notice(who, NoticeKind.LEAD_TAKEN, lead) for who in (aisha, mariam))
        sql("DELETE FROM lead_assignments")

        assert browser.sign_in(aisha).get("notifications.open", notice_id=his).hops == [(302, "/leads?all=1")]
        assert browser.sign_in(mariam).get("notifications.open", notice_id=hers).hops == [
            (302, f"/leads/{lead.lead_id}")
        ]

    @pytest.mark.parametrize("kind", list(NoticeKind))
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AGENT])
    def test_every_kind_leads_to_a_page_for_whoever_can_get_it(self, browser, request, kind, role, mariam, omar, aisha):
        who = {Role.MANAGER: mariam, Role.ADMIN: omar, Role.AGENT: aisha}[role]
        if kind not in [one for kinds in notifications.offered(to=who).values() for one in kinds]:
            return
        lead = a_lead()
        sql("DELETE FROM notices")
        about = lead if kind.value in OF_LEADS else None

        answer = browser.sign_in(who).get("notifications.open", notice_id=a_notice(who, kind, about, source="bayut"))

        assert answer.hops and answer.status_code == 200
        assert unread() == []

    def test_an_export_leads_managers_to_who_did_it(self, browser, aisha, mariam):
        notice_id = a_notice(mariam, NoticeKind.LEADS_EXPORTED, who="Aisha", count=2, agent_id=str(aisha.agent_id))

        answer = browser.sign_in(mariam).get("notifications.open", notice_id=notice_id)

        assert answer.path == f"/agents/{aisha.agent_id}"

    def test_its_queries(self, browser, aisha, lead):
        browser.sign_in(aisha)

        assert browser.open("GET", f"/notices/{newest()}", follow=False).queries == 3


class TestBell:
    def test_what_was_read_elsewhere_goes_out_on_the_bell(self, browser, aisha, lead):
        browser.sign_in(aisha).get("home.show")
        poll = browser.last.select_one("#bell")["hx-get"]
        assert browser.open("GET", poll, htmx=True).status_code == 204
        browser.get("notifications.open", notice_id=newest())

        answer = browser.open("GET", poll, htmx=True, target="bell")

        assert answer.status_code == 200 and "HX-Trigger" not in answer.headers
        assert answer.page.select_one("#bell a")["aria-label"] == "Notices"
        assert not answer.page.select(".toast-note")

    def test_nothing_new_is_no_content(self, browser, aisha, lead):
        answer = browser.sign_in(aisha).get("notifications.bell", htmx=True, target="bell", after=newest())

        assert answer.status_code == 204
        assert answer.text == ""
        assert "HX-Trigger" not in answer.headers
        assert answer.queries == 2

    def test_news_ring_and_are_said_in_a_toast(self, browser, aisha):
        browser.sign_in(aisha).get("home.show")
        poll = browser.last.select_one("#bell")["hx-get"]
        a_lead(first_name="Layla")

        answer = browser.open("GET", poll, htmx=True, target="bell")

        assert answer.status_code == 200
        assert answer.headers["HX-Trigger"] == "news"
        assert answer.page.select_one("#bell")["hx-get"].endswith(f"after={newest()}&unread=1")
        assert "New lead for you: Layla" in answer.said("#toasts[hx-swap-oob]")
        assert answer.page.select_one(f"#toasts a[href='/notices/{newest()}']")
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
