"""Undo, in the toast of what was done."""

from datetime import timedelta

import pytest

from tests.factories import sql, value

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
TASK = "SELECT task_id FROM follow_up_tasks"
UNDO = "#toasts form[action$='/undo']"


@pytest.fixture
def done(browser, aisha, lead):
    """Aisha has just completed the first call."""
    browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
    return browser.post("tasks.complete", task_id=value(TASK))


@PAGE_AND_FRAGMENT
class TestUndo:
    def test_it_is_as_it_was_and_the_page_says_so(self, browser, lead, done, htmx):
        answer = browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert "Undone." in answer.said("#toasts")
        assert value("SELECT status FROM follow_up_tasks") == "pending"
        assert not answer.page.select(UNDO)

    def test_it_is_offered_on_the_page_that_is_reloaded_and_on_no_other(self, browser, lead, done, htmx):
        assert done.page.select(UNDO)
        assert browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx).page.select(UNDO)
        assert not browser.get("leads.index", htmx=htmx).page.select(UNDO)

    def test_after_a_minute_it_is_refused_in_words(self, browser, lead, done, unchanged, htmx):
        sql("UPDATE audit_entries SET happened_at = happened_at - %s", timedelta(seconds=61))
        unchanged.from_now()

        answer = browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "a minute has passed" in answer.text
        assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged

    def test_where_somebody_came_between_they_are_named(self, browser, another, mariam, lead, done, unchanged, htmx):
        sql("UPDATE follow_up_tasks SET status = 'pending'")
        theirs = another(mariam)
        theirs.get("leads.show", lead_id=lead.lead_id)
        theirs.post("tasks.cancel", {"reason": "Not needed"}, task_id=value(TASK))
        unchanged.from_now()

        answer = browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Mariam Saleh changed it meanwhile; nothing was undone." in answer.text
        assert unchanged


@pytest.mark.parametrize(
    "endpoint, sent, table",
    [
        ("tasks.schedule", {"type": "call", "due_date": "2030-03-01T12:00"}, "follow_up_tasks"),
        ("tasks.reschedule", {"due_date": "2030-03-01T12:00"}, "follow_up_tasks"),
        ("tasks.cancel", {"reason": "They called us"}, "follow_up_tasks"),
        ("interests.add", {"property_id": "12345678-0000-4000-8000-000000000000"}, "lead_property_interests"),
        ("activities.strike", {}, "lead_activities"),
    ],
)
def test_every_deed_of_this_kind_has_its_undo(browser, aisha, lead, endpoint, sent, table):
    browser.sign_in(aisha).post("activities.log", {"type": "call"}, lead_id=lead.lead_id)
    state = f"SELECT * FROM {table}"
    ids = {
        "tasks": {"task_id": value(TASK)},
        "activities": {"activity_id": value("SELECT activity_id FROM lead_activities")},
    }
    on_the_lead = endpoint in ("tasks.schedule", "interests.add")
    named = {"lead_id": lead.lead_id} if on_the_lead else ids[endpoint.partition(".")[0]]
    columns = "to_jsonb(row) - 'updated_at'"
    before = sql(f"SELECT {columns} AS kept FROM ({state}) row")

    browser.post(endpoint, sent, **named)
    assert sql(f"SELECT {columns} AS kept FROM ({state}) row") != before
    browser.post("deeds.undo", lead_id=lead.lead_id)

    assert sql(f"SELECT {columns} AS kept FROM ({state}) row") == before


def test_a_status_move_has_none(browser, aisha, lead):
    browser.sign_in(aisha)

    answer = browser.post("pipeline.move", {"status_from": "new", "status": "contacted"}, lead_id=lead.lead_id)

    assert "Now Contacted." in answer.said("#toasts")
    assert not answer.page.select(UNDO)


@PAGE_AND_FRAGMENT
class TestNextStepThatWasLoggedWith:
    """What was said stays: it is struck out in the history. Only the next step is undone, and the button says so."""

    STEP = {"type": "call", "next_type": "viewing", "next_due_date": "2031-05-06T10:00"}

    @pytest.fixture
    def logged(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        return browser.post("activities.log", self.STEP, lead_id=lead.lead_id, htmx=htmx)

    def test_the_toast_says_both_and_what_is_undone(self, logged, htmx):
        assert "Call logged. Next: Viewing, 6 May, 10:00." in logged.said("#toasts")
        assert logged.said(f"{UNDO} button") == "Undo the next step"

    def test_one_press_takes_the_next_step_back_and_leaves_the_call(self, browser, lead, logged, htmx):
        answer = browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert "Undone." in answer.said("#toasts")
        assert value("SELECT count(*) FROM follow_up_tasks WHERE type = 'viewing'") == 0
        assert value("SELECT count(*) FROM lead_activities WHERE struck_at IS NULL") == 1

    def test_what_was_touched_since_is_not_undone(self, browser, lead, logged, unchanged, htmx):
        sql("UPDATE follow_up_tasks SET due_date = due_date + interval '1 day' WHERE type = 'viewing'")
        unchanged.from_now()

        answer = browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert unchanged

    def test_a_follow_up_done_logged_and_followed_has_it_too(self, browser, aisha, lead, htmx):
        task = value(TASK)
        browser.sign_in(aisha).get("tasks.ask", task_id=task)

        answer = browser.post("tasks.complete", self.STEP, task_id=task, htmx=htmx)
        assert answer.said(f"{UNDO} button") == "Undo the next step"
        browser.post("deeds.undo", lead_id=lead.lead_id, htmx=htmx)

        assert [row.status for row in sql("SELECT status FROM follow_up_tasks")] == ["completed"]

    def test_without_a_next_step_nothing_is_offered(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("activities.log", {"type": "call"}, lead_id=lead.lead_id, htmx=htmx)

        assert not answer.page.select(UNDO)
