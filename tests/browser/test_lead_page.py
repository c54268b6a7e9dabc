"""A lead's page at work: undo, keys, interests, WhatsApp that is logged, and the history part by part."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import DESKTOP, PHONE
from tests.factories import a_lead, sql, value
from webapp.services import activities, listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import ActivityType, Outcome, PropertyType

pytestmark = pytest.mark.browser

SCREENS = [
    pytest.param(DESKTOP, True, id="at a desk"),
    pytest.param(PHONE, False, id="on a phone without scripts"),
]
STAY_HERE = """document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-log]")) event.preventDefault();
}, true)"""


@pytest.fixture
def lead(cast):
    """Aisha's lead, called once, and a villa that another one like it wanted."""
    lead = a_lead(
        "+971501234567",
        by=cast.aisha,
        first_name="Layla",
        property_type=PropertyType.VILLA,
        preferred_areas=("Mirdif",),
    )
    activities.log(
        lead.lead_id, by=cast.aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE, notes="Wants a garden"
    )
    villa = listings.add("VL-S-7", by=SYSTEM, title="Villa by the park", permit="7123")
    sql(
        """WITH other AS (
               INSERT INTO leads (source_type, first_name, last_name, phone, status, property_type, preferred_areas)
               VALUES ('bayut', '', '', '+971501112233', 'qualified', 'villa', '{Mirdif}') RETURNING lead_id)
           INSERT INTO lead_property_interests (lead_id, property_id, interest_level)
           SELECT lead_id, %s::uuid, 'high' FROM other""",
        villa.property_id,
    )
    sql("UPDATE lead_sources SET property_id = %s WHERE lead_id = %s", villa.property_id, lead.lead_id)
    return lead


@pytest.fixture
def page(door, cast, lead) -> Page:
    """The lead's page, open at Aisha's desk."""
    return door.admit(cast.aisha).open(f"/leads/{lead.lead_id}")


def undo(page: Page) -> None:
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone.")


@pytest.mark.parametrize("size, javascript", SCREENS)
class TestUndo:
    def test_a_completed_follow_up_is_back(self, door, cast, lead, size, javascript):
        aisha = door.admit(cast.aisha, viewport=size, javascript=javascript)
        page = aisha.open(f"/leads/{lead.lead_id}")
        steps = page.get_by_role("region", name="Next steps")
        steps.get_by_role("button", name="Call is done").click()
        expect(steps).to_contain_text("No next step is planned.")
        page.reload()

        undo(page)

        expect(steps.get_by_role("button", name="Call is done")).to_be_visible()
        assert value("SELECT status FROM follow_up_tasks") == "pending"
        aisha.calm()

    def test_a_struck_activity_counts_again(self, door, cast, lead, size, javascript):
        aisha = door.admit(cast.aisha, viewport=size, javascript=javascript)
        page = aisha.open(f"/leads/{lead.lead_id}")
        before = value("SELECT score FROM leads WHERE lead_id = %s", lead.lead_id)
        page.get_by_text("Wrong?").click()
        page.get_by_role("button", name="Strike it out, take its points back").click()
        expect(page.locator(".story .is-struck")).to_contain_text("Wants a garden")

        undo(page)

        expect(page.locator(".story .is-struck")).to_have_count(0)
        expect(page.get_by_role("region", name="Score", exact=True)).to_contain_text(f"Why {before}")
        aisha.calm()

    def test_an_interest_from_a_suggestion_is_noted_made_stronger_and_taken_back(
        self, door, cast, lead, size, javascript
    ):
        aisha = door.admit(cast.aisha, viewport=size, javascript=javascript)
        page = aisha.open(f"/leads/{lead.lead_id}")
        page.get_by_role("button", name="Interested in Villa by the park").click()
        interests = page.get_by_role("region", name="Interested in")
        expect(interests).to_contain_text("Villa by the park")
        interests.locator("summary.chip").click()
        interests.get_by_role("button", name="High").click()
        expect(interests.locator("summary.chip")).to_have_text("High")

        undo(page)

        expect(interests.locator("summary.chip")).to_have_text("Medium")
        aisha.calm()


class TestKeys:
    @pytest.mark.parametrize(
        "key, focused",
        [
            ("l", "#activity-form [name=type][value=call]"),
            ("f", "#task-form [name=type]"),
            ("s", ".stepper .next button"),
        ],
    )
    def test_each_leads_to_its_place(self, page, key, focused):
        page.keyboard.press(key)

        expect(page.locator(focused)).to_be_focused()
        expect(page.locator(focused)).to_be_in_viewport()

    def test_what_somebody_types_is_no_key(self, page):
        box = page.get_by_label("What was said")
        box.press_sequentially("fls?")

        expect(box).to_have_value("fls?")
        expect(box).to_be_focused()
        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_the_list_of_keys_opens_and_closes_by_key_and_by_button(self, page):
        keys = page.get_by_role("dialog", name="Keys on this page")
        page.keyboard.press("?")
        expect(keys).to_contain_text("Plan a follow-up")
        page.keyboard.press("f")
        expect(keys).to_be_visible()
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()

        page.get_by_role("button", name="Keys").click()
        keys.get_by_role("button", name="Close").click()
        expect(keys).to_be_hidden()


class TestWhatsApp:
    def test_the_messages_are_ready_in_both_languages_with_the_listing(self, page):
        page.locator("summary").filter(has_text="WhatsApp").click()
        links = page.locator(".whatsapp a")

        expect(links).to_have_count(7)
        expect(links.nth(1)).to_have_attribute(
            "href", re.compile(r"^https://wa\.me/971501234567\?text=Hello%20Layla%2C")
        )
        expect(links.nth(1)).to_contain_text("Reference VL-S-7")
        expect(links.nth(1)).to_contain_text("Permit 7123")
        expect(page.locator(".whatsapp [lang=ar]")).to_have_count(3)

    @pytest.mark.parametrize("link, type", [(".whatsapp a >> nth=1", "whatsapp"), (".share a[href^=tel]", "call")])
    def test_what_was_sent_or_said_is_offered_to_be_logged(self, page, link, type):
        page.evaluate(STAY_HERE)
        page.get_by_label("What was said").fill("Half a sentence")
        if type == "whatsapp":
            page.locator("summary").filter(has_text="WhatsApp").click()
        page.locator(link).click()

        form = page.locator("#activity-form")
        expect(form.locator("[name=type]:checked")).to_have_value(type)
        expect(form.get_by_role("status")).to_have_text("Sent? Log it." if type == "whatsapp" else "Spoken? Log it.")
        expect(page.get_by_label("What was said")).to_be_focused()
        expect(page.get_by_label("What was said")).to_have_value("Half a sentence")


class TestHistory:
    def test_a_part_of_it_comes_alone_and_what_is_typed_stays(self, page):
        page.get_by_label("What was said").fill("Half a sentence")
        history = page.get_by_role("region", name="History")
        history.get_by_role("link", name="Enquiries").click()

        expect(history.locator(".story > li")).to_have_count(1)
        expect(history.locator("[aria-current=true]")).to_have_text("Enquiries")
        expect(page).to_have_url(re.compile(r"history=enquiries"))
        expect(page.get_by_label("What was said")).to_have_value("Half a sentence")

    def test_what_is_written_in_a_part_shows_the_whole_page_again(self, page):
        page.get_by_role("region", name="History").get_by_role("link", name="Contacts").click()
        expect(page.locator(".story > li")).to_have_count(1)
        page.get_by_text("Wrong?").click()
        page.get_by_role("button", name="Strike it out, take its points back").click()

        expect(page.locator("#toasts")).to_contain_text("Struck out.")
        expect(page.locator("main")).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_text("Layla")


@pytest.mark.parametrize("language, theme, size", [("en", "dark", DESKTOP), ("ar", "light", PHONE)])
def test_what_opens_on_the_page_has_no_axe_violation(door, cast, lead, language, theme, size):
    sql("UPDATE users SET language = %s, theme = %s WHERE user_id = %s", language, theme, cast.aisha.user_id)
    page = door.admit(cast.aisha, viewport=size).open(f"/leads/{lead.lead_id}")
    page.locator("section[aria-labelledby=suggestions] form button").click()
    expect(page.locator("#toasts form button")).to_be_visible()
    page.locator(".share summary").click()
    page.locator("section[aria-labelledby=interests] summary.see").click()
    found = [Axe().run(page)]
    page.evaluate("document.getElementById('keys').showModal()")
    found.append(Axe().run(page))

    assert [report.response["violations"] for report in found] == [[], []]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
