"""A visitor comes in, scans the code, and reception has them on the front desk."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE
from tests.factories import value

pytestmark = pytest.mark.browser


def test_from_the_code_to_the_card(door, cast):
    rashid = door.admit(cast.rashid)
    desk = rashid.open("/front-desk/code")
    expect(desk.locator("figure img")).to_have_js_property("complete", True)
    assert desk.locator("figure img").evaluate("image => image.naturalWidth") > 100
    address = desk.locator("figcaption bdi").inner_text()
    rashid.open("/front-desk")

    visitor = door.stranger(viewport=PHONE, javascript=False)
    page = visitor.open(address.removeprefix(rashid.office.url))
    page.locator("[name=phone]").fill("٠٥٠ ٧٦٥ ٤٣٢١")
    page.locator("[name=first_name]").fill("هناء")
    page.locator("[name=consent]").check()
    page.locator("form button").click()
    expect(page.locator("h1")).to_contain_text("Please take a seat")
    expect(page.locator("form")).to_have_count(0)
    visitor.calm()

    waiting = desk.locator("[aria-labelledby=checked-in]")
    expect(waiting).to_contain_text("هناء", timeout=20_000)  # the page asks by itself
    waiting.get_by_role("link", name="Greet").click()
    expect(desk.locator("#first_name")).to_have_value("هناء")
    expect(desk.locator("#consent")).to_be_checked()
    desk.locator("#lead-form button[type=submit]").click()

    expect(desk.locator("h1")).to_have_text(re.compile("takes هناء"))
    expect(waiting).to_have_count(0)
    expect(desk.locator(".handover")).to_contain_text(f"#{value('SELECT number FROM leads')}")
    desk.emulate_media(media="print")
    expect(desk.locator(".handover")).to_be_visible()
    for rest in ("h1", ".rail", "#agent", ".side"):
        expect(desk.locator(rest).first).to_be_hidden()
    rashid.calm()


def test_a_person_is_erased_by_keyboard_without_scripts(door, cast):
    lead_id = value(
        "INSERT INTO leads (source_type, first_name, last_name, phone)"
        " VALUES ('bayut', 'Layla', '', '+971501234567') RETURNING lead_id"
    )
    omar = door.admit(cast.omar, javascript=False)
    page = omar.open(f"/leads/{lead_id}")
    page.get_by_role("link", name="Personal data").press("Enter")
    page.locator("[name=reason]").select_option("asked")
    page.locator("[name=digits]").fill("4567")
    page.locator("[name=digits]").press("Enter")

    expect(page.locator("h1")).to_have_text("This person was erased.")
    assert value("SELECT first_name || phone FROM leads") == ""
    omar.calm()
