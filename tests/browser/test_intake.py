"""Where leads come from: a portal delivers, a file is imported and taken back, two leads become one and two again."""

import pytest
from playwright.sync_api import Page, expect

from tests import portals
from tests.factories import tally, value
from tests.files import a_csv
from webapp.vocabulary import ImportRowState, Portal

pytestmark = pytest.mark.browser


def headline(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)


def test_a_portal_is_connected_and_what_it_brings_is_reviewed(cast, admit_anywhere):
    omar = admit_anywhere(cast.omar)
    section = omar.open("/connections").locator("[aria-labelledby=portal-property-finder]")
    section.get_by_label("New secret").fill(portals.SECRET)
    section.locator("[name=is_enabled]").check()
    section.get_by_role("button", name="Save", exact=True).click()
    path = section.locator("#portal-property-finder-address").input_value().rpartition("/")[2]
    omar.calm()
    sent = ("pf_lead_created_whatsapp.json", "pf_lead_assigned_project_email.json")
    answers = [
        portals.deliver(omar.office.port, Portal.PROPERTY_FINDER, raw, path)
        for name in sent
        for raw in portals.bodies(name)
    ]
    assert set(answers) == {200}

    mariam = admit_anywhere(cast.mariam)
    page = mariam.open("/desk")
    page.get_by_role("region", name="Enquiries to review").get_by_role("link", name="Test Investor").click()
    expect(page.get_by_text("no phone number")).to_be_visible()
    expect(page.get_by_role("region", name="As it was sent")).to_contain_text("PFL-900004")
    page.get_by_label("Phone number").fill("12")
    page.get_by_role("button", name="Add the phone").click()
    expect(page.locator("#phone-form .field-error")).to_be_visible()
    expect(page.get_by_label("Phone number")).to_have_value("12")
    assert tally("leads") == {"leads": 1}
    mariam.calm()

    page.get_by_label("Phone number").fill("٠٥٠ ٩٨٧ ٦٥٤٣")
    page.get_by_role("button", name="Add the phone").click()
    page.get_by_role("link", name="Lead #").click()
    headline(page, "Test Investor")
    assert value("SELECT count(*) FROM leads WHERE phone = '+971509876543' AND owner_id IS NOT NULL") == 1
    mariam.calm()


def test_a_file_becomes_leads_and_is_taken_back(cast, admit_anywhere):
    content = a_csv(
        ["الاسم", "الهاتف", "المصدر", "ملاحظات"],
        ["ليلى حداد", "050 123 4567", "بيوت", "تريد شرفة"],
        ["Omar Saleh", "+44 20 7946 0958", "website", ""],
        ["Nobody", "12", "bayut", ""],
        encoding="windows-1256",
        delimiter=";",
    )
    mariam = admit_anywhere(cast.mariam)
    page = mariam.open("/imports")
    page.locator("[name=file]").set_input_files({"name": "قائمة.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload and look at it").click()
    headline(page, "What do the columns hold?")
    page.get_by_role("button", name="Check the rows").click()

    headline(page, "2 rows can be imported. One cannot.")
    with page.expect_download() as wrong:
        page.get_by_role("link", name="Download what is wrong").click()
    assert "12" in wrong.value.path().read_text(encoding="utf-8-sig")
    assert tally("leads") == {"leads": 0}
    page.get_by_role("button", name="Import 2 rows").click()
    headline(page, "2 rows became leads.")
    page.get_by_role("link", name=f"{ImportRowState.CREATED.label} 2").click()
    page.get_by_role("link", name="ليلى حداد").click()
    headline(page, "ليلى حداد")
    assert tally("leads", "lead_assignments") == {"leads": 2, "lead_assignments": 2}
    mariam.calm()

    page.go_back()
    page.get_by_role("button", name="Undo the import").click()
    headline(page, "2 rows are taken back.")
    assert tally("leads", "enquiries") == {"leads": 0, "enquiries": 0}
    mariam.calm()


def test_two_leads_become_one_and_two_again(cast, admit_anywhere):
    mariam = admit_anywhere(cast.mariam)
    for name, phone in (("Layla", "050 123 4567"), ("Leila", "055 765 4321")):
        page = mariam.open("/leads/new")
        page.get_by_label("Phone number").first.fill(phone)
        page.get_by_label("First name").fill(name)
        page.get_by_label("Last name").fill("Haddad")
        page.locator("[name=email]").fill("layla@mail.example")
        page.locator("#lead-form button[type=submit]").click()
        headline(page, name)
    page.get_by_role("link", name="Compare #").click()
    headline(page, "Is this one person?")
    page.locator("[name=keep_name]").last.check()
    page.get_by_role("button", name="Merge into one lead").click()

    expect(page.get_by_text("is part of this lead")).to_be_visible()
    assert tally("leads") == {"leads": 1}
    mariam.calm()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("is part of this lead")).to_have_count(0)
    assert value("SELECT array_agg(first_name ORDER BY first_name) FROM leads") == ["Layla", "Leila"]
    mariam.calm()
