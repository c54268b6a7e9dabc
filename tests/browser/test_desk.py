"""The morning board stands open: what needs somebody appears by itself, and is gone when it is done in its row."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE
from tests.factories import a_lead, busy, sql, value
from webapp.vocabulary import CAP

pytestmark = pytest.mark.browser


def test_a_lead_nobody_can_take_appears_and_is_given_away_in_its_row(door, cast):
    sql("UPDATE agents SET on_duty = false")
    mariam = door.admit(cast.mariam)
    page = mariam.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Everybody is looked after.")

    a_lead(first_name="Layla")

    row = page.get_by_role("region", name="Nobody owns").get_by_role("listitem").filter(has_text="Layla")
    expect(row).to_be_visible(timeout=20_000)
    sql("UPDATE agents SET on_duty = true")
    row.get_by_role("button", name="Best match: Layla").click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Everybody is looked after.")
    assert value("SELECT count(*) FROM lead_assignments") == 1
    mariam.calm()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_everything_of_somebody_who_is_away_is_previewed_and_handed_over(door, cast, javascript):
    busy(cast.aisha, 5)
    busy(cast.yousef, CAP - 3)
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.yousef.agent_id)
    mariam = door.admit(cast.mariam, viewport=PHONE, javascript=javascript)
    page = mariam.page

    page.get_by_role("link", name="Hand over all leads of Aisha Khan").click()
    page.get_by_label("Why").fill("Leaves on Monday")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 leads would move. 2 stay.")
    assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", cast.aisha.agent_id) == 5
    page.get_by_role("button", name="Hand over 3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 leads moved. 2 stay.")
    assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", cast.aisha.agent_id) == 2
    mariam.calm()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_the_workload_is_narrowed_and_an_agent_is_changed(door, cast, javascript):
    busy(cast.aisha, 41)
    mariam = door.admit(cast.mariam, javascript=javascript)
    page = mariam.open("/agents")
    rows = page.locator("#agent-list tbody tr")
    expect(rows).to_have_count(2)

    page.get_by_text("40 and over", exact=True).click()
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="Change Aisha Khan").click()
    page.get_by_label("Broker number").fill("54321")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".page-head")).to_contain_text("54321")
    assert value("SELECT broker_number FROM agents WHERE agent_id = %s", cast.aisha.agent_id) == "54321"
    mariam.calm()
