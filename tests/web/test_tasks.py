"""Follow-ups: planning, moving, completing and cancelling them."""

import pytest

from tests.factories import a_lead, brought_to, sql, value
from webapp.vocabulary import Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
NOON = {"due_date": "2030-03-01", "due_date_time": "12:00"}
PLAN = {"type": "viewing", "priority": "high", "notes": "Bring the keys", **NOON}
TASK = "SELECT task_id FROM follow_up_tasks ORDER BY due_date LIMIT 1"


@PAGE_AND_FRAGMENT
class TestSchedule:
    def test_it_lands_on_the_lead(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).post("tasks.schedule", PLAN, lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.fills == ("#main" if htmx else None)
        assert "Bring the keys" in answer.said("section[aria-labelledby=steps] ol")
        assert "Follow-up planned." in answer.said("#toasts")

    def test_a_clash_names_the_other_and_offers_the_next_free_slot(self, browser, aisha, lead, unchanged, htmx):
        other = a_lead(first_name="Sami")
        browser.sign_in(aisha).post("tasks.schedule", PLAN, lead_id=other.lead_id)
        browser.get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        clash = PLAN | {"due_date_time": "11:31", "notes": "Kept"}
        answer = browser.post("tasks.schedule", clash, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Too close to the viewing with Sami" in answer.said("#task-form #task-due_date-error")
        assert answer.page.select_one("#task-form [name=notes]")["value"] == "Kept"
        assert answer.page.select_one("details[open] #task-form"), "the refusal must not be folded away"
        free = answer.page.select_one("#task-form [name=due_date_offered]")
        assert free["value"] == "2030-03-01T12:30"
        assert unchanged
        assert browser.post(
            "tasks.schedule", clash | {free["name"]: free["value"]}, lead_id=lead.lead_id, htmx=htmx
        ).hops

    def test_half_an_hour_apart_is_far_enough(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).post("tasks.schedule", PLAN, lead_id=lead.lead_id)

        assert browser.post("tasks.schedule", PLAN | {"due_date_time": "12:30"}, lead_id=lead.lead_id, htmx=htmx).hops

    @pytest.mark.parametrize(
        "sent, field, said",
        [
            ({"due_date": "", "due_date_time": ""}, "due_date", "Say when"),
            ({"due_date_time": ""}, "due_date", "at what time"),
            ({"due_date": "tomorrow"}, "due_date", "such as 15:30"),
            ({"due_date": "2020-01-01"}, "due_date", "more than 30 days ago"),
            ({"type": "fax"}, "type", "Choose one of the list"),
            ({"notes": "x" * 201}, "notes", "At most 200"),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, unchanged, htmx, sent, field, said):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.schedule", PLAN | sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert said in answer.said(f"#task-form #task-{field}-error")
        assert answer.page.select_one("#task-form [name=notes]")["value"] == (PLAN | sent)["notes"]
        assert unchanged

    def test_a_closed_lead_takes_none_and_says_so(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        brought_to(lead, Status.LOST)
        unchanged.from_now()

        answer = browser.post("tasks.schedule", PLAN, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert "This lead is closed" in answer.said("main [role=alert], main .notice")
        assert unchanged

    def test_sent_twice_it_is_planned_once(self, browser, aisha, lead, htmx):
        url = f"/leads/{lead.lead_id}/tasks"
        sent = browser.sign_in(aisha).filled(url, "tasks.schedule", {"lead_id": lead.lead_id}) | PLAN

        for _ in range(2):
            assert browser.open("POST", url, data=sent, htmx=htmx).hops

        assert value("SELECT count(*) FROM follow_up_tasks") == 2


@PAGE_AND_FRAGMENT
class TestReschedule:
    def test_it_moves(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("tasks.reschedule", NOON, task_id=value(TASK), htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert "Follow-up moved." in answer.said("#toasts")
        assert value("SELECT (due_date AT TIME ZONE 'Asia/Dubai')::text FROM follow_up_tasks") == "2030-03-01 12:00:00"

    def test_the_form_shows_when_it_is_due(self, browser, aisha, lead, htmx):
        due = value("SELECT to_char(due_date AT TIME ZONE 'Asia/Dubai', 'YYYY-MM-DD HH24:MI') FROM follow_up_tasks")

        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        form = browser.filled(f"/tasks/{value(TASK)}/due-date", "tasks.reschedule", {})
        assert f"{form['due_date']} {form['due_date_time']}" == due

    @pytest.mark.parametrize("sent, said", [({**NOON, "due_date": ""}, "Say"), ({**NOON, "due_date": "x"}, "15:30")])
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, unchanged, htmx, sent, said):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.reschedule", sent, task_id=value(TASK), htmx=htmx)

        assert answer.status_code == 422
        assert said in answer.said("#move-1-due_date-error")
        assert answer.page.select_one("details[open] #move-1-due_date")
        assert unchanged

    def test_a_clash_is_said_at_its_field(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).post("tasks.schedule", PLAN, lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.reschedule", NOON, task_id=value(TASK), htmx=htmx)

        assert answer.status_code == 409
        assert "Too close to the viewing" in answer.said("#move-1-due_date-error")
        assert answer.page.select_one("[name=due_date_offered]")["value"] == "2030-03-01T12:30"
        assert unchanged

    def test_one_that_is_done_is_refused_in_words(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        unchanged.from_now()

        answer = browser.post("tasks.reschedule", NOON, task_id=value(TASK), htmx=htmx)

        assert answer.status_code == 409
        assert "already closed" in answer.said("main, .toast-note")
        assert unchanged


@PAGE_AND_FRAGMENT
class TestComplete:
    def test_it_is_done(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("tasks.complete", task_id=value(TASK), htmx=htmx)

        assert "Follow-up done." in answer.said("#toasts")
        assert sql("SELECT status, cancelled_at FROM follow_up_tasks") == [("completed", None)]

    def test_twice_is_refused_in_words(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        unchanged.from_now()

        answer = browser.post("tasks.complete", task_id=value(TASK), htmx=htmx)

        assert answer.status_code == 409
        assert "already closed" in answer.said("main [role=alert]")
        assert unchanged


@PAGE_AND_FRAGMENT
class TestCancel:
    def test_it_leaves_the_calendar_with_a_reason(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("tasks.cancel", {"reason": "They called us"}, task_id=value(TASK), htmx=htmx)

        assert "Follow-up cancelled." in answer.said("#toasts")
        assert sql("SELECT status, cancel_reason FROM follow_up_tasks") == [("completed", "They called us")]

    def test_a_reason_that_is_too_long_is_refused_in_words(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.cancel", {"reason": "x" * 201}, task_id=value(TASK), htmx=htmx)

        assert answer.status_code == 422
        assert "At most 200" in answer.said("main [role=alert]")
        assert "x" * 201 in answer.text, "what was typed is kept"
        assert unchanged
