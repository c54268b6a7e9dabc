"""The calendar in a browser: dragging and its form, clashes, free half hours, done and logged in one."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE, Person, choose, unreachable
from tests.factories import a_lead, prompt, sql, tally, value
from webapp import clock
from webapp.services import tasks
from webapp.services.access import SYSTEM
from webapp.services.tasks import FollowUp
from webapp.vocabulary import TaskType

pytestmark = pytest.mark.browser

DUE_DATE = re.compile(r"/due-date$")
GIVEN_UP = re.compile(r"htmx:(sendAbort|afterRequest)")
CUT = re.compile(r"ERR_CONNECTION_FAILED|htmx:sendError|htmx:afterRequest")


def next_week(days: int, at: str) -> datetime:
    """So many days after next Monday, at a time in Dubai."""
    monday = clock.today() + timedelta(days=7 - clock.today().weekday() + days)
    return datetime.combine(monday.date(), datetime.strptime(at, "%H:%M").time(), clock.DUBAI)


def planned(name: str, due_date: datetime, type=TaskType.CALL) -> str:
    """The id of a follow-up with a new lead of Aisha's who has this name."""
    lead_id = a_lead(first_name=name).lead_id
    sql("DELETE FROM follow_up_tasks WHERE lead_id = %s", lead_id)
    return str(tasks.schedule(lead_id, FollowUp(type, due_date), by=SYSTEM).task_id)


def due(task_id: str) -> datetime:
    return value("SELECT due_date FROM follow_up_tasks WHERE task_id = %s", task_id)


def week() -> str:
    """The address of next week."""
    return f"/tasks?view=week&date={next_week(0, '00:00'):%Y-%m-%d}"


def event(page: Page, name: str):
    return page.locator("#calendar table a.event", has_text=name)


def half_hour(page: Page, moment: datetime):
    """The cell of a half hour, free or not."""
    at = f"{moment:%Y-%m-%dT%H:%M}"
    return page.locator(f"td[data-at='{at}'], td:has(> button[value='{at}'])")


@pytest.fixture
def aisha(door, cast) -> Person:
    """Aisha, to whom all leads of these tests come."""
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    return door.admit(cast.aisha)


class TestDragging:
    def test_a_follow_up_goes_to_the_half_hour_it_is_dropped_on(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        page = aisha.open(week())

        event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:30")))

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        expect(half_hour(page, next_week(2, "14:30"))).to_contain_text("14:30 Layla")
        expect(event(page, "Layla")).to_have_count(1)
        assert due(layla) == next_week(2, "14:30")
        expect(page).to_have_url(re.compile(re.escape(week())))
        aisha.calm()

    def test_in_the_month_it_goes_to_the_day_and_keeps_its_time(self, aisha):
        layla = planned("Layla", next_week(0, "10:17"))
        page = aisha.open(week().replace("week", "month"))

        event(page, "Layla").drag_to(page.locator(f"td[data-day='{next_week(3, '10:17'):%Y-%m-%d}']"))

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        assert due(layla) == next_week(3, "10:17")
        aisha.calm()

    def test_a_clash_goes_back_and_one_click_takes_the_next_free_slot(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        planned("Sami", next_week(2, "14:15"), TaskType.VIEWING)
        page = aisha.open(week())

        event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:00")))

        ghost = page.locator(".is-ghost")
        expect(ghost).to_have_text("14:00 Layla")
        expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("14:00 is too close to 14:15")
        expect(half_hour(page, next_week(0, "10:00"))).to_contain_text("10:00 Layla")
        assert due(layla) == next_week(0, "10:00")
        offer = page.get_by_role("button", name="Use ").filter(visible=True)
        expect(offer).to_be_focused()
        aisha.calm()

        offer.click()

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        expect(ghost).to_have_count(0)
        assert due(layla) == next_week(2, "14:45")
        aisha.calm()

    def test_what_was_refused_can_be_put_back(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        planned("Sami", next_week(2, "14:00"))
        page = aisha.open(week())
        event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:00")))

        page.get_by_role("link", name="Put it back").filter(visible=True).click()

        expect(page.locator(".is-ghost")).to_have_count(0)
        assert due(layla) == next_week(0, "10:00")
        aisha.calm()

    def test_without_a_connection_it_stays_and_can_be_tried_again(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        page = aisha.open(week())
        with unreachable(page, DUE_DATE):
            event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:30")))
            expect(page.get_by_text("No connection.")).to_be_visible()
        assert due(layla) == next_week(0, "10:00")

        page.get_by_role("button", name="Try again").click()

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        assert due(layla) == next_week(2, "14:30")
        aisha.watch.calm(CUT)

    def test_what_is_done_stays_where_it_is(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        page = aisha.open(week())

        event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:30")))

        expect(event(page, "Layla")).to_have_count(1)
        assert due(layla) == next_week(0, "10:00")
        aisha.calm()


def test_by_keyboard_alone_a_follow_up_is_moved(aisha):
    layla = planned("Layla", next_week(0, "10:00"))
    page = aisha.open(week())

    event(page, "Layla").focus()
    page.keyboard.press("Enter")
    form = page.locator("#move-form")
    form.locator("[name=due_date]").fill(f"{next_week(1, '09:30'):%Y-%m-%d}")
    form.get_by_label("Time").fill("9:30")
    page.keyboard.press("Enter")

    expect(half_hour(page, next_week(1, "09:30"))).to_contain_text("09:30 Layla")
    assert due(layla) == next_week(1, "09:30")
    aisha.calm()


def test_on_a_phone_without_scripts_a_clash_is_refused_and_the_free_slot_taken(door, cast):
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    layla = planned("Layla", next_week(0, "10:00"))
    planned("Sami", next_week(2, "14:15"))
    aisha = door.admit(cast.aisha, viewport=PHONE, javascript=False)
    page = aisha.open(f"/tasks?date={next_week(0, '00:00'):%Y-%m-%d}")
    expect(page.locator("table.week")).to_be_hidden()

    page.get_by_role("link", name="Done or move: Layla, 10:00").click()
    form = page.locator("#move-form")
    form.locator("[name=due_date]").fill(f"{next_week(2, '14:00'):%Y-%m-%d}")
    form.get_by_label("Time").fill("14:00")
    form.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Too close to the call with Sami")).to_be_visible()
    assert due(layla) == next_week(0, "10:00")
    page.get_by_role("button", name="the next free slot").click()

    expect(page.get_by_text("Follow-up moved.")).to_be_visible()
    assert due(layla) == next_week(2, "14:45")
    expect(page.get_by_role("region", name=re.compile("^Wednesday"))).to_contain_text("14:45 Layla")
    aisha.calm()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_free_half_hour_is_pressed_and_something_planned_in_it(door, cast, javascript):
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    layla = a_lead(first_name="Layla")
    aisha = door.admit(cast.aisha, javascript=javascript)
    page = aisha.open(week())

    half_hour(page, next_week(2, "14:30")).get_by_role("button").click(force=True)
    expect(page.get_by_label("With whom")).to_be_visible()
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    page.get_by_label("With whom").select_option(label=f"Layla #{layla.number}")
    if not javascript:
        page.get_by_role("button", name="Go on").click()
    choose(page, "What", "Viewing")
    page.get_by_role("button", name="Plan it").click()

    expect(page.get_by_text("Follow-up planned.")).to_be_visible()
    expect(half_hour(page, next_week(2, "14:30"))).to_contain_text("14:30 Layla")
    assert sql("SELECT due_date FROM follow_up_tasks WHERE type = 'viewing'") == [(next_week(2, "14:30"),)]
    aisha.calm()


def test_done_logged_and_the_next_step_planned_in_one_form(aisha):
    planned("Layla", next_week(0, "10:00"), TaskType.WHATSAPP)
    page = aisha.open(week())

    event(page, "Layla").click()
    expect(page.get_by_role("radio", name="WhatsApp")).to_be_checked()
    form = page.locator("#completion-form")
    form.get_by_label("What was said").fill("Wants a high floor")
    form.get_by_label("Outcome").select_option(label="Positive")
    form.get_by_label("Next step").select_option(label="Viewing")
    form.locator("[name=next_due_date]").fill(f"{next_week(3, '16:00'):%Y-%m-%d}")
    form.locator("[name=next_due_date_time]").fill("16:00")
    form.get_by_role("button", name="Done, log it").click()

    expect(page.get_by_text("WhatsApp done and logged.")).to_be_visible()
    expect(half_hour(page, next_week(0, "10:00")).locator(".is-done")).to_contain_text("10:00 Layla")
    expect(half_hour(page, next_week(3, "16:00")).locator(".is-viewing")).to_contain_text("16:00 Layla")
    assert tally("lead_activities", "follow_up_tasks") == {"lead_activities": 1, "follow_up_tasks": 2}
    aisha.calm()


def test_turning_the_pages_keeps_the_focus_and_the_way_back(aisha):
    page = aisha.open("/tasks?view=week")

    page.get_by_role("link", name="Later").click()
    expect(page).to_have_url(re.compile("date="))
    expect(page.get_by_role("link", name="Later")).to_be_focused()
    page.get_by_role("link", name="Month", exact=True).click()
    expect(page.locator("table.month")).to_be_visible()
    page.go_back()
    expect(page.locator("table.week")).to_be_visible()
    page.go_back()
    expect(page.locator("th[aria-current=date]")).to_be_visible()
    aisha.calm()


def test_whoever_presses_again_before_the_answer_gets_what_they_pressed_last(aisha):
    page = aisha.open("/tasks?view=week")

    page.evaluate("document.querySelector('#later').click(); document.querySelector('#view-month').click()")

    expect(page.locator("table.month")).to_be_visible()
    aisha.watch.calm(GIVEN_UP)


def test_a_manager_looks_at_everybodys_and_moves_what_is_one_agents(door, cast, aisha):
    layla = planned("Layla", next_week(0, "10:00"))
    mariam = door.admit(cast.mariam)
    page = mariam.open(f"/tasks?view=agenda&date={next_week(0, '00:00'):%Y-%m-%d}")
    expect(page.get_by_role("listitem").filter(has_text="Layla")).to_contain_text("Aisha Khan")

    page.get_by_label("Agent", exact=True).select_option(label="Aisha Khan")
    expect(page).to_have_url(re.compile(f"agent={cast.aisha.agent_id}.*view=agenda"))
    page.get_by_role("link", name="Week", exact=True).click()
    event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:30")))

    expect(page.get_by_text("Follow-up moved.")).to_be_visible()
    assert due(layla) == next_week(2, "14:30")
    mariam.calm()


def test_a_busy_calendar_is_said_and_the_follow_up_stays(aisha):
    layla = planned("Layla", next_week(0, "10:00"))
    page = aisha.open(week())
    with prompt(autocommit=False) as holder:
        agent_id = holder.execute("SELECT agent_id FROM follow_up_tasks").fetchone().agent_id
        holder.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"calendar:{agent_id}",))
        event(page, "Layla").drag_to(half_hour(page, next_week(2, "14:30")))
        expect(page.get_by_role("alert")).to_contain_text("Nothing was saved; try again.")
        holder.rollback()
    assert due(layla) == next_week(0, "10:00")

    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Follow-up moved.")).to_be_visible()
    assert due(layla) == next_week(2, "14:30")
    aisha.watch.calm(re.compile(r"status of 50\d|Response Status Error Code 50\d from"))


class TestKeyboard:
    def test_a_follow_up_is_picked_up_taken_over_and_dropped(self, aisha):
        layla = planned("Layla", next_week(0, "10:17"))
        page = aisha.open(week())
        said = page.locator("#calendar-said")
        event(page, "Layla").focus()

        page.keyboard.press("Space")
        expect(said).to_contain_text("Moving Layla")
        page.keyboard.press("ArrowDown")
        expect(said).to_contain_text("10:30: Enter drops it there.")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        expect(half_hour(page, next_week(1, "11:00"))).to_have_class(re.compile("is-open"))
        expect(said).to_contain_text("Tuesday")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        expect(event(page, "Layla")).to_be_focused()
        assert due(layla) == next_week(1, "11:00")
        aisha.calm()

    def test_escape_puts_it_back_and_the_week_has_an_end(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        page = aisha.open(week())
        said = page.locator("#calendar-said")
        event(page, "Layla").focus()

        page.keyboard.press("Space")
        page.keyboard.press("ArrowLeft")
        expect(said).to_contain_text("Moving Layla")
        page.keyboard.press("ArrowUp")
        expect(said).to_contain_text("09:30")
        page.keyboard.press("Escape")

        expect(said).to_have_text("Layla stays where it was.")
        expect(page.locator(".is-held, td.is-open")).to_have_count(0)
        assert due(layla) == next_week(0, "10:00")
        aisha.calm()

    def test_a_clash_goes_back_with_the_next_free_slot_in_focus(self, aisha):
        layla = planned("Layla", next_week(0, "10:00"))
        planned("Sami", next_week(0, "10:30"))
        page = aisha.open(week())
        event(page, "Layla").focus()

        for key in ("Space", "ArrowDown", "Space"):
            page.keyboard.press(key)

        expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("10:30 is taken")
        expect(page.get_by_role("button", name="Use ").filter(visible=True)).to_be_focused()
        assert due(layla) == next_week(0, "10:00")
        aisha.calm()

    def test_in_the_month_it_goes_by_days(self, aisha):
        layla = planned("Layla", next_week(0, "10:17"))
        page = aisha.open(week().replace("week", "month"))
        event(page, "Layla").focus()

        for key in ("Space", "ArrowRight", "ArrowRight", "Enter"):
            page.keyboard.press(key)

        expect(page.get_by_text("Follow-up moved.")).to_be_visible()
        assert due(layla) == next_week(2, "10:17")
        aisha.calm()

    def test_the_keys_are_listed(self, aisha):
        page = aisha.open(week())

        page.keyboard.press("?")

        expect(page.get_by_role("dialog", name="Keys on this page")).to_contain_text("Pick up the follow-up")
        aisha.calm()
