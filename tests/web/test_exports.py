"""Taking a list away: exactly what it shows, as it came, and the managers are told."""

import csv
import io
from importlib import import_module

import pytest

from tests.factories import a_lead, sql, tally, value
from webapp import stopping
from webapp.jobs import make_exports
from webapp.vocabulary import Source

taking = import_module("webapp.services.exports.take")


def read_csv(answer) -> list[dict]:
    return [*csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]


def read_xlsx(answer) -> list[dict]:
    sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def office(aisha, yousef):
    sql("UPDATE agents SET on_duty = true")
    a_lead("+971501234567", Source.BAYUT, first_name="Layla", last_name="=1+1", by=aisha)
    a_lead("+971501234568", Source.WEBSITE, first_name="سالم", preferred_areas=("Dubai Marina", "JBR"), by=aisha)
    a_lead("+971501234569", Source.BAYUT, first_name="Hers", by=yousef)


class TestLeads:
    @pytest.mark.parametrize("kind, read", [("csv", read_csv), ("xlsx", read_xlsx)])
    def test_it_holds_exactly_the_filtered_leads(self, browser, mariam, office, kind, read):
        browser.sign_in(mariam).get("leads.index")

        answer = browser.post("exports.take", {"format": kind}, source_type="bayut")

        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        assert [row["First name"] for row in read(answer)] == ["Hers", "Layla"]
        assert [row["Owner"] for row in read(answer)] == ["Yousef Haddad", "Aisha Rahman"]

    def test_an_agent_takes_their_own_on_the_record_and_the_managers_are_told(self, browser, aisha, mariam, office):
        browser.sign_in(aisha).get("leads.index")

        assert browser.post("exports.take", {"format": "csv"}, owner="none").status_code == 422
        rows = read_csv(browser.post("exports.take", {"format": "csv"}))

        assert {row["Phone number"] for row in rows} == {"+971501234567", "+971501234568"}
        assert value("SELECT after->>'count' FROM audit_entries WHERE verb = 'leads.export'") == "2"
        browser.post("sessions.end")
        assert "Aisha Rahman exported 2 leads" in browser.sign_in(mariam).get("notifications.index").said()

    @pytest.mark.parametrize("kind, read", [("csv", read_csv), ("xlsx", read_xlsx)])
    def test_a_name_that_looks_like_a_formula_stays_a_name(self, browser, aisha, office, kind, read):
        browser.sign_in(aisha).get("leads.index")

        answer = browser.post("exports.take", {"format": kind}, q="layla")

        (row,) = read(answer)
        assert row["Last name"].removeprefix("'") == "=1+1"
        if kind == "xlsx":
            sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
            assert {cell.data_type for cell in sheet[2]} <= {"s", "inlineStr", "n", "d"}
        else:
            assert ",'=1+1," in answer.text

    def test_arabic_and_areas_come_out_as_they_went_in(self, browser, aisha, office):
        browser.sign_in(aisha).get("leads.index")

        (row,) = read_csv(browser.post("exports.take", {"format": "csv"}, source_type="website"))

        assert row["First name"] == "سالم"
        assert row["Areas"] == "Dubai Marina, Jumeirah Beach Residence"

    def test_more_than_a_sheet_holds_are_refused_in_words_and_nothing_is_kept(
        self, browser, mariam, office, monkeypatch
    ):
        monkeypatch.setattr(taking, "MOST", 2)
        browser.sign_in(mariam).get("leads.index")
        before = tally("notices")

        answer = browser.post("exports.take", {"format": "csv"})

        assert answer.status_code == 422
        assert "Narrow the list" in answer.said("body")
        assert not sql("SELECT FROM audit_entries WHERE verb = 'leads.export'")
        assert (tally("notices"), value("SELECT count(*) FROM exports")) == (before, 0)

    def test_a_format_that_is_none_is_refused(self, browser, mariam, office):
        browser.sign_in(mariam).get("leads.index")

        assert browser.post("exports.take", {"format": "exe"}).status_code == 422


class TestLong:
    """More than can be sent at once: the worker makes it, and the bell says so."""

    @pytest.fixture(autouse=True)
    def sent_at_once(self, monkeypatch):
        monkeypatch.setattr(taking, "AT_ONCE", 1)

    @pytest.fixture
    def asked(self, browser, mariam, office):
        """Mariam has asked for the three leads and looks at the page of her file."""
        browser.sign_in(mariam).get("leads.index")
        return lambda kind="csv", **query: browser.post("exports.take", {"format": kind}, **query)

    def fetch(self, browser):
        return browser.get("exports.fetch", export_id=value("SELECT export_id FROM exports"))

    @pytest.mark.parametrize("kind, read", [("csv", read_csv), ("xlsx", read_xlsx)])
    def test_it_is_made_and_fetched(self, browser, asked, kind, read):
        page = asked(kind, source_type="bayut")
        assert page.page.h1.get_text() == "Your file is being made."
        assert self.fetch(browser).status_code == 404

        assert make_exports().done == 1

        export_id = value("SELECT export_id FROM exports")
        assert browser.get("exports.show", export_id=export_id, queries=4).page.h1.get_text() == "Your file is ready."
        answer = self.fetch(browser)
        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        assert [row["First name"] for row in read(answer)] == ["Hers", "Layla"]
        notices = browser.get("notifications.index")
        assert notices.page.select_one("main .queue a.name").get_text().strip() == "Your file with 2 leads is ready"
        assert (
            browser.open("GET", notices.page.select_one("main .queue a.name")["href"]).path == f"/exports/{export_id}"
        )

    def test_it_is_on_record_once_it_is_made_and_the_managers_are_told(self, browser, aisha, mariam, office):
        browser.sign_in(aisha).get("leads.index")
        browser.post("exports.take", {"format": "csv"})
        assert not sql("SELECT FROM audit_entries WHERE verb = 'leads.export'")

        make_exports()

        assert value("SELECT after->>'count' FROM audit_entries WHERE verb = 'leads.export'") == "2"
        assert {row["Phone number"] for row in read_csv(self.fetch(browser))} == {"+971501234567", "+971501234568"}
        browser.post("sessions.end")
        assert "Aisha Rahman exported 2 leads" in browser.sign_in(mariam).get("notifications.index").said()

    def test_it_speaks_the_language_of_whoever_asked(self, browser, mariam, asked):
        sql("UPDATE users SET language = 'ar' WHERE user_id = %s", mariam.user_id)
        asked()
        make_exports()

        assert "الاسم الأول" in self.fetch(browser).text.splitlines()[0]

    def test_one_at_a_time(self, asked):
        asked()

        answer = asked()

        assert answer.status_code == 409
        assert "still being made" in answer.said("body")
        assert value("SELECT count(*) FROM exports") == 1

    def test_it_is_for_whoever_asked_alone(self, browser, another, omar, asked):
        asked()
        make_exports()

        assert self.fetch(another(omar)).status_code == 404

    def test_whoever_may_see_less_by_then_gets_less(self, browser, mariam, asked):
        asked()
        sql("UPDATE users SET role = 'agent' WHERE user_id = %s", mariam.user_id)
        make_exports()

        assert read_csv(self.fetch(browser)) == []

    def test_stopped_in_the_middle_it_is_begun_again(self, browser, asked):
        asked()
        with stopping.told_by(iter([False, False, True]).__next__):
            assert make_exports().done == 0
        assert value("SELECT count(*) FROM export_parts") == 0

        assert make_exports().done == 1
        assert len(read_csv(self.fetch(browser))) == 3

    def test_what_cannot_be_made_is_said(self, browser, asked):
        asked()
        sql("ALTER TABLE export_parts ADD CONSTRAINT none_fits CHECK (number < 0)")
        try:
            assert make_exports().done == 0
        finally:
            sql("ALTER TABLE export_parts DROP CONSTRAINT none_fits")

        page = browser.get("exports.show", export_id=value("SELECT export_id FROM exports"))
        assert page.page.h1.get_text() == "The file could not be made."
        assert "Your file could not be made" in browser.get("notifications.index").said()
        assert asked().status_code == 200

    def test_it_is_forgotten_after_a_day(self, asked):
        asked()
        make_exports()
        sql("UPDATE exports SET asked_at = asked_at - interval '24 hours'")

        make_exports()

        assert value("SELECT count(*) FROM export_parts") == 0
