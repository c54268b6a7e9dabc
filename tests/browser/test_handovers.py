"""A manager hands over all of an agent, sees what moved and what stayed, takes it back, and lets the agent go."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE
from tests.factories import busy, sql, value
from webapp.services import handovers
from webapp.vocabulary import CAP

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("viewport", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["with scripts", "a phone without"]
)
def test_everything_of_one_agent_and_back_and_the_agent_leaves(door, cast, viewport, javascript):
    busy(cast.aisha, 5)
    busy(cast.yousef, CAP - 3)
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.yousef.agent_id)
    held = "SELECT active_leads_count FROM agents WHERE agent_id = %s"
    mariam = door.admit(cast.mariam, viewport=viewport, javascript=javascript)
    page, heading = mariam.page, mariam.page.get_by_role("heading", level=1)

    page = mariam.open(f"/agents/{cast.aisha.agent_id}/edit")
    page.get_by_role("button", name="Deactivate Aisha Khan").click()
    expect(page.get_by_role("alert")).to_contain_text("Aisha Khan still holds 5 active leads. Hand them over first.")
    page.get_by_role("link", name="Hand all of them over", exact=True).click()
    page.get_by_label("Why").fill("Leaves on Monday")
    page.get_by_role("button", name="Hand over 5").click()

    expect(heading).to_have_text("3 leads moved. 2 stay.")
    rows = page.locator("#handover tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Nobody else on duty has room.")
    page.get_by_role("link", name="Moved 3").click()
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Yousef Haddad")
    mariam.watch.proper()

    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(heading).to_have_text("3 leads are back as they were.")
    assert [value(held, who.agent_id) for who in (cast.aisha, cast.yousef)] == [5, CAP - 3]
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)

    sql("UPDATE leads SET status = 'lost' WHERE owner_id = %s", cast.aisha.agent_id)
    mariam.open(f"/agents/{cast.aisha.agent_id}/edit")
    page.get_by_role("button", name="Deactivate Aisha Khan").click()
    expect(heading).to_contain_text("Aisha Khan left on")
    mariam.open("/agents?show=left")
    expect(page.locator("#agent-list tbody tr")).to_have_count(1)
    mariam.open(f"/agents/{cast.aisha.agent_id}/edit")
    page.get_by_role("button", name="Bring them back").click()
    expect(heading).to_contain_text("Aisha Khan is off duty")
    mariam.calm()


def test_a_long_one_is_watched_until_it_is_done(door, cast):
    sql("""INSERT INTO leads (source_type, first_name, last_name, phone)
           SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0') FROM generate_series(1, 201) n""")
    mariam = door.admit(cast.mariam)
    page, heading = mariam.page, mariam.page.get_by_role("heading", level=1)

    mariam.open("/leads?owner=none")
    page.get_by_role("link", name="Hand over all").click()
    page.get_by_label("Why").fill("The fair")
    page.get_by_role("button", name="Hand over 201").click()
    expect(heading).to_have_text("201 leads are being handed over.")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    mariam.watch.proper()

    handovers.make_waiting()
    expect(heading).to_contain_text("stay.", timeout=15_000)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()
    mariam.calm()
