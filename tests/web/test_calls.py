"""The call register: a page with filters, and a file that is on record."""

import csv
import io
from datetime import timedelta
from importlib import import_module

import pytest

from tests.factories import a_lead, backdated, now, sql, value
from webapp import clock
from webapp.services import activities
from webapp.vocabulary import ActivityType, CallResult

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def called(aisha, yousef, mariam):
    """Three calls: an answer to an enquiry, one in vain, and one 40 days ago."""
    lead = backdated(a_lead("+971501234567", first_name="Layla", last_name="Haddad", by=aisha), days=50)
    for days, result in ((40, CallResult.ANSWERED), (2, CallResult.NO_ANSWER), (1, None)):
        at = now() - timedelta(days=days)
        activities.log(
            lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=result, activity_at=at, notes="Secret"
        )
    return lead


def lines(answer) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in answer.page.select("#call-list tbody tr")]


@PAGE_AND_FRAGMENT
class TestIndex:
    def test_the_calls_of_the_last_30_days_the_newest_first(self, browser, mariam, called, htmx):
        answer = browser.sign_in(mariam).get("calls.index", htmx=htmx, target="call-list")

        assert answer.queries <= 6
        latest, before = lines(answer)
        assert "Layla Haddad" in latest and "+971 50 123 4567" in latest and "Marketing" in latest
        assert "No answer" in before and "Aisha Rahman" in before
        assert "2 calls" in answer.said("#call-list") and "Secret" not in answer.text

    def test_it_is_narrowed(self, browser, omar, called, yousef, htmx):
        browser.sign_in(omar)
        long_ago = (clock.today() - timedelta(days=45)).strftime("%Y-%m-%d")

        asked = {"from": long_ago, "result": "answered"}
        (line,) = lines(browser.get("calls.index", htmx=htmx, target="call-list", **asked))
        assert "Answered" in line and "Enquiry" in line
        none = browser.get("calls.index", htmx=htmx, target="call-list", agent=yousef.agent_id)
        assert "No call on record fits" in none.said("#call-list")
        backwards = {"from": clock.today().strftime("%Y-%m-%d"), "to": long_ago}
        assert "ends before it begins" in browser.get("calls.index", htmx=htmx, **backwards).said("#call-list")

    def test_an_erased_person_has_no_number(self, browser, omar, called, htmx):
        sql("UPDATE leads SET erased_at = now(), phone = '', first_name = '', last_name = ''")

        line = lines(browser.sign_in(omar).get("calls.index", htmx=htmx, target="call-list"))[0]

        assert "Erased person" in line and "+971" not in line

    def test_agents_and_reception_have_none(self, browser, another, aisha, rashid, called, htmx):
        for who in (aisha, rashid):
            assert another(who).get("calls.index", htmx=htmx).status_code == 403


class TestFetch:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_the_rows_without_notes_and_who_took_them_on_record(self, browser, mariam, called, kind):
        answer = browser.sign_in(mariam).get("calls.fetch", kind=kind, agent="")

        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        if kind == "csv":
            found = [*csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]
        else:
            sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
            found = [[*row] for row in sheet.iter_rows(values_only=True)]
        heads, latest, before = found
        assert heads[0] == "When" and len(latest) == len(heads)
        number = value("SELECT number FROM leads")
        assert (before[1], before[2], str(before[4]), before[5], before[6]) == (
            "Aisha Rahman",
            "Aisha Rahman",
            str(number),
            "No answer",
            "Marketing",
        )
        assert "Secret" not in str(found)
        kept = value("SELECT after FROM audit_entries WHERE verb = 'calls.export'")
        assert kept == {"count": 2, "format": kind, "filters": {}}

    def test_what_looks_like_a_formula_stays_text(self, browser, mariam, called):
        sql("UPDATE agents SET full_name = '=1+1' WHERE full_name = 'Aisha Rahman'")

        assert ",'=1+1," in browser.sign_in(mariam).get("calls.fetch", kind="csv").text

    def test_more_than_fit_are_refused_in_words_and_nothing_is_kept(self, browser, mariam, called, monkeypatch):
        monkeypatch.setattr("webapp.services.calls.AT_ONCE", 1)

        answer = browser.sign_in(mariam).get("calls.fetch", kind="csv")

        assert answer.status_code == 422 and "Choose fewer days" in answer.said("body")
        assert not sql("SELECT FROM audit_entries WHERE verb = 'calls.export'")

    def test_nothing_and_another_kind_are_no_file(self, browser, mariam, called):
        browser.sign_in(mariam)
        assert browser.get("calls.fetch", kind="csv", to="2020-01-01").status_code == 422
        assert browser.get("calls.fetch", kind="exe").status_code == 404
