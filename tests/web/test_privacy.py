"""A person's data on the page: what is held, the file, and the erasure with what stays."""

import io
from importlib import import_module

import pytest

from tests.factories import a_lead, brought_to, sql, value
from webapp.services import activities, pipeline
from webapp.services.access import SYSTEM
from webapp.services.pipeline import Deal
from webapp.vocabulary import ActivityType, DealType, Source, Status


@pytest.fixture
def held(lead, aisha):
    """Layla's lead with a contact."""
    activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, notes="Wants =the= Marina")
    return lead.lead_id


def sold(phone: str) -> None:
    lead = brought_to(a_lead(phone, Source.BAYUT, first_name="Layla"), Status.NEGOTIATION)
    deal = Deal(DealType.SALE, 1_000_000)
    pipeline.move(lead.lead_id, by=SYSTEM, status_from=Status.NEGOTIATION, status=Status.CONVERTED, deal=deal)


class TestShow:
    def test_managers_see_what_is_held_from_the_lead_and_cannot_erase(self, browser, mariam, held):
        lead_page = browser.sign_in(mariam).get("leads.show", lead_id=held)
        assert lead_page.page.select_one(f"a[href='/leads/{held}/privacy']")

        page = browser.get("privacy.show", lead_id=held)

        assert "Contacts 1" in page.said("dl.held-parts") and "+971 50 123 4567" in page.said()
        assert not page.page.select(f"form[action='/leads/{held}/privacy/erasure']")
        assert page.queries <= 8

    def test_an_agent_has_no_way_there(self, browser, aisha, held):
        assert "privacy" not in browser.sign_in(aisha).get("leads.show", lead_id=held).text
        assert browser.get("privacy.show", lead_id=held).status_code == 403


class TestExport:
    def test_everything_is_in_one_file_as_text(self, browser, mariam, held):
        browser.sign_in(mariam).get("privacy.show", lead_id=held)

        answer = browser.post("privacy.export", {}, lead_id=held)

        sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
        cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        assert {"What", "Value", "Layla", "+971501234567", "Wants =the= Marina"} <= {*cells}
        assert answer.headers["Cache-Control"] == "no-store"
        assert value("SELECT actor_name FROM audit_entries WHERE verb = 'privacy.export'") == "Mariam Saleh"


class TestErase:
    def test_the_admin_says_why_and_types_the_end_of_the_number(self, browser, omar, held):
        page = browser.sign_in(omar).get("privacy.show", lead_id=held)
        assert "This cannot be undone" in page.said() and page.queries <= 8

        wrong = browser.post("privacy.erase", {"reason": "", "digits": "9999"}, lead_id=held)
        assert wrong.status_code == 422 and "Choose the reason." in wrong.said()
        other = browser.post("privacy.erase", {"reason": "asked", "digits": "9999"}, lead_id=held)
        assert other.status_code == 422 and "not the last four digits" in other.said()
        assert value("SELECT count(*) FROM leads WHERE erased_at IS NOT NULL") == 0

        done = browser.post("privacy.erase", {"reason": "asked", "digits": "4567"}, lead_id=held)
        assert (done.hops[0][0], done.path) == (303, f"/leads/{held}/privacy")
        assert "This person was erased." in done.said() and "Layla" not in done.text
        again = browser.post("privacy.erase", {"reason": "asked", "digits": "4567"}, lead_id=held)
        assert again.status_code == 409

    def test_what_the_law_keeps_is_said_before_and_shown_after(self, browser, omar, held):
        sold("+971501234567")
        page = browser.sign_in(omar).get("privacy.show", lead_id=held)
        assert "the law wants it for five years" in page.said()
        browser.post("privacy.erase", {"reason": "asked", "digits": "4567"}, lead_id=held)
        sale = value("SELECT lead_id FROM kept_sales")

        kept = browser.get("privacy.show", lead_id=sale)

        assert "Layla" in kept.said("[aria-labelledby=kept]") and "+971 50 123 4567" in kept.said()
        assert kept.queries <= 8

    def test_the_page_of_an_erased_lead_offers_nothing_that_needs_the_person(
        self, browser, omar, mariam, held, another
    ):
        browser.sign_in(omar).post("privacy.erase", {"reason": "asked", "digits": "4567"}, lead_id=held)

        page = another(mariam).get("leads.show", lead_id=held)

        assert "Erased person" in page.said("h1") and "This person was erased on" in page.said()
        assert not page.page.select("a[href^='tel:'], a[href*='wa.me'], #activity-form, a[href$='/edit']")
        for path in ("leads.index", "enquiries.index", "notifications.index"):
            assert "Layla" not in another(mariam).get(path).text
        assert sql("SELECT status FROM leads WHERE lead_id = %s", held)[0].status == "contacted"
