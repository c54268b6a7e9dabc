"""The board in a browser: dragging, the keyboard, the menu, and two people at one card."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE, Person, choose, unreachable
from tests.factories import a_lead, brought_to, sql, value
from tests.production import PASSWORD
from webapp.vocabulary import Status

pytestmark = pytest.mark.browser

BOARD = re.compile(r"/leads/board$")
CUT = re.compile(r"ERR_CONNECTION_FAILED|htmx:sendError|htmx:afterRequest")


def lane(page: Page, status: Status):
    return page.locator(f"#lane-{status}")


def card(page: Page, name: str):
    return page.locator(".lead-card", has_text=name)


def status(lead_id) -> Status:
    return Status(value("SELECT status FROM leads WHERE lead_id = %s", lead_id))


def moves(lead_id) -> int:
    return value("SELECT count(*) FROM lead_conversion_history WHERE lead_id = %s", lead_id)


def lifted(page: Page, name: str) -> None:
    """The card hangs at the pointer."""
    card(page, name).hover()
    page.mouse.down()
    page.locator(".lane-head").first.hover()
    page.locator(".lane-head").last.hover()
    expect(card(page, name)).to_have_class(re.compile("is-held"))


@pytest.fixture
def layla(cast):
    """A contacted lead of Aisha's, to whom all leads of these tests come."""
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    return brought_to(a_lead(first_name="Layla"), Status.CONTACTED).lead_id


@pytest.fixture
def aisha(door, cast, layla) -> Person:
    return door.admit(cast.aisha)


class TestDragging:
    def test_a_card_goes_to_the_lane_it_is_dropped_on(self, aisha, layla):
        page = aisha.open("/leads/board")

        card(page, "Layla").drag_to(lane(page, Status.QUALIFIED))

        expect(lane(page, Status.QUALIFIED)).to_contain_text("Layla")
        expect(lane(page, Status.CONTACTED)).not_to_contain_text("Layla")
        expect(lane(page, Status.QUALIFIED).locator(".count")).to_have_text("1")
        expect(page.get_by_text("Now Qualified.")).to_be_visible()
        expect(card(page, "Layla")).to_be_focused()
        expect(page).to_have_url(BOARD)
        assert (status(layla), moves(layla)) == (Status.QUALIFIED, 2)
        aisha.calm()

    def test_only_the_lanes_it_may_go_to_light_up(self, aisha, layla):
        page = aisha.open("/leads/board")

        lifted(page, "Layla")

        for each in Status:
            allowed = each in Status.CONTACTED.moves
            expect(lane(page, each)).to_have_class(re.compile("is-open" if allowed else "is-shut"))
        expect(page.locator("#board-said")).to_contain_text("Moving Layla from Contacted")
        page.mouse.up()
        expect(page.locator(".is-held, .is-open, .is-shut")).to_have_count(0)
        aisha.calm()

    def test_on_a_lane_that_is_shut_it_stays(self, aisha, layla):
        page = aisha.open("/leads/board")

        card(page, "Layla").drag_to(lane(page, Status.NEGOTIATION))

        expect(lane(page, Status.CONTACTED)).to_contain_text("Layla")
        expect(page.locator(".is-held")).to_have_count(0)
        assert status(layla) == Status.CONTACTED
        aisha.calm()

    def test_losing_asks_for_the_reason_before_anything_is_saved(self, aisha, layla):
        page = aisha.open("/leads/board")

        card(page, "Layla").drag_to(lane(page, Status.LOST))

        expect(page.get_by_role("heading", name="Why was it lost?")).to_be_visible()
        assert status(layla) == Status.CONTACTED
        page.get_by_role("link", name="Not yet").click()
        expect(lane(page, Status.CONTACTED)).to_contain_text("Layla")
        card(page, "Layla").drag_to(lane(page, Status.LOST))
        choose(page, "Why it was lost", "Price")
        page.get_by_role("button", name="Close as lost").click()

        expect(lane(page, Status.LOST)).to_contain_text("Layla")
        expect(page).to_have_url(BOARD)
        assert status(layla) == Status.LOST
        aisha.calm()

    def test_converting_asks_what_was_agreed(self, door, cast, layla):
        for step in (Status.QUALIFIED, Status.VIEWING_SCHEDULED, Status.NEGOTIATION):
            sql("UPDATE leads SET status = %s WHERE lead_id = %s", step.value, layla)
        aisha = door.admit(cast.aisha)
        page = aisha.open("/leads/board?source_type=website")

        card(page, "Layla").drag_to(lane(page, Status.CONVERTED))
        choose(page, "What was agreed", "Sale")
        page.get_by_label("Deal value, AED").fill("2.5M")
        page.get_by_role("button", name="Close as converted").click()

        expect(lane(page, Status.CONVERTED)).to_contain_text("Layla")
        expect(page).to_have_url(re.compile(r"/leads/board\?source_type=website$"))
        assert status(layla) == Status.CONVERTED
        aisha.calm()

    def test_two_people_at_one_card_make_one_move_and_one_honest_message(self, aisha, door, cast, layla):
        mariam = door.admit(cast.mariam)
        first, second = aisha.open("/leads/board"), mariam.open("/leads/board")
        lifted(first, "Layla")
        lifted(second, "Layla")

        for page in (first, second):
            lane(page, Status.QUALIFIED).locator(".lane-head").hover()
            lane(page, Status.QUALIFIED).locator("h2").hover()
            page.mouse.up()

        expect(first.get_by_text("Now Qualified.")).to_be_visible()
        back = second.locator(".lead-card.is-back")
        expect(back.get_by_role("alert")).to_have_text("Somebody was faster: this lead is Qualified now.")
        expect(back).to_be_focused()
        for page in (first, second):
            expect(lane(page, Status.QUALIFIED)).to_contain_text("Layla")
            expect(lane(page, Status.CONTACTED)).not_to_contain_text("Layla")
        assert (status(layla), moves(layla)) == (Status.QUALIFIED, 2)
        aisha.calm()
        mariam.calm()

    def test_without_a_connection_it_stays_and_can_be_tried_again(self, aisha, layla):
        page = aisha.open("/leads/board")
        with unreachable(page, re.compile(r"/status$")):
            card(page, "Layla").drag_to(lane(page, Status.QUALIFIED))
            expect(page.get_by_text("No connection.")).to_be_visible()
        expect(lane(page, Status.CONTACTED)).to_contain_text("Layla")
        assert status(layla) == Status.CONTACTED

        page.get_by_role("button", name="Try again").click()

        expect(lane(page, Status.QUALIFIED)).to_contain_text("Layla")
        assert status(layla) == Status.QUALIFIED
        aisha.watch.calm(CUT)


class TestKeyboard:
    def test_a_card_is_picked_up_taken_over_and_dropped(self, aisha, layla):
        page = aisha.open("/leads/board")
        said = page.locator("#board-said")
        card(page, "Layla").focus()

        page.keyboard.press("Enter")
        expect(said).to_contain_text("The arrow keys choose: Qualified, Lost.")
        page.keyboard.press("ArrowRight")
        expect(said).to_have_text("Layla to Qualified: Enter drops it there.")
        page.keyboard.press("Enter")

        expect(lane(page, Status.QUALIFIED)).to_contain_text("Layla")
        expect(card(page, "Layla")).to_be_focused()
        assert status(layla) == Status.QUALIFIED
        aisha.calm()

    def test_escape_puts_it_back(self, aisha, layla):
        page = aisha.open("/leads/board")
        card(page, "Layla").focus()

        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        expect(lane(page, Status.QUALIFIED)).to_have_class(re.compile("is-over"))
        page.keyboard.press("Escape")

        expect(page.locator("#board-said")).to_have_text("Layla stays in Contacted.")
        expect(page.locator(".is-held, .is-open, .is-shut")).to_have_count(0)
        assert status(layla) == Status.CONTACTED
        aisha.calm()

    def test_lanes_that_are_shut_are_passed_over(self, aisha, layla):
        page = aisha.open("/leads/board")
        card(page, "Layla").focus()

        page.keyboard.press("Enter")
        for _press in range(2):
            page.keyboard.press("ArrowRight")
        expect(page.locator("#board-said")).to_have_text("Layla to Lost: Enter drops it there.")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Why was it lost?")).to_be_visible()
        assert status(layla) == Status.CONTACTED
        aisha.calm()

    def test_in_arabic_the_way_on_is_to_the_left(self, door, cast, layla):
        sql("UPDATE users SET language = 'ar'")
        aisha = door.stranger()
        page = aisha.open("/login")
        page.locator("[name=email]").fill(cast.aisha.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("nav.side")).to_be_attached()
        page = aisha.open("/leads/board")
        card(page, "Layla").focus()

        page.keyboard.press("Enter")
        page.keyboard.press("ArrowLeft")

        expect(lane(page, Status.QUALIFIED)).to_have_class(re.compile("is-over"))
        aisha.calm()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_on_a_phone_the_menu_moves_a_card(door, cast, layla, javascript):
    aisha = door.admit(cast.aisha, viewport=PHONE, javascript=javascript)
    page = aisha.open("/leads/board")

    card(page, "Layla").get_by_label("Move Layla").click()
    ways = card(page, "Layla") if javascript else page.locator("main")  # without scripts it is a page of its own
    ways.get_by_role("button", name="Qualified").click()

    expect(page.get_by_text("Now Qualified.")).to_be_visible()
    expect(lane(page, Status.QUALIFIED)).to_contain_text("Layla")
    expect(page).to_have_url(BOARD)
    assert status(layla) == Status.QUALIFIED
    card(page, "Layla").get_by_label("Move Layla").click()
    ways.get_by_role("link", name="Lost").click()
    expect(page.get_by_role("heading", name="Why was it lost?")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    aisha.calm()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_lane_shows_twenty_and_more_when_asked(door, cast, layla, javascript):
    for number in range(21):
        a_lead(first_name=f"Number {number}")
    aisha = door.admit(cast.aisha, javascript=javascript)
    page = aisha.open("/leads/board")
    new = lane(page, Status.NEW)
    expect(new.locator(".lead-card")).to_have_count(20)

    new.get_by_role("link", name="More in New").click()

    expect(new.get_by_role("link", name="More in New")).to_have_count(0)
    expect(new.locator(".lead-card")).to_have_count(21 if javascript else 1)
    expect(new).to_contain_text("Number 0")
    new.get_by_label("Move Number 0").click()
    (new if javascript else page.locator("main")).get_by_role("button", name="Contacted").click()
    expect(lane(page, Status.CONTACTED)).to_contain_text("Number 0")
    expect(new.locator(".lead-card")).to_have_count(20)
    expect(new.locator(".count")).to_have_text("20")
    aisha.calm()


def test_filters_narrow_the_board_and_go_with_the_reader_to_the_list(aisha, layla):
    a_lead(first_name="Noor")
    page = aisha.open("/leads/board")

    page.get_by_label("Name, phone, e-mail or #number").fill("noor")
    page.keyboard.press("Tab")

    expect(card(page, "Layla")).to_have_count(0)
    expect(card(page, "Noor")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.locator("#lead-list")).to_contain_text("Noor")
    expect(page.locator("#lead-list")).not_to_contain_text("Layla")
    page.get_by_role("link", name="Board", exact=True).click()
    expect(card(page, "Noor")).to_be_visible()
    expect(card(page, "Layla")).to_have_count(0)
    aisha.calm()


def test_lanes_that_did_not_come_with_the_page_are_fetched_when_they_are_seen(door, cast, layla):
    for number in range(21):
        a_lead(first_name=f"Number {number}")
    aisha = door.admit(cast.aisha)
    page = aisha.open("/")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Leads").click()
    page.get_by_role("link", name="Board", exact=True).click()

    expect(lane(page, Status.NEW).locator(".lead-card")).to_have_count(20)
    expect(card(page, "Layla")).to_be_visible()
    expect(page.locator(".is-to-come")).to_have_count(0)
    expect(page).to_have_url(BOARD)
    aisha.calm()
