"""Follow-ups that are moved and completed in the calendar, and coming back to it."""

import json

import pytest

from tests.factories import a_lead, sql, value
from tests.web.browser import controls
from tests.web.diary import VIEWS, WEEK, due, layla, planned
from webapp.vocabulary import TaskType

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture(autouse=True)
def lead(aisha):
    """Layla, a lead of Aisha's; nothing is planned with her yet."""
    return layla()


class TestMove:
    """A follow-up that is dropped somewhere, and the form that does the same."""

    @pytest.fixture
    def task_id(self, aisha, lead):
        return planned(lead, "2030-03-14 10:00", by=aisha)

    @pytest.fixture
    def drop(self, browser, aisha, task_id):
        """Sends what a drop on a half hour sends."""
        browser.sign_in(aisha)

        def dropped(due_date, address=WEEK):
            shown = browser.open("GET", address)
            sent = json.loads(shown.page.select_one("[data-move]")["data-move"]) | {"due_date": due_date}
            url = f"/tasks/{task_id}/due-date"
            return browser.open("POST", url, data=sent, htmx=True, target="calendar")

        return dropped

    def test_it_is_where_it_was_dropped_and_the_calendar_where_it_was(self, drop, task_id):
        answer = drop("2030-03-15T11:30")

        assert due(task_id) == "2030-03-15 11:30"
        assert (answer.fills, answer.response.request.full_path) == ("#calendar", WEEK)
        assert "11:30 Layla Haddad" in answer.said("table.week")
        assert "Follow-up moved." in answer.said("#toasts")

    @pytest.mark.parametrize("view", VIEWS)
    def test_a_clash_goes_back_and_one_click_takes_the_next_free_slot(
        self, browser, aisha, drop, task_id, unchanged, view
    ):
        planned(a_lead(first_name="Sami", by=aisha), "2030-03-15 11:15", by=aisha, type=TaskType.VIEWING)
        browser.open("GET", WEEK)
        unchanged.from_now()

        answer = drop("2030-03-15T11:30", f"/tasks?view={view}&date=2030-03-15")

        assert (answer.status_code, answer.fills) == (409, "#calendar")
        assert "Too close to the viewing with Sami" in answer.said("#calendar .notice")
        assert unchanged
        if view in ("week", "day"):
            assert "11:30 Layla Haddad" in answer.said(".is-ghost")
            assert "11:30 is too close to 11:15" in answer.said("table.week [role=alert]")
        assert "Use Fri 11:45" in answer.said("#calendar") or "Use 15 Mar, 11:45" in answer.said("#calendar")
        offer = answer.page.select_one("form#offer")
        assert answer.page.select("button[form=offer]")
        taken = browser.open("POST", offer["action"], data=controls(offer), htmx=True, target="calendar")
        assert due(task_id) == "2030-03-15 11:45"
        assert taken.response.request.full_path == f"/tasks?view={view}&date=2030-03-15"

    def test_another_refusal_is_said_above(self, drop, task_id):
        sql("UPDATE follow_up_tasks SET status = 'completed'")

        answer = drop("2030-03-15T11:30")

        assert answer.status_code == 409
        assert "already closed" in answer.said("#calendar .notice")

    def test_the_form_does_the_same(self, browser, aisha, task_id):
        browser.sign_in(aisha).get("tasks.ask", task_id=task_id, next=WEEK)

        answer = browser.post("tasks.reschedule", {"due_date": "2030-03-15", "due_date_time": "1130"}, task_id=task_id)

        assert answer.response.request.full_path == WEEK
        assert due(task_id) == "2030-03-15 11:30"

    @PAGE_AND_FRAGMENT
    def test_the_form_comes_back_with_its_refusal(self, browser, aisha, task_id, unchanged, htmx):
        planned(a_lead(first_name="Sami", by=aisha), "2030-03-15 11:15", by=aisha)
        browser.sign_in(aisha).get("tasks.ask", task_id=task_id, next=WEEK)
        unchanged.from_now()

        clash = {"due_date": "2030-03-15", "due_date_time": "11:30"}
        refused = browser.post("tasks.reschedule", clash, task_id=task_id, htmx=htmx)
        assert refused.status_code == 409
        assert "Too close to the call with Sami" in refused.said("#move-form #move-due_date-error")
        nothing = browser.post("tasks.reschedule", {"due_date": "", "due_date_time": ""}, task_id=task_id, htmx=htmx)

        assert nothing.status_code == 422
        assert "Say when." in nothing.said("#move-form #move-due_date-error")
        assert unchanged

    def test_somebody_elses_is_not_there(self, browser, yousef, task_id):
        browser.sign_in(yousef)

        assert browser.get("tasks.ask", task_id=task_id).status_code == 404
        answer = browser.post("tasks.reschedule", {"due_date": "2030-03-15T11:30", "next": WEEK}, task_id=task_id)
        assert answer.status_code == 404


class TestConclude:
    """Done, logged and the next step planned in one form."""

    DONE = {"outcome": "positive", "notes": "Wants a high floor"}
    NEXT = {"next_type": "viewing", "next_due_date": "2030-03-14", "next_due_date_time": "10:10"}

    @pytest.fixture
    def task_id(self, browser, aisha, lead):
        task_id = planned(lead, "2030-03-14 10:00", by=aisha, type=TaskType.WHATSAPP)
        browser.sign_in(aisha).get("tasks.ask", task_id=task_id, next=WEEK)
        return task_id

    def test_it_asks_about_that_follow_up(self, browser, task_id):
        page = browser.last

        assert page.h1.get_text() == "WhatsApp with Layla Haddad"
        assert page.select_one("#completion-form [name=type][checked]")["value"] == "whatsapp"
        assert browser.get("tasks.ask", task_id=task_id).queries <= 8

    @PAGE_AND_FRAGMENT
    def test_it_is_done_logged_and_followed_in_one(self, browser, aisha, task_id, htmx):
        answer = browser.post("tasks.complete", self.DONE | self.NEXT, task_id=task_id, htmx=htmx)

        assert answer.response.request.full_path == WEEK
        assert "WhatsApp done and logged." in answer.said("#toasts")
        assert sql("SELECT type, outcome, notes FROM lead_activities") == [
            ("whatsapp", "positive", "Wants a high floor")
        ]
        assert sql("SELECT type, status FROM follow_up_tasks ORDER BY due_date") == [
            ("whatsapp", "completed"),
            ("viewing", "pending"),
        ]
        assert value("SELECT status FROM leads") == "contacted"

    def test_what_is_done_is_not_in_the_way_of_what_is_next(self, browser, task_id):
        assert browser.post("tasks.complete", self.DONE | self.NEXT, task_id=task_id).hops

    @PAGE_AND_FRAGMENT
    def test_a_next_step_that_clashes_leaves_nothing_behind(self, browser, aisha, task_id, unchanged, htmx):
        planned(a_lead(first_name="Sami", by=aisha), "2030-03-14 10:30", by=aisha)
        browser.get("tasks.ask", task_id=task_id, next=WEEK)
        unchanged.from_now()

        answer = browser.post("tasks.complete", self.DONE | self.NEXT, task_id=task_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Too close to the call with Sami" in answer.said("#done-next_due_date-error")
        assert answer.page.select_one("#completion-form textarea").get_text().strip() == self.DONE["notes"]
        assert unchanged
        free = answer.page.select_one("[name=next_due_date_offered]")
        sent = self.DONE | self.NEXT | {free["name"]: free["value"]}
        assert browser.post("tasks.complete", sent, task_id=task_id, htmx=htmx).hops

    @pytest.mark.parametrize(
        "sent, field",
        [
            ({"type": "fax"}, "type"),
            ({"next_due_date": ""}, "next_due_date"),
            ({"next_type": ""}, "next_type"),
            ({"notes": "x" * 2001}, "notes"),
            ({"activity_at": "2031-01-01T10:00"}, "activity_at"),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, task_id, unchanged, sent, field):
        unchanged.from_now()

        answer = browser.post("tasks.complete", self.DONE | self.NEXT | sent, task_id=task_id)

        assert answer.status_code == 422
        assert answer.said(f"#completion-form #done-{field}-error")
        assert unchanged

    def test_sent_twice_it_is_done_once(self, browser, task_id):
        url = f"/tasks/{task_id}/completion"
        sent = browser.filled(url, "tasks.complete", {}) | self.DONE

        for _ in range(2):
            assert browser.open("POST", url, data=sent).hops

        assert value("SELECT count(*) FROM lead_activities") == 1

    def test_without_anything_to_log_it_is_only_done(self, browser, task_id):
        token = browser.filled(f"/tasks/{task_id}/due-date", "tasks.reschedule", {})["csrf_token"]

        answer = browser.open("POST", f"/tasks/{task_id}/completion", data={"csrf_token": token, "next": WEEK})

        assert answer.response.request.full_path == WEEK
        assert sql("SELECT status FROM follow_up_tasks") == [("completed",)]
        assert value("SELECT count(*) FROM lead_activities") == 0

    @pytest.mark.parametrize("name", ["type", "notes", "outcome", "next_type"])
    def test_what_was_answered_is_never_left_out_without_a_word(self, browser, task_id, unchanged, name):
        token = browser.filled(f"/tasks/{task_id}/due-date", "tasks.reschedule", {})["csrf_token"]
        unchanged.from_now()

        answer = browser.open("POST", f"/tasks/{task_id}/completion", data={"csrf_token": token, name: "call"})

        assert answer.status_code == 422
        assert "This form has expired." in answer.said("#completion-form")
        assert unchanged

    @PAGE_AND_FRAGMENT
    def test_one_that_somebody_closed_meanwhile_can_still_be_logged(self, browser, lead, task_id, unchanged, htmx):
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        unchanged.from_now()

        answer = browser.post("tasks.complete", self.DONE, task_id=task_id, htmx=htmx)

        assert answer.status_code == 409
        assert "already closed" in answer.said("main")
        assert answer.page.select_one("#completion-form textarea").get_text().strip() == self.DONE["notes"]
        assert unchanged
        assert browser.post("activities.log", self.DONE, lead_id=lead.lead_id, htmx=htmx).hops

    def test_cancelling_comes_back_to_the_calendar_too(self, browser, task_id):
        refused = browser.post("tasks.cancel", {"reason": "x" * 201}, task_id=task_id)
        assert refused.status_code == 422
        assert "At most 200" in refused.said("#cancel-reason-error")

        answer = browser.post("tasks.cancel", {"reason": "He called himself"}, task_id=task_id)

        assert answer.response.request.full_path == WEEK
        assert "Layla" not in answer.said("table.week")


class TestComeBack:
    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/tasks", "//evil.example", "/nowhere", "tasks", "/tasks\\@evil", "", "\x00"],
    )
    def test_only_a_page_of_ours_is_a_way_back(self, browser, aisha, lead, target):
        task_id = planned(lead, "2030-03-14 10:00", by=aisha)
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("tasks.complete", {"next": target}, task_id=task_id)

        assert answer.path == f"/leads/{lead.lead_id}"

    def test_it_comes_back_to_the_same_week(self, browser, aisha, lead):
        task_id = planned(lead, "2030-03-14 10:00", by=aisha)
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("tasks.complete", {"next": WEEK}, task_id=task_id)

        assert answer.response.request.full_path.startswith("/tasks?view=week&date=2030-03-14")
