"""Who did what to which lead when, as admins see it and take it away."""

import csv
import io
from importlib import import_module

import pytest

from tests.factories import a_lead, sql, value
from webapp.services import activities, leads, pipeline
from webapp.services.leads import Details
from webapp.vocabulary import ActivityType, LostReason, Source, Status

listing = import_module("webapp.services.audit_log.listing")
file = import_module("webapp.services.audit_log.file")

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def done(lead, aisha, mariam, omar):
    """Layla was called, amended and lost; another lead came in by itself."""
    activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)
    details = Details(lead.phone, lead.source_type, first_name="=Noor", last_name="Haddad")
    version = value("SELECT version FROM leads WHERE lead_id = %s", lead.lead_id)
    leads.amend(lead.lead_id, details, by=mariam, version=version)
    facts = {"status_from": Status.CONTACTED, "status": Status.LOST, "lost_reason": LostReason.AREA}
    pipeline.move(lead.lead_id, by=mariam, **facts)
    a_lead("+971521112233", Source.BAYUT)
    return lead


@pytest.fixture
def admin(browser, omar):
    return browser.sign_in(omar)


def lines(answer) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in answer.page.select("#entry-list tbody tr")]


@PAGE_AND_FRAGMENT
class TestIndex:
    def test_the_newest_is_first_with_who_and_what_in_words(self, admin, done, htmx):
        answer = admin.get("audit.index", htmx=htmx, target="entry-list")

        assert answer.queries <= 7
        told = lines(answer)
        assert "Registered a lead" in told[0] and "the system" in told[0] and "By itself" in told[0]
        moved = next(line for line in told if "Moved a lead to another status" in line)
        assert "Mariam Saleh" in moved and "Page" in moved
        assert "Status: before Contacted after Lost" in moved
        assert f"#{done.number}" in moved and "=Noor Haddad" in moved
        amended = next(line for line in told if "Changed a lead’s details" in line)
        assert "First name: before Layla after =Noor" in amended and "Last name" not in amended

    @pytest.mark.parametrize(
        "asked, seen",
        [
            ({"verb": "pipeline.move"}, ["Moved a lead to another status"]),
            ({"who": "{aisha}"}, ["Logged a contact"]),
            ({"who": "itself", "verb": "leads.capture"}, ["Registered a lead", "Registered a lead"]),
            ({"lead": "#{number}", "who": "{mariam}"}, ["Moved a lead to another status", "Changed a lead’s details"]),
            ({"from": "2031-01-01"}, []),
            ({"to": "2020-01-01"}, []),
            ({"lead": "999999"}, []),
        ],
    )
    def test_it_is_narrowed(self, admin, done, aisha, mariam, htmx, asked, seen):
        known = {"aisha": aisha.user_id, "mariam": mariam.user_id, "number": done.number}
        query = {name: text.format(**known) for name, text in asked.items()}

        answer = admin.get("audit.index", htmx=htmx, target="entry-list", **query)

        verbs = [row.select_one("td:nth-of-type(3) .medium").get_text() for row in answer.page.select("tbody tr")]
        assert verbs == seen
        assert seen or "Nothing on record fits." in answer.said("#entry-list")

    @pytest.mark.parametrize(
        "asked", [{"who": "x"}, {"verb": "leads.fly"}, {"lead": "Layla"}, {"from": "soon"}, {"after": "x"}]
    )
    def test_what_it_cannot_read_is_ignored(self, admin, done, htmx, asked):
        everything = lines(admin.get("audit.index", htmx=htmx, target="entry-list"))

        assert lines(admin.get("audit.index", htmx=htmx, target="entry-list", **asked)) == everything

    def test_it_goes_on_where_the_page_before_ended(self, admin, done, htmx, monkeypatch):
        everything = lines(admin.get("audit.index"))
        monkeypatch.setattr(listing, "AT_ONCE", 3)
        sql("UPDATE audit_entries SET happened_at = '2026-01-01'")

        told, answer = [], admin.get("audit.index", htmx=htmx, target="entry-list")
        while True:
            told += lines(answer)
            more = answer.page.select_one("#entry-list a[rel=next]")
            if more is None:
                break
            answer = admin.open("GET", more["href"], htmx=htmx, target="entry-list")

        assert len(told) == len(everything)
        assert len({line.replace("1 Jan", "") for line in told}) == len(set(everything))

    def test_a_refusal_is_on_record_too(self, admin, done, another, aisha, htmx):
        another(aisha).get("audit.index")

        (line,) = lines(admin.get("audit.index", htmx=htmx, target="entry-list", verb="denied"))

        assert "Was refused" in line and "Aisha Rahman" in line and "Where: audit.index" in line

    def test_a_program_and_a_file_are_doors(self, admin, done, htmx):
        sql("UPDATE audit_entries SET actor_name = 'API: Landing page' WHERE verb = 'leads.capture'")
        told = lines(admin.get("audit.index", htmx=htmx, target="entry-list", verb="leads.capture"))

        assert all("API: Landing page" in line for line in told) and len(told) == 2


class TestEmpty:
    def test_before_anybody_did_anything_it_says_so(self, admin):
        sql("DELETE FROM audit_entries")

        assert "Nothing is on record yet." in admin.get("audit.index").said("#entry-list")

    def test_a_period_that_ends_before_it_begins_is_said(self, admin, done):
        answer = admin.get("audit.index", **{"from": "2026-03-02", "to": "2026-03-01"})

        assert "The period ends before it begins." in answer.said("#entry-list")


class TestFetch:
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_the_filtered_entries_are_a_file_and_that_is_on_record(self, admin, done, mariam, kind):
        answer = admin.get("audit.fetch", kind=kind, who=mariam.user_id)

        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        if kind == "csv":
            found = [*csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]
        else:
            sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
            found = [*sheet.iter_rows(values_only=True)]
        assert [row[3] for row in found[1:]] == ["Moved a lead to another status", "Changed a lead’s details"]
        assert {row[1] for row in found[1:]} == {"Mariam Saleh"}
        assert found[1][6] == "Status: Contacted, then Lost"
        kept = value("SELECT after FROM audit_entries WHERE verb = 'audit.export'")
        assert kept == {"count": 2, "format": kind, "filters": {"who": str(mariam.user_id)}}

    def test_what_looks_like_a_formula_stays_text(self, admin, done):
        sql("UPDATE users SET name = '=1+1' WHERE name = 'Mariam Saleh'")
        sql("UPDATE audit_entries SET actor_name = '=1+1' WHERE actor_name = 'Mariam Saleh'")

        assert ",'=1+1," in admin.get("audit.fetch", kind="csv").text

    def test_more_than_fit_are_refused_in_words_and_nothing_is_kept(self, admin, done, monkeypatch):
        monkeypatch.setattr(file, "AT_ONCE", 2)
        monkeypatch.setattr("webapp.services.audit_log.AT_ONCE", 2)

        answer = admin.get("audit.fetch", kind="csv")

        assert answer.status_code == 422 and "Choose fewer days" in answer.said("body")
        assert not sql("SELECT FROM audit_entries WHERE verb = 'audit.export'")

    def test_nothing_is_no_file(self, admin, done):
        assert admin.get("audit.fetch", kind="csv", lead="999999").status_code == 422

    def test_another_kind_is_not_there(self, admin, done):
        assert admin.get("audit.fetch", kind="exe").status_code == 404


class TestBlanked:
    def test_what_an_erasure_made_blank_says_so(self, admin, done):
        sql(
            "UPDATE audit_entries SET before = '{\"first_name\": null}', after = '{\"first_name\": null}'"
            " WHERE verb = 'leads.amend'"
        )
        sql(
            "UPDATE leads SET erased_at = now(), first_name = '', last_name = '', phone = '' WHERE lead_id = %s",
            done.lead_id,
        )

        (line,) = lines(admin.get("audit.index", verb="leads.amend"))

        assert "First name: made blank" in line
