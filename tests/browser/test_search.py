"""Search from anywhere: opened by a key, walked by arrows, left by Escape; without scripts it is a page."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import DESKTOP, PHONE
from tests.factories import a_lead, sql

pytestmark = pytest.mark.browser

CUT = re.compile(r"ERR_CONNECTION_FAILED|htmx:sendError|htmx:afterRequest")
OPEN = "#palette[open]"
FITS = "(dialog) => dialog.scrollWidth <= dialog.clientWidth && dialog.getBoundingClientRect().right <= innerWidth"


@pytest.fixture(autouse=True)
def leads(cast):
    """Two Haddads of Aisha's, the newer one first, and somebody else."""
    sql("UPDATE agents SET on_duty = false WHERE full_name <> 'Aisha Khan'")
    return [
        a_lead(first_name=name, last_name=last)
        for name, last in (("Noor", "Aziz"), ("Omar", "Haddad"), ("Layla", "Haddad"))
    ]


@pytest.fixture
def aisha(door, cast):
    return door.admit(cast.aisha)


def box(page: Page):
    return page.get_by_role("combobox", name="Name, phone, e-mail, #number or property reference")


def marked(page: Page):
    return page.locator("#palette [role=option][aria-selected=true]")


def looked_for(page: Page, typed: str) -> None:
    """The dialog with what these words have found."""
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    page.keyboard.type(typed)
    expect(marked(page)).to_have_count(1)


class TestKeys:
    def test_it_opens_with_what_can_be_done_and_escape_goes_back_to_where_one_was(self, aisha):
        page = aisha.open("/leads?all=1")
        page.get_by_role("link", name="Calendar").first.focus()

        page.keyboard.press("Control+k")

        expect(box(page)).to_be_focused()
        expect(page.get_by_role("option", name="New lead")).to_be_visible()
        expect(marked(page)).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator(OPEN)).to_have_count(0)
        expect(page.get_by_role("link", name="Calendar").first).to_be_focused()
        page.keyboard.press("/")
        expect(box(page)).to_be_focused()
        page.keyboard.press("Control+k")
        expect(page.locator(OPEN)).to_have_count(0)
        aisha.calm()

    def test_a_slash_in_a_field_is_a_slash(self, aisha):
        page = aisha.open("/leads/new")
        notes = page.locator("main input[name=first_name]")

        notes.press_sequentially("a/b")

        expect(notes).to_have_value("a/b")
        expect(page.locator(OPEN)).to_have_count(0)
        aisha.calm()

    def test_arrows_choose_and_enter_goes_there(self, aisha, leads):
        page = aisha.open("/leads?all=1")
        looked_for(page, "haddad")

        expect(marked(page)).to_contain_text("Layla Haddad")
        expect(page.locator("#palette-said")).to_have_text("2 found")
        page.keyboard.press("ArrowDown")
        expect(marked(page)).to_contain_text("Omar Haddad")
        assert box(page).get_attribute("aria-activedescendant") == marked(page).get_attribute("id")
        page.keyboard.press("ArrowDown")
        expect(marked(page)).to_contain_text("Layla Haddad")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text("Omar Haddad")
        expect(page).to_have_url(re.compile(f"/leads/{leads[1].lead_id}$"))
        expect(page.locator(OPEN)).to_have_count(0)
        aisha.calm()

    def test_enter_never_opens_what_somebody_has_typed_past(self, aisha):
        page = aisha.open("/leads?all=1")
        looked_for(page, "haddad")
        held = []
        page.route(re.compile(r"/search\?"), lambda route: held.append(route))

        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type("noor")
        expect(marked(page)).to_have_count(0)
        page.unroute(re.compile(r"/search\?"))
        page.keyboard.press("Enter")

        expect(page).to_have_url(re.compile(r"/search\?q=noor$"))
        expect(page.locator("main a.hit")).to_have_count(1)
        expect(page.locator("main a.hit")).to_contain_text("Noor Aziz")
        for route in held:
            route.abort()

    def test_a_press_on_the_search_of_a_page_opens_it_and_one_beside_it_leaves(self, aisha):
        page = aisha.open("/leads?all=1")

        page.locator("#q").click()

        expect(box(page)).to_be_focused()
        page.mouse.click(5, 5)
        expect(page.locator(OPEN)).to_have_count(0)
        page.locator("#q").click()
        page.locator("#palette").get_by_role("button", name="Close").click()
        expect(page.locator(OPEN)).to_have_count(0)
        aisha.calm()


class TestFound:
    def test_whoever_finds_nobody_is_told_what_to_do_next(self, aisha):
        page = aisha.open("/leads?all=1")
        looked_for(page, "050 111 2222")

        expect(page.locator("#palette-found")).to_contain_text("Try part of the name")
        expect(page.locator("#palette-said")).to_contain_text("Nobody of yours")
        page.keyboard.press("Enter")

        expect(page.locator("main [name=phone]")).to_have_value("+971501112222")
        aisha.calm()

    def test_what_attackers_type_and_are_called_is_text(self, aisha, leads):
        hostile = "<img src=x onerror=alert(1)>"
        sql("UPDATE leads SET first_name = %s WHERE lead_id = %s", hostile, leads[0].lead_id)
        page = aisha.open("/leads?all=1")

        looked_for(page, "aziz")

        expect(marked(page)).to_contain_text(hostile)
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(f'"><b>{hostile}')
        expect(page.locator("#palette-found")).to_contain_text("Nobody of yours")
        expect(page.locator("#palette img, #palette b")).to_have_count(0)
        aisha.calm()

    def test_when_the_connection_breaks_it_is_said_and_what_was_typed_is_kept(self, aisha):
        page = aisha.open("/leads?all=1")
        looked_for(page, "haddad")
        page.route(re.compile(r"/search\?"), lambda route: route.abort("connectionfailed"))

        page.keyboard.type(" layla")

        expect(page.get_by_role("alert")).to_contain_text("No connection")
        expect(page.locator(OPEN)).to_have_count(0)
        page.unroute(re.compile(r"/search\?"))
        page.keyboard.press("Control+k")
        expect(box(page)).to_have_value("haddad layla")
        expect(marked(page)).to_contain_text("Layla Haddad")
        aisha.watch.calm(CUT)

    def test_reception_finds_a_visitor(self, door, cast, leads):
        rashid = door.admit(cast.rashid)
        page = rashid.page
        page.get_by_role("heading", level=1).click()
        page.keyboard.press("Control+k")
        expect(page.get_by_role("option", name="New visitor")).to_be_visible()

        page.keyboard.type(leads[2].phone)
        expect(marked(page)).to_contain_text("Layla Haddad")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Layla Haddad")).to_be_visible()
        rashid.calm()


@pytest.mark.row("B6")
def test_without_scripts_it_is_a_page(door, cast, leads):
    page = door.admit(cast.aisha, viewport=PHONE, javascript=False).page

    page.locator("#q").fill("haddad")
    page.locator("#q").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page.locator("main a.hit")).to_have_count(2)
    page.get_by_role("link", name="Omar Haddad").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Omar Haddad")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["at a desk", "on a phone"])
def test_it_fits_and_everybody_can_use_it(door, cast, language, theme, viewport):
    sql("UPDATE users SET language = %s, theme = %s", language, theme)
    page = door.admit(cast.aisha, viewport=viewport).page
    for typed in ("", "haddad", "12"):
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-list")).to_have_count(1)
        if typed:
            page.keyboard.type(typed)
            expect(page.locator("#palette-said")).not_to_have_text("")
            expect(page.locator(".htmx-request, .htmx-settling, .htmx-added")).to_have_count(0)
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()
        assert page.locator(OPEN).evaluate(FITS)
        page.keyboard.press("Escape")
