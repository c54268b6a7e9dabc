"""A hand-over's page: what moved, what stayed and why, how far the worker is, and the Undo."""

from datetime import timedelta

import pytest

from tests.factories import a_lead, a_user, an_agent, busy, sql, told, value
from tests.web.browser import controls
from tests.web.conftest import may_sign_in
from webapp.services import handovers
from webapp.services.handovers import Wish
from webapp.services.leads import Filters
from webapp.vocabulary import NoticeKind, Role

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
UNDO = "form[action^='/handovers/']"


@pytest.fixture
def three(aisha, yousef):
    """Three leads of Aisha's; both agents are on duty."""
    sql("UPDATE agents SET on_duty = true")
    return [a_lead(by=aisha).lead_id for _ in range(3)]


@pytest.fixture
def moved(mariam, yousef, three):
    """Yousef has them now."""
    return handovers.take(three, Wish(yousef.agent_id, "Holiday"), by=mariam).handover_id


@pytest.fixture
def many(mariam, aisha, yousef):
    """201 leads that are nobody's, recorded for the worker; six agents have room for all."""
    sql("UPDATE agents SET on_duty = true")
    for n in range(4):
        an_agent(f"Agent {n}")
    sql("""INSERT INTO leads (source_type, first_name, last_name, phone)
           SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0') FROM generate_series(1, 201) n""")
    wanted = handovers.listed(Filters(unassigned=True), by=mariam)
    return handovers.take(wanted, Wish(None, "The fair"), by=mariam).handover_id


def owners() -> set:
    return {row.owner_id for row in sql("SELECT owner_id FROM leads")}


class TestShow:
    @PAGE_AND_FRAGMENT
    def test_it_says_who_took_what_from_whom_and_why(self, browser, mariam, moved, htmx):
        answer = browser.sign_in(mariam).get("handovers.show", handover_id=moved, htmx=htmx, target="handover")

        assert answer.said("h1") == "3 leads moved."
        assert "To Yousef Haddad Holiday by Mariam Saleh" in answer.said("#handover")
        rows = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in answer.page.select("tbody tr")]
        assert {(lead.partition(", ")[2], to) for lead, to in rows} == {("from Aisha Rahman", "Yousef Haddad")}
        assert "It can be undone until" in answer.said(UNDO)
        assert not answer.page.select("[hx-trigger='every 4s'][id=handover]")
        assert answer.queries <= 8

    def test_what_stayed_comes_first_with_its_reason_and_the_rest_is_one_click_away(
        self, browser, mariam, yousef, three
    ):
        busy(yousef, 48)
        handover_id = handovers.take(three, Wish(yousef.agent_id, "Holiday"), by=mariam).handover_id

        answer = browser.sign_in(mariam).get("handovers.show", handover_id=handover_id)

        assert answer.said("h1") == "2 leads moved. One stays."
        assert "Yousef Haddad already has 50 active leads." in answer.said("tbody")
        chips = {chip.get_text(" ", strip=True): chip["href"] for chip in answer.page.select("#handover .chip")}
        assert [*chips] == ["Moved 2", "Stayed 1"]
        assert len(browser.open("GET", chips["Moved 2"]).page.select("tbody tr")) == 2

    def test_a_follow_up_that_got_another_time_is_named(self, browser, mariam, aisha, yousef, three):
        due = value("SELECT max(due_date) FROM follow_up_tasks")
        his = a_lead(by=yousef)
        sql("UPDATE follow_up_tasks SET due_date = %s WHERE lead_id = %s", due, his.lead_id)
        handover_id = handovers.take(three, Wish(yousef.agent_id, "Holiday"), by=mariam).handover_id

        assert "Call moved to" in browser.sign_in(mariam).get("handovers.show", handover_id=handover_id).said("tbody")

    @PAGE_AND_FRAGMENT
    def test_the_worker_is_watched_until_it_is_done(self, browser, mariam, many, htmx):
        browser.sign_in(mariam)
        shown = browser.get("handovers.show", handover_id=many, htmx=htmx, target="handover")
        bar = shown.page.select_one("#handover progress")
        assert (bar["value"], bar["max"]) == ("0", "201")
        assert "moved 0 stayed 0 still to go 201" in shown.said("#handover")
        assert shown.page.select_one("#handover")["hx-trigger"] == "every 4s"
        assert not shown.page.select(UNDO)

        handovers.make_waiting()
        shown = browser.get("handovers.show", handover_id=many, htmx=htmx, target="handover")
        assert shown.said("h1") == "201 leads moved."
        assert not shown.page.select("#handover[hx-trigger]")
        assert told(mariam) == [NoticeKind.HANDOVER_ENDED]
        assert "The hand-over is done: 201 leads moved" in browser.get("notifications.index").said()
        assert len(shown.page.select("tbody tr")) == 50
        after = browser.open("GET", shown.page.select_one("a[rel=next]")["href"])
        assert len(after.page.select("tbody tr")) == 50
        assert after.queries <= 8

        shown = browser.get("handovers.show", handover_id=many)
        undoing = browser.post("handovers.undo", handover_id=many)
        assert "It is being undone." in undoing.said("body")
        assert undoing.said("h1") == "The hand-over is being undone."
        handovers.make_waiting()
        assert browser.get("handovers.show", handover_id=many).said("h1") == "201 leads are back as they were."

    @pytest.mark.parametrize(("who", "status"), [("aisha", 403), ("rashid", 403), ("omar", 200)])
    def test_it_is_the_managers(self, browser, request, moved, who, status):
        answer = browser.sign_in(request.getfixturevalue(who)).get("handovers.show", handover_id=moved)

        assert answer.status_code == status
        assert not answer.page.select(UNDO)


@PAGE_AND_FRAGMENT
class TestUndo:
    def test_a_selection_is_handed_over_and_back(self, browser, mariam, aisha, yousef, three, htmx):
        browser.sign_in(mariam).get("bulk.ask", lead_id=three, deed="assign")
        sent = {"lead_id": three, "agent_id": yousef.agent_id, "reason": "Holiday"}
        assert browser.post("bulk.change", sent, htmx=htmx).said("h1") == "3 leads moved."
        assert owners() == {yousef.agent_id}
        handover_id = value("SELECT handover_id FROM handovers")

        answer = browser.post("handovers.undo", handover_id=handover_id, htmx=htmx)

        assert answer.path == f"/handovers/{handover_id}"
        assert answer.said("h1") == "3 leads are back as they were."
        assert owners() == {aisha.agent_id}
        assert not answer.page.select(UNDO)

    def test_one_lead_is_undone_in_the_toast_on_its_page(self, browser, mariam, aisha, yousef, three, htmx):
        browser.sign_in(mariam).get("leads.show", lead_id=three[0])
        sent = {"agent_id": yousef.agent_id, "reason": "Holiday"}
        answer = browser.post("assignments.assign", sent, lead_id=three[0], htmx=htmx)
        assert answer.page.select(f"#toasts {UNDO}")
        assert browser.get("leads.show", lead_id=three[0], htmx=htmx).page.select(f"#toasts {UNDO}")

        form = browser.last.select_one(f"#toasts {UNDO}")
        here = {"Referer": f"http://localhost/leads/{three[0]}"}
        answer = browser.open("POST", form["action"], htmx=htmx, data=controls(form), headers=here)

        assert answer.path == f"/leads/{three[0]}"
        assert "One lead is back as it was." in answer.said("#toasts")
        assert owners() == {aisha.agent_id}
        assert "the hand-over was undone" in browser.get("leads.show", lead_id=three[0]).said()
        assert not browser.last.select(f"#toasts {UNDO}")

    def test_one_that_was_touched_says_why_it_stays(self, browser, mariam, yousef, three, htmx):
        taken = handovers.assign(three[0], Wish(yousef.agent_id, "Holiday"), by=mariam)
        sql("UPDATE leads SET version = version + 1 WHERE lead_id = %s", three[0])
        browser.sign_in(mariam).get("handovers.show", handover_id=taken.handover_id)

        answer = browser.post("handovers.undo", handover_id=taken.handover_id, htmx=htmx)

        assert "Nothing was undone. Its details were changed since." in answer.said("#toasts")

    def test_after_ten_minutes_it_is_not_offered_and_refused(self, browser, mariam, moved, unchanged, htmx):
        page = browser.sign_in(mariam).get("handovers.show", handover_id=moved)
        form = controls(page.page.select_one(UNDO))
        sql("UPDATE handovers SET ended_at = ended_at - %s", timedelta(minutes=10))
        unchanged.from_now()

        assert not browser.get("handovers.show", handover_id=moved).page.select(UNDO)
        answer = browser.open("POST", f"/handovers/{moved}/undo", htmx=htmx, data=form)

        assert answer.status_code == 409
        assert "10 minutes have passed" in answer.text
        assert unchanged

    def test_who_comes_second_is_told_who_was_faster(self, browser, another, mariam, moved, unchanged, htmx):
        salma = may_sign_in(a_user("Salma Idris", Role.MANAGER))
        browser.sign_in(mariam).get("handovers.show", handover_id=moved)
        hers = another(salma)
        hers.get("handovers.show", handover_id=moved)
        hers.post("handovers.undo", handover_id=moved)
        unchanged.from_now()

        answer = browser.post("handovers.undo", handover_id=moved, htmx=htmx)

        assert answer.status_code == 409
        assert "Salma Idris has undone it already." in answer.text
        assert unchanged

    def test_an_agent_undoes_nothing(self, browser, aisha, moved, unchanged, htmx):
        browser.sign_in(aisha)
        unchanged.from_now()

        assert browser.post("handovers.undo", handover_id=moved, htmx=htmx).status_code == 403
        assert unchanged


class TestList:
    """All that the list shows, not only what is ticked."""

    def test_the_list_offers_it_where_it_is_narrowed(self, browser, mariam, many):
        browser.sign_in(mariam)
        assert not browser.get("leads.index", all=1).page.select("a[href*='listed=']")
        offer = browser.get("leads.index", owner="none").page.select_one("a[href*='listed=']")

        answer = browser.open("GET", offer["href"])

        assert answer.said("h1") == "Who takes these 201 leads?"
        assert "The first 200" in answer.said()
        assert not answer.page.select("[name=lead_id]")
        assert answer.queries <= 8
        form = answer.page.select_one("form[action='/leads/changes']")
        preview = browser.open("POST", "/leads/changes", data=controls(form) | {"reason": "The fair", "preview": "1"})
        assert preview.said("h1") == "Of the first 200, 200 would move."
        assert "first 200 of 201" in preview.said()
        sent = controls(preview.page.select_one("form[action='/leads/changes']"))
        answer = browser.open("POST", "/leads/changes", data=sent)
        assert answer.said("h1") == "201 leads are being handed over."

    def test_an_agent_is_not_offered_it(self, browser, aisha, three):
        assert not browser.sign_in(aisha).get("leads.index", status="new").page.select("a[href*='listed=']")
