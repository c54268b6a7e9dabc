"""An admin asks who did what; a manager prints whose client a lead is."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_lead
from webapp.services import activities, assignments
from webapp.vocabulary import ActivityType, Source

pytestmark = pytest.mark.browser


@pytest.fixture
def lead(cast):
    """Layla's, whom Aisha called before Mariam gave her to Yousef."""
    lead = a_lead("+971501234567", Source.BAYUT, first_name="Layla", last_name="Haddad", by=cast.aisha)
    activities.log(lead.lead_id, by=cast.aisha, type=ActivityType.CALL)
    assignments.assign(lead.lead_id, by=cast.mariam, agent_id=cast.yousef.agent_id, reason="Speaks Arabic")
    return lead


def test_who_gave_a_lead_away_is_found_and_the_lead_opened(cast, admit_anywhere, lead):
    omar = admit_anywhere(cast.omar)
    page = omar.open("/audit")
    rows = page.locator("#entry-list tbody tr")
    expect(rows.first).to_contain_text("Gave a lead to an agent")

    by_script = page.evaluate("window.htmx !== undefined")
    page.get_by_label("Who").select_option("Aisha Khan")
    if by_script:
        expect(rows).to_have_count(3)
    page.get_by_label("What was done").select_option("Logged a contact")
    if not by_script:
        page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Aisha Khan")
    assert "verb=activities.log" in page.url
    rows.first.get_by_role("link", name=f"#{lead.number}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Layla Haddad")
    omar.calm()


def test_the_history_sheet_fits_a4(cast, admit_anywhere, lead):
    mariam = admit_anywhere(cast.mariam)
    page = mariam.open(f"/leads/{lead.lead_id}")
    page.get_by_role("link", name="History sheet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Layla Haddad is a client of Yousef Haddad.")
    expect(page.get_by_role("region", name="Owners")).to_contain_text("Speaks Arabic")

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    expect(page.get_by_role("navigation")).to_have_count(0)
    mariam.calm()
