"""The whole story: a visitor is registered, the agent sees it, calls, plans the next step; the manager sees it all."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import DESKTOP, PHONE, Person, choose
from tests.factories import tally, value
from webapp import clock

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Screen:
    """What the people sit in front of."""

    size: dict
    javascript: bool


SCREENS = [
    pytest.param(Screen(DESKTOP, True), id="at a desk"),
    pytest.param(Screen(PHONE, False), id="on a phone without scripts"),
]


@pytest.fixture(params=SCREENS)
def screen(request) -> Screen:
    return request.param


@pytest.fixture
def admit(door, screen):
    return lambda who: door.admit(who, viewport=screen.size, javascript=screen.javascript)


def look_up(person: Person, screen: Screen, phone: str) -> int:
    """Type a number at the front desk; how many actions it took."""
    box = person.page.get_by_label("Phone number, any spelling")
    box.fill(phone)
    if screen.javascript:
        return 1
    person.page.get_by_role("button", name="Find", exact=True).click()
    return 2


def register(person: Person, screen: Screen) -> None:
    """Fill the walk-in form as Layla answers, and send it."""
    page = person.page
    page.get_by_label("First name").fill("Layla")
    page.get_by_label("Last name").fill("Haddad")
    choose(page, "Speaks", "English")
    choose(page, "Looks for", "Buy")
    choose(page, "Property type", "Apartment")
    box = page.get_by_role("textbox", name="Areas", exact=True)
    if screen.javascript:
        box.press_sequentially("marin")
        expect(page.get_by_role("option", name=re.compile("^Dubai Marina"))).to_be_visible()
        box.press("Enter")
        expect(page.get_by_role("button", name="Remove Dubai Marina")).to_be_visible()
    else:
        box.fill("Marina")
    page.get_by_label("Budget up to, AED").fill("2.4M")
    page.get_by_role("button", name="Register and tell the agent").click()


def points(text: str) -> int:
    return int(text.strip().replace("−", "-").replace("+", ""))


def adds_up(page: Page) -> int:
    """The score shown, which is what its lines add up to."""
    section = page.get_by_role("region", name="Score", exact=True)
    lines = section.locator("ul.sum li:not(.total) > :last-child").all_inner_texts()
    total = points(section.locator("li.total > :last-child").inner_text())
    assert sum(points(line) for line in lines) == total
    assert f"Why {total}" in section.inner_text()
    return total


def test_from_the_front_desk_to_the_manager(cast, admit, screen):
    aisha, rashid = admit(cast.aisha), admit(cast.rashid)
    expect(aisha.page.get_by_role("heading", level=1)).to_contain_text("Nothing is waiting.")

    # Rashid types the number as the visitor says it and registers her.
    look_up(rashid, screen, "٠٥٠ ١٢٣ ٤٥٦٧" if screen.javascript else "00971 50 123 4567")
    expect(rashid.page.get_by_role("heading", name="Who are they, and what do they look for?")).to_be_visible()
    register(rashid, screen)
    expect(rashid.page.get_by_role("heading", level=1)).to_have_text("Aisha Khan takes Layla.")
    expect(rashid.page.get_by_text("Why Aisha: 7 points, best of 2 on duty")).to_be_visible()
    card = rashid.page.get_by_role("region", name="Hand-over card")
    expect(card.get_by_text("Your agent")).to_be_visible()
    expect(card.get_by_text("وسيطك العقاري")).to_be_visible()
    expect(rashid.page.get_by_role("link", name="WhatsApp")).to_have_attribute(
        "href", re.compile(r"^https://wa\.me/\d+$")
    )
    rashid.calm()
    assert value("SELECT phone FROM leads") == "+971501234567"

    # Aisha's page, open since before, shows the lead by itself.
    if not screen.javascript:
        aisha.page.reload()
    link = aisha.page.locator("#my-day").get_by_role("link", name="Layla Haddad").first
    expect(link).to_be_visible(timeout=5_000)
    expect(aisha.page.get_by_role("heading", level=1)).to_contain_text("A visitor is waiting")
    aisha.calm()

    # She opens it, logs the call, and wants a viewing just after the call that was planned for her.
    link.click()
    expect(aisha.page.get_by_role("heading", level=1)).to_have_text("Layla Haddad")
    before = adds_up(aisha.page)
    wish = value("SELECT due_date FROM follow_up_tasks").astimezone(clock.DUBAI) + timedelta(minutes=10)
    form = aisha.page.locator("#activity-form")
    choose(aisha.page, "What happened", "Call")
    form.get_by_label("What was said").fill("Wants a high floor\nand a sea view")
    form.get_by_label("Outcome").select_option(label="Positive")
    form.get_by_label("Next step").select_option(label="Viewing")
    form.locator("[name=next_due_date]").fill(f"{wish:%Y-%m-%d}")
    form.locator("[name=next_due_date_time]").fill(f"{wish:%H:%M}")
    form.get_by_role("button", name="Save activity").click()
    expect(aisha.page.get_by_text("Too close to the call with Layla Haddad")).to_be_visible()
    expect(aisha.page.get_by_label("What was said")).to_have_value("Wants a high floor\nand a sea view")
    assert tally("lead_activities") == {"lead_activities": 0}
    aisha.calm()

    # The next free slot is offered; she takes it.
    offer = aisha.page.get_by_role("button", name="the next free slot")
    slot = clock.from_local(offer.get_attribute("value"))
    offer.click()
    expect(aisha.page.locator(".stepper [aria-current=step]")).to_contain_text("Contacted")
    expect(aisha.page.get_by_role("region", name="History")).to_contain_text("Wants a high floor")
    assert adds_up(aisha.page) == min(100, before + 20)
    assert value("SELECT due_date FROM follow_up_tasks WHERE type = 'viewing'") == slot
    assert tally("leads", "lead_activities", "follow_up_tasks") == {
        "leads": 1,
        "lead_activities": 1,
        "follow_up_tasks": 2,
    }
    aisha.calm()

    # Mariam sees the lead and the call on her first page, and why Aisha has it on the lead's.
    mariam = admit(cast.mariam)
    latest = mariam.page.get_by_role("region", name="Latest leads")
    expect(latest).to_contain_text("Aisha Khan")
    expect(mariam.page.get_by_role("region", name="Latest contacts")).to_contain_text("Call by Aisha Khan, positive")
    latest.get_by_role("link", name="Layla Haddad").click()
    expect(mariam.page.get_by_role("heading", level=1)).to_have_text("Layla Haddad")
    expect(mariam.page.get_by_text("Why Aisha: 7 points, best of 2 on duty")).to_be_visible()
    expect(mariam.page.get_by_role("region", name="History")).to_contain_text("Wants a high floor")
    assert adds_up(mariam.page) == min(100, before + 20)
    mariam.calm()

    # When Layla comes back, she is known after two actions at most.
    rashid.open("/front-desk")
    assert look_up(rashid, screen, "+971 50 123 4567") <= 2
    expect(rashid.page.get_by_text("We know this visitor")).to_be_visible()
    expect(rashid.page.get_by_role("heading", name="Layla Haddad")).to_be_visible()
    rashid.calm()
