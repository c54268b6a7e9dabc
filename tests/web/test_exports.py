"""Taking a list away: exactly what it shows, as it came, and the managers are told."""

import csv
import io
from importlib import import_module

import pytest

from tests.factories import a_lead, sql, tally, value
from webapp.services import exports
from webapp.vocabulary import Source


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

    def test_too_many_are_refused_in_words_and_nothing_is_kept(self, browser, mariam, office, monkeypatch):
        monkeypatch.setattr(exports, "MOST", 2)
        browser.sign_in(mariam).get("leads.index")
        before = tally("notices")

        answer = browser.post("exports.take", {"format": "csv"})

        assert answer.status_code == 422
        assert "Narrow the list" in answer.said("body")
        assert not sql("SELECT FROM audit_entries WHERE verb = 'leads.export'")
        assert tally("notices") == before

    def test_a_format_that_is_none_is_refused(self, browser, mariam, office):
        browser.sign_in(mariam).get("leads.index")

        assert browser.post("exports.take", {"format": "exe"}).status_code == 422
