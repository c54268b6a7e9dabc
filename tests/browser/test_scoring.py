"""A manager changes a rule, looks at what it would do, puts it in force and puts the rules of before back."""

import pytest
from playwright.sync_api import expect

from tests.factories import a_lead, value
from webapp.vocabulary import Source

pytestmark = pytest.mark.browser

SCORE = "SELECT score FROM leads"


def test_a_rule_is_changed_previewed_put_in_force_and_put_back(cast, admit_anywhere):
    lead = a_lead(source=Source.WALK_IN, first_name="Layla", last_name="Haddad", nationality="UAE", by=cast.aisha)
    mariam = admit_anywhere(cast.mariam)
    page, heading = mariam.open("/scoring"), mariam.page.locator("h2#rules")
    rule = page.locator("#main .rules li", has_text="Source: walk-in")

    page.get_by_role("button", name="Change the rules").click()
    expect(heading).to_have_text("The draft 24")
    rule.get_by_role("link", name="Change Source: walk-in").click()
    page.get_by_label("Points").fill("lots")
    page.get_by_role("button", name="Keep it in the draft").click()
    expect(page.locator("#rule-points-error")).to_contain_text("Write whole points from -100 to 100.")
    page.get_by_label("Points").fill("25")
    page.get_by_role("button", name="Keep it in the draft").click()
    expect(rule).to_contain_text("+25")
    page.get_by_role("button", name="Switch off: UAE national").click()
    expect(page.locator(".rules .is-off")).to_contain_text("UAE national")

    page.get_by_role("link", name="Add a rule").first.click()
    page.get_by_role("link", name="Budget above an amount").click()
    page.get_by_label("Budget above, AED").fill("20M")
    page.get_by_label("Points").fill("30")
    page.get_by_label("Name", exact=True).fill("Budget over AED 20M")
    page.get_by_role("button", name="Keep it in the draft").click()
    expect(heading).to_have_text("The draft 25")
    page.get_by_role("button", name="Up: Budget over AED 20M").click()
    expect(page.locator(".rules li").nth(23)).to_contain_text("Budget over AED 20M")

    page.get_by_role("link", name="Preview it on your leads").first.click()
    if not page.evaluate("window.htmx !== undefined"):
        page.get_by_role("link", name="Count it on every lead").click()
    expect(page.locator("#preview-answer")).to_contain_text("The score of one lead would change.")
    moved = page.locator("#preview-answer tr", has_text="Layla Haddad")
    expect(moved).to_contain_text("80")
    expect(moved).to_contain_text("25")
    assert value(SCORE) == 80

    page.get_by_label("Name of this set").fill("Calmer")
    page.get_by_role("button", name="Put it in force").click()
    expect(heading).to_have_text("In force 25")
    assert value(SCORE) == 25
    mariam.open(f"/leads/{lead.lead_id}")
    expect(page.locator("section[aria-labelledby=score] .sum")).to_contain_text("Source: walk-in")
    page.get_by_role("link", name="The scoring rules").click()

    page.get_by_role("button", name="Put set 1 in force again").click()
    expect(heading).to_have_text("In force 24")
    assert value(SCORE) == 80
    mariam.calm()
