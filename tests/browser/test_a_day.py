"""A whole day of an agent: my day, the list, many at once, a lead's page, the board, the calendar."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE, Person, choose
from tests.factories import a_lead, sql, value
from webapp import clock
from webapp.services import activities, listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import ActivityType, PropertyType, Source, Status

pytestmark = pytest.mark.browser

# Escape closes the filters, and Chromium gives up what is being asked, such as the bell; Enter asks once more.
GIVEN_UP = re.compile(r"htmx:(sendAbort|afterRequest)")


@dataclass(frozen=True)
class Morning:
    """What waits for Aisha, by the ids of the leads; nobody else is on duty."""

    layla: str
    """enquired a minute ago"""
    sami: str
    """has a call that is overdue"""
    noor: str
    """was spoken with, and nothing is planned"""
    yousefs: str
    """a colleague's"""


@pytest.fixture
def morning(cast) -> Morning:
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.yousef.agent_id)
    yousefs = a_lead("+971509990001", first_name="Not hers")
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    layla = a_lead("+971501234567", Source.WEBSITE, first_name="Layla", property_type=PropertyType.APARTMENT)
    sami, noor = a_lead("+971502220001", first_name="Sami"), a_lead("+971502220002", first_name="Noor")
    for lead in (sami, noor):
        activities.log(lead.lead_id, by=cast.aisha, type=ActivityType.CALL)
    for number in (1, 2):
        agency = a_lead(f"+97150333000{number}", Source.DUBIZZLE, first_name=f"Agency {number}")
        activities.log(agency.lead_id, by=cast.aisha, type=ActivityType.CALL)
    sql("DELETE FROM follow_up_tasks WHERE lead_id <> %s", sami.lead_id)
    sql("UPDATE follow_up_tasks SET due_date = now() - interval '20 minutes', type = 'call', status = 'overdue'")
    listings.add("AP-S-7", by=SYSTEM, title="Apartment on the Palm")
    return Morning(*(str(lead.lead_id) for lead in (layla, sami, noor, yousefs)))


def go(person: Person, name: str) -> None:
    """Press a line of the menu, at the side or at the bottom."""
    person.page.get_by_role("link", name=name, exact=True).locator("visible=true").first.click()


def in_days(days: int, at: str) -> datetime:
    return datetime.combine(
        (clock.today() + timedelta(days=days)).date(), datetime.strptime(at, "%H:%M").time(), clock.DUBAI
    )


def of(lead_id: str, column: str):
    return value(f"SELECT {column} FROM leads WHERE lead_id = %s", lead_id)


@pytest.mark.parametrize(
    "size, javascript",
    [pytest.param(DESKTOP, True, id="at a desk"), pytest.param(PHONE, False, id="on a phone without scripts")],
)
def test_from_the_first_call_to_the_last_look_at_the_calendar(door, cast, morning, size, javascript):
    aisha = door.admit(cast.aisha, viewport=size, javascript=javascript)
    page = aisha.page
    day = page.locator("#my-day")

    # My day: the new enquiry first. She calls, notes it (with scripts in two presses), and the row is gone.
    expect(page.get_by_role("heading", level=1)).to_contain_text("One new enquiry is waiting.")
    day.get_by_label("Log what was done with Layla").click()
    if javascript:
        day.get_by_role("button", name="Call", exact=True).locator("visible=true").click()
    else:
        choose(page, "What happened", "Call")
        page.get_by_role("button", name="Save activity").click()
        go(aisha, "My day")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("enquiry is waiting")
    expect(day.get_by_role("region", name="Now")).to_have_count(0)
    assert of(morning.layla, "status") == Status.CONTACTED
    aisha.calm()

    # The overdue call: done, what was said and a viewing on the day after tomorrow, in one form.
    day.get_by_role("link", name="Done with Sami: log it and plan what comes next").click()
    form = page.locator("#completion-form")
    form.get_by_label("What was said").fill("Wants to see it on Friday")
    form.get_by_label("Outcome").select_option(label="Positive")
    form.get_by_label("Next step").select_option(label="Viewing")
    form.locator("[name=next_due_date]").fill(f"{in_days(2, '16:00'):%Y-%m-%d}")
    form.locator("[name=next_due_date_time]").fill("16:00")
    form.get_by_role("button", name="Done, log it").click()
    expect(day).to_be_visible()
    expect(day.get_by_role("region", name="Follow-ups")).to_have_count(0)
    assert of(morning.sami, "next_step_at") == in_days(2, "16:00")
    aisha.calm()

    # Nobody is left without a next step: one press takes the next free slot.
    day.get_by_role("button", name=re.compile("^Plan a call with Noor")).click()
    expect(day.get_by_role("link", name="Noor", exact=True)).to_have_count(0)
    assert of(morning.noor, "next_step_at") is not None
    aisha.calm()

    # The list, narrowed to where the agencies come from: both closed at once, with the reason.
    go(aisha, "Leads")
    page.locator("#lead-filters summary").click()
    page.get_by_label("Source").select_option(label="Dubizzle")
    if not javascript:
        page.locator("#lead-filters .menu").get_by_role("button", name="Show").click()
    found = page.locator("#lead-list tbody tr")
    expect(found).to_have_count(2)
    if javascript:
        page.keyboard.press("Escape")
        expect(page.get_by_label("Source")).to_be_hidden()
        page.get_by_label("Select all on this page").check()
    else:
        for name in ("Agency 1", "Agency 2"):
            page.get_by_label(f"Select {name}").check()
    page.locator(".bulk").get_by_role("button", name="Lost").click()
    choose(page, "Why it was lost", "Not serious")
    page.get_by_role("button", name="Close 2 as lost").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
    assert value("SELECT count(*) FROM leads WHERE status = 'lost' AND first_name LIKE 'Agency%'") == 2
    aisha.watch.calm(GIVEN_UP)

    # Four digits in the middle of a number find Layla.
    page.locator("#filter-q").fill("2345")
    page.locator("#filter-q").press("Enter")
    expect(page.locator("#lead-list")).to_contain_text("No lead fits.")
    page.get_by_role("link", name=re.compile("Dubizzle, remove this filter")).click()
    page.locator("#lead-list").get_by_role("link", name="Layla", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Layla")
    aisha.watch.calm(GIVEN_UP)

    # Her page: what she would spend, what she liked, and a follow-up that clashes with Sami's viewing.
    page.get_by_role("link", name="Details", exact=True).click()
    page.get_by_label("Budget up to, AED").fill("2.4M")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Layla")
    assert of(morning.layla, "budget_max") == 2_400_000
    page.get_by_text("Add a property").click()
    page.get_by_label("Property", exact=True).fill("AP-S-7")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("region", name="Interested in")).to_contain_text("Apartment on the Palm")
    page.get_by_role("region", name="Next steps").get_by_text("Plan a follow-up").click()
    plan = page.locator("#task-form")
    plan.locator("[name=due_date]").fill(f"{in_days(2, '16:10'):%Y-%m-%d}")
    plan.locator("[name=due_date_time]").fill("16:10")
    plan.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("Too close to the viewing with Sami")).to_be_visible()
    assert of(morning.layla, "next_step_at") is None
    page.get_by_role("button", name="the next free slot").click()
    expect(page.get_by_text("Follow-up planned.")).to_be_visible()
    assert of(morning.layla, "next_step_at") == in_days(2, "16:30")
    aisha.calm()

    # The board: she is moved on by the menu of her card.
    go(aisha, "Leads")
    page.get_by_role("link", name="Board", exact=True).click()
    card = page.locator(".lead-card", has_text="Layla")
    card.get_by_label("Move Layla").click()
    page.get_by_role("button", name="Qualified", exact=True).locator("visible=true").first.click()
    expect(page.locator("#lane-qualified")).to_contain_text("Layla")
    assert of(morning.layla, "status") == Status.QUALIFIED
    aisha.calm()

    # The calendar knows both; the viewing goes a day on, and back with Undo.
    go(aisha, "Calendar")
    page.get_by_role("link", name="Agenda", exact=True).click()
    page.get_by_role("link", name=re.compile("Done or move: Sami")).locator("visible=true").first.click()
    move = page.locator("#move-form")
    move.locator("[name=due_date]").fill(f"{in_days(3, '16:00'):%Y-%m-%d}")
    move.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Follow-up moved.")).to_be_visible()
    assert of(morning.sami, "next_step_at") == in_days(3, "16:00")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone.")
    assert of(morning.sami, "next_step_at") == in_days(2, "16:00")
    aisha.calm()

    # What she has done today shows in her figures.
    if size == PHONE:
        go(aisha, "More")
    go(aisha, "My figures")
    expect(page.locator(".tiles")).to_contain_text("active leads")
    aisha.calm()

    # What is a colleague's is not there for her.
    aisha.open(f"/leads/{morning.yousefs}")
    expect(page.get_by_text("not yours to see")).to_be_visible()
