"""What the quick half of the pages does when things go wrong, and its keys (B4, S8, C10)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import REFUSED, Person, choose, unreachable
from tests.factories import a_lead, prompt, sql, tally, value

pytestmark = pytest.mark.browser

CAPTURE = re.compile(r"/leads$")
BROKEN = re.compile(r"status of 50\d|Response Status Error Code 50\d from")
CUT = re.compile(r"ERR_CONNECTION_FAILED|htmx:sendError|htmx:afterRequest")
EXPIRED = re.compile(r"status of 401|Response Status Error Code 401 from")


def new_visitor(person: Person) -> None:
    """The walk-in form, half filled in."""
    page = person.open("/front-desk?phone=0501234567")
    page.get_by_label("First name").fill("Layla")
    choose(page, "Speaks", "English")
    page.get_by_label("Budget up to, AED").fill("2.4M")


def press_register(person: Person) -> None:
    person.page.get_by_role("button", name="Register and tell the agent").click()


def still_typed(person: Person) -> None:
    """Everything is where it was, and nothing was written."""
    page = person.page
    expect(page.get_by_label("First name")).to_have_value("Layla")
    expect(page.get_by_label("Budget up to, AED")).to_have_value("2.4M")
    expect(page.get_by_role("group", name="Speaks").locator("input:checked")).to_have_value("english")
    expect(page.get_by_role("button", name="Register and tell the agent")).not_to_have_attribute("aria-busy", "true")
    assert tally("leads", "submissions") == {"leads": 0, "submissions": 0}


def registered_after_all(person: Person) -> None:
    press_register(person)
    expect(person.page.get_by_role("heading", level=1)).to_have_text("Aisha Khan takes Layla.")
    assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}


class TestAFormThatCouldNotBeSent:
    def test_no_connection_is_said_and_everything_typed_stays(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        with unreachable(rashid.page, CAPTURE):
            press_register(rashid)
            expect(rashid.page.get_by_text("No connection. What you typed is still here; try again.")).to_be_visible()
            still_typed(rashid)
        registered_after_all(rashid)
        rashid.watch.calm(CUT)

    def test_an_error_of_ours_is_said_and_everything_typed_stays(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        sql("""CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END';
               CREATE TRIGGER break_down BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION break_down()""")
        try:
            press_register(rashid)
            alert = rashid.page.get_by_role("alert")
            expect(alert).to_contain_text("Something broke on our side. Tell your admin the number")
            expect(alert).to_be_focused()
            still_typed(rashid)
        finally:
            sql("DROP FUNCTION break_down CASCADE")
        registered_after_all(rashid)
        rashid.watch.calm(BROKEN)

    def test_a_busy_office_is_said_and_everything_typed_stays(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        with prompt(autocommit=False) as holder:
            holder.execute("SELECT pg_advisory_xact_lock(hashtextextended('phone:+971501234567', 0))")
            press_register(rashid)
            expect(rashid.page.get_by_role("alert")).to_contain_text("Nothing was saved; try again.")
            holder.rollback()
        still_typed(rashid)
        registered_after_all(rashid)
        rashid.watch.calm(BROKEN)

    def test_a_gateway_that_answers_instead_of_us_does_not_take_the_form_away(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        rashid.page.route(CAPTURE, lambda route: route.fulfill(status=502, body="<h1>502 Bad Gateway</h1>"))
        press_register(rashid)
        expect(rashid.page.locator("#toasts .toast-note")).to_be_visible()
        still_typed(rashid)
        rashid.watch.calm(BROKEN)

    def test_a_text_box_that_was_pulled_larger_breaks_no_policy_when_the_form_comes_back(self, door, cast):
        lead = a_lead(first_name="Layla", last_name="Haddad")
        mariam = door.admit(cast.mariam)
        page = mariam.open(f"/leads/{lead.lead_id}")
        page.get_by_label("What was said").evaluate("box => { box.style.height = '300px' }")
        page.get_by_role("button", name="Save activity").click()
        expect(page.locator("#activity-form .field-error")).to_have_count(1)
        expect(page.locator("html.htmx-settling, .htmx-settling")).to_have_count(0)
        mariam.calm()


class TestASessionThatEnded:
    def test_the_next_click_leads_to_the_login_page_as_a_whole_page_and_then_on(self, door, cast):
        mariam = door.admit(cast.mariam)
        sql("DELETE FROM sessions")
        mariam.page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
        expect(mariam.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        expect(mariam.page.locator("nav")).to_have_count(0)
        expect(mariam.page).to_have_url(re.compile(r"/login\?next=%2Fleads|/login\?next=/leads"))
        mariam.watch.calm(EXPIRED)

    def test_the_bell_does_not_take_a_half_filled_form_away(self, door, cast):
        rashid = door.admit(cast.rashid)
        rashid.page.clock.install()
        new_visitor(rashid)
        sql("DELETE FROM sessions")
        with rashid.page.expect_response(re.compile("/notices/bell")) as bell:
            rashid.page.clock.fast_forward(5_000)
        assert bell.value.status == 401
        assert "/front-desk" in rashid.page.url
        still_typed(rashid)


class TestDoubleClicks:
    def test_pressing_register_twice_makes_one_lead(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        rashid.page.get_by_role("button", name="Register and tell the agent").dblclick()
        expect(rashid.page.get_by_role("heading", level=1)).to_have_text("Aisha Khan takes Layla.")
        assert tally("leads", "enquiries", "visits") == {"leads": 1, "enquiries": 1, "visits": 1}
        rashid.calm()

    def test_going_back_and_registering_again_makes_no_second_lead(self, door, cast):
        rashid = door.admit(cast.rashid)
        new_visitor(rashid)
        press_register(rashid)
        expect(rashid.page.get_by_role("heading", level=1)).to_have_text("Aisha Khan takes Layla.")
        rashid.page.go_back()
        expect(rashid.page.get_by_role("heading", level=1)).to_have_text("Who is here?")
        expect(rashid.page.get_by_text("We know this visitor")).to_be_visible()
        assert tally("leads") == {"leads": 1}
        rashid.watch.calm(REFUSED)


class TestGoingBack:
    def test_the_back_button_returns_to_each_page_that_was_opened(self, door, cast):
        lead = a_lead(first_name="Layla", last_name="Haddad")
        page = (mariam := door.admit(cast.mariam)).page
        first = page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
        page.get_by_role("link", name="Layla Haddad").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Layla Haddad")
        expect(page).to_have_url(f"{mariam.office.url}/leads/{lead.lead_id}")
        expect(page).to_have_title(re.compile("^Layla Haddad"))

        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
        expect(page).to_have_url(f"{mariam.office.url}/leads?all=1")
        expect(page.locator("html")).to_have_attribute("data-js", "")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(first)
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
        expect(page.locator("nav.side")).to_have_count(1)
        mariam.calm()

    def test_filters_are_in_the_address_and_come_back(self, door, cast):
        a_lead(first_name="Layla", last_name="Haddad")
        page = (mariam := door.admit(cast.mariam)).page
        mariam.open("/leads")
        page.get_by_text("Filter", exact=True).click()
        page.get_by_label("Status", exact=True).select_option(label="Lost")
        expect(page.get_by_text("No lead fits.")).to_be_visible()
        expect(page).to_have_url(re.compile(r"status=lost"))
        page.go_back()
        expect(page.get_by_role("link", name="Layla Haddad")).to_be_visible()
        expect(page.locator("#filter-status")).to_have_value("")
        mariam.calm()


class TestRefusedForms:
    def test_a_refused_form_stays_at_the_address_it_was_opened_at(self, door, cast):
        lead = a_lead()
        page = (mariam := door.admit(cast.mariam)).open(f"/leads/{lead.lead_id}")
        page.get_by_role("button", name="Save activity").click()
        expect(page.locator("#activity-form .field-error")).to_have_count(1)

        assert page.url.endswith(f"/leads/{lead.lead_id}")
        assert page.reload().status == 200
        mariam.calm()


class TestKeys:
    def test_l_logs_an_activity_and_slash_searches_but_not_while_somebody_types(self, door, cast):
        lead = a_lead(first_name="Layla", last_name="Haddad")
        assert value("SELECT count(*) FROM lead_assignments") == 1
        page = (mariam := door.admit(cast.mariam)).page
        mariam.open(f"/leads/{lead.lead_id}")
        page.keyboard.press("l")
        expect(page.locator("#activity-form input[name=type]").first).to_be_focused()
        page.keyboard.press("Space")
        expect(page.locator("#activity-form input[name=type]").first).to_be_checked()

        notes = page.get_by_label("What was said")
        notes.press_sequentially("Call at 5/6 pm, lovely")
        expect(notes).to_have_value("Call at 5/6 pm, lovely")
        expect(notes).to_be_focused()

        page.get_by_role("heading", level=1).click()
        page.keyboard.press("/")
        expect(page.locator("#palette-q")).to_be_focused()
        page.keyboard.type(str(lead.phone[-4:]))
        expect(page.locator("#palette").get_by_role("option", name="Layla Haddad")).to_be_visible()
        mariam.calm()


def test_a_number_typed_before_the_scripts_came_is_looked_up_all_the_same(door, cast):
    rashid = door.admit(cast.rashid)
    held = []
    rashid.page.route(re.compile("htmx"), lambda route: held.append(route))
    rashid.page.goto(rashid.office.url + "/front-desk", wait_until="commit")
    rashid.page.get_by_label("Phone number, any spelling").fill("050 123 4567")
    expect(rashid.page.get_by_text("Local or international, with or without spaces.")).to_be_visible()
    assert held, "the scripts were not held back"
    for script in held:
        script.continue_()
    expect(rashid.page.get_by_role("heading", name="Who are they, and what do they look for?")).to_be_visible()
    rashid.calm()
