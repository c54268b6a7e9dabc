"""A session that ends, or a token that is too old, takes nothing away that somebody has typed (S8)."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.controls import controls, distinct
from tests.browser.people import Person, choose, sign_in
from tests.factories import sql, tally
from tests.web.places import pages
from webapp.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.row("S8", "B2")]

AGAIN = "Here is what you typed before. Check it and send it again."
EXPIRED = re.compile(r"status of (401|400)|Response Status Error Code (401|400) from")
# Something in every box that people fill in, each different from what was there.
FILL = """(form) => {
  for (const box of form.elements) {
    if (!box.name || box.matches("[type=hidden], button")) continue;
    if (box.matches("[type=radio], [type=checkbox]")) box.checked = !box.closest("fieldset")?.querySelector(":checked");
    else if (box.matches("select")) box.selectedIndex = box.options.length - 1;
    else box.value = box.type === "date" ? "2031-05-06" : box.matches("[data-areas] input") ? "JVC" : "١٢:٣٤";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""
# What a form would send, without its tokens; areas wherever they stand, as chips or in their box.
ANSWERS = (
    """(form) => [...new FormData(form)].filter(([name, value]) => value && !["csrf_token", "nonce"].includes(name))"""
)


SECRETS = """(form) => {
  for (const type of ["password", "password", "file"])
    form.append(Object.assign(document.createElement("input"), { type, name: type }));
  for (const box of form.querySelectorAll("[type=password]")) box.value = "secret";
}"""


def end_sessions() -> None:
    sql("UPDATE sessions SET last_seen_at = last_seen_at - interval '30 days'")


def kept(page: Page) -> str | None:
    return page.evaluate("sessionStorage.getItem('typed')")


def half_filled(person: Person, lead) -> None:
    """A call that somebody is writing down."""
    page = person.open(f"/leads/{lead['lead_id']}")
    page.get_by_label("What was said").fill("Wants a high floor\nand a sea view")
    choose(page, "What happened", "Call")


def send(page: Page) -> None:
    page.get_by_role("button", name="Save activity").click()
    page.wait_for_url("**/login**")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.RECEPTIONIST])
def test_every_form_comes_back_as_it_was_filled_in(door, rooms, role, full, figure):
    who = {Role.MANAGER: rooms.mariam, Role.RECEPTIONIST: rooms.noor}[role]
    person = door.admit(who)
    page, lost = person.page, []
    found = distinct(controls(person, list(pages(rooms, role, rooms.rows[:2]))), full=True)
    # A password is never kept: the form that changes it comes back empty.
    forms = [one for one in found if one.verb == "post" and one.fields and "/password" not in one.address]
    for control in forms if full else forms[:: 1 if role == Role.RECEPTIONIST else 4]:
        person.open(control.page)
        form = control.on(page)
        form.evaluate(FILL)
        before = form.evaluate(ANSWERS)
        end_sessions()
        control.use(page)
        page.wait_for_url("**/login**")
        sign_in(page, who)
        expect(page.locator(".notice", has_text=AGAIN)).to_be_focused()
        after = control.on(page).evaluate(ANSWERS)
        if after != before or page.url != person.office.url + control.page or kept(page):
            lost.append((control.address, before, after, page.url))

    figure("S8", f"forms that came back after signing in again, {role}", len(forms))
    figure("S8", f"answers lost, {role}", len(lost))
    assert lost == []
    person.watch.calm(EXPIRED)


def test_what_came_back_can_be_sent(door, rooms):
    aisha = door.admit(rooms.aisha)
    half_filled(aisha, rooms.leads["own"])
    before = tally("lead_activities")["lead_activities"]
    end_sessions()
    send(aisha.page)
    sign_in(aisha.page, rooms.aisha)
    aisha.page.get_by_role("button", name="Save activity").click()
    expect(aisha.page.get_by_role("region", name="History")).to_contain_text("Wants a high floor")
    assert tally("lead_activities")["lead_activities"] == before + 1
    assert kept(aisha.page) is None
    aisha.watch.calm(EXPIRED)


def test_a_number_typed_at_the_front_desk_brings_its_form_back(door, rooms):
    noor = door.admit(rooms.noor)
    page = noor.open("/front-desk")
    page.get_by_label("Phone number, any spelling").fill("050 765 4321")
    page.get_by_label("First name").fill("Layla")
    page.get_by_role("textbox", name="Areas", exact=True).fill("JVC")
    page.get_by_role("textbox", name="Areas", exact=True).press("Enter")
    end_sessions()
    page.get_by_role("button", name="Register and tell the agent").click()
    page.wait_for_url("**/login**")
    sign_in(page, rooms.noor)
    expect(page.locator(".notice", has_text=AGAIN)).to_be_focused()
    expect(page.get_by_label("First name")).to_have_value("Layla")
    expect(page.get_by_role("button", name="Remove JVC")).to_be_visible()
    page.get_by_role("button", name="Register and tell the agent").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("takes Layla.")
    noor.watch.calm(EXPIRED)


def test_a_link_keeps_what_was_typed_beside_it_for_when_its_page_is_opened_again(door, rooms):
    aisha = door.admit(rooms.aisha)
    page, lead = aisha.page, rooms.leads["own"]
    half_filled(aisha, lead)
    end_sessions()
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
    page.wait_for_url("**/login**")
    sign_in(page, rooms.aisha)
    assert page.url == f"{aisha.office.url}/leads?all=1"
    aisha.open(f"/leads/{lead['lead_id']}")
    expect(page.get_by_label("What was said")).to_have_value("Wants a high floor\nand a sea view")
    aisha.watch.calm(EXPIRED)


def test_whoever_signs_in_next_does_not_see_it_and_it_is_gone(door, rooms):
    aisha = door.admit(rooms.aisha)
    page = aisha.page
    half_filled(aisha, rooms.leads["own"])
    end_sessions()
    send(page)
    assert "sea view" in kept(page)
    sign_in(page, rooms.mariam)
    assert page.url.endswith(str(rooms.leads["own"]["lead_id"]))
    expect(page.get_by_label("What was said")).to_have_value("")
    assert kept(page) is None
    aisha.watch.calm(EXPIRED)


def test_signing_out_takes_it_away(door, rooms):
    aisha = door.admit(rooms.aisha)
    page = aisha.page
    half_filled(aisha, rooms.leads["own"])
    end_sessions()
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
    page.wait_for_url("**/login**")
    sign_in(page, rooms.aisha)
    assert kept(page)
    aisha.open("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/login")
    expect(page.get_by_label("Work e-mail")).to_be_focused()
    page.wait_for_function("() => sessionStorage.length === 0")
    aisha.watch.calm(EXPIRED)


def test_passwords_and_tokens_are_never_kept(door, rooms):
    aisha = door.admit(rooms.aisha)
    page = aisha.page
    half_filled(aisha, rooms.leads["own"])
    page.locator("#activity-form").evaluate(SECRETS)
    tokens = page.locator("#activity-form [name=csrf_token], #activity-form [name=nonce]")
    told = [tokens.nth(at).input_value() for at in range(2)]
    end_sessions()
    send(page)
    names = {name for _action, answers in json.loads(kept(page))["forms"] for name, _value in answers}
    assert names & {"password", "file", "csrf_token", "nonce"} == set()
    assert not [text for text in (*told, "secret") if text in kept(page)]
    aisha.watch.calm(EXPIRED)


def test_a_form_of_an_earlier_session_is_opened_anew_with_what_was_typed(door, rooms):
    """Signed in again in another tab: the token of this page is not that session's."""
    aisha = door.admit(rooms.aisha)
    page = aisha.page
    half_filled(aisha, rooms.leads["own"])
    end_sessions()
    with page.context.new_page() as tab:
        tab.goto(f"{aisha.office.url}/login")
        sign_in(tab, rooms.aisha)
    page.get_by_role("button", name="Save activity").click()
    expect(page.locator(".notice", has_text=AGAIN)).to_be_focused()
    expect(page.get_by_label("What was said")).to_have_value("Wants a high floor\nand a sea view")
    page.get_by_role("button", name="Save activity").click()
    expect(page.get_by_role("region", name="History")).to_contain_text("Wants a high floor")
    aisha.watch.calm(EXPIRED)


def test_a_form_left_open_for_eight_hours_is_taken(door, rooms):
    aisha = door.admit(rooms.aisha)
    half_filled(aisha, rooms.leads["own"])
    then = "now() - interval '8 hours'"
    sql(f"UPDATE sessions SET created_at = {then}, last_seen_at = {then}")
    aisha.page.get_by_role("button", name="Save activity").click()
    expect(aisha.page.get_by_role("region", name="History")).to_contain_text("Wants a high floor")
    aisha.calm()


def test_areas_that_cannot_be_looked_up_stay_out_of_the_page(door, rooms):
    """What is asked while somebody types is not htmx's: no login page, and no accident, inside the list."""
    aisha = door.admit(rooms.aisha)
    page = aisha.open("/leads/new")
    box = page.get_by_role("textbox", name="Areas", exact=True)
    end_sessions()
    with page.expect_response(re.compile("/areas")) as asked:
        box.press_sequentially("mar")
    assert asked.value.status == 401
    expect(page.locator("[data-found]")).to_be_empty()
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        box.press_sequentially("ina")
    page.context.set_offline(False)
    expect(page.locator("[data-found]")).to_be_empty()
    aisha.watch.calm(re.compile("status of 401|ERR_INTERNET_DISCONNECTED"))
