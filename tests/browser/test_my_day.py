"""My day at work: a contact logged in place, from the one menu that opens in every row."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_lead, sql, value

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_contact_is_logged_from_its_row(door, cast, javascript):
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    a_lead(first_name="Sami")
    layla = a_lead(first_name="Layla").lead_id
    aisha = door.admit(cast.aisha, javascript=javascript)
    page = aisha.open("/")

    page.get_by_label("Log what was done with Layla").click()
    if javascript:
        page.get_by_role("button", name="Call", exact=True).click()
        expect(page.get_by_text("Call logged.")).to_be_visible()
        expect(page.get_by_label("Log what was done with Layla")).to_have_count(0)
        expect(page.get_by_label("Log what was done with Sami")).to_be_visible()
        assert value("SELECT type FROM lead_activities WHERE lead_id = %s", layla) == "call"
    else:  # the lead's own form for it
        expect(page.locator("#activity-form")).to_be_visible()
    aisha.calm()
