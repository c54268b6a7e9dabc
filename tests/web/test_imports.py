"""The pages of imports: upload, choose the columns, see what would become of each row, import, watch, undo."""

import csv
import io

import pytest

from tests.factories import a_phone, a_user, sql, value
from tests.files import a_csv, an_xlsx
from tests.web.conftest import may_sign_in
from webapp import uploads
from webapp.jobs import make_imports
from webapp.services.imports import run, stage
from webapp.vocabulary import Role

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
HEAD = ["Name", "Phone", "Source"]


def row(name: str = "Layla Haddad", phone: str | None = None) -> list[str]:
    return [name, phone or a_phone(), "bayut"]


@pytest.fixture
def mariams(browser, mariam, aisha):
    """Mariam's browser; Aisha takes what comes."""
    return browser.sign_in(mariam)


def upload(browser, content: bytes, name: str = "leads.csv", **more):
    """The page that an upload leads to."""
    browser.get("imports.index")
    return browser.post("imports.upload", {"file": (io.BytesIO(content), name)}, **more)


def checked(browser, content: bytes, columns=None, **more):
    """The rehearsal, with the columns that the page proposes or others."""
    page = upload(browser, content).page
    chosen = [select.select_one("option[selected]") for select in page.select("select[name=columns]")]
    columns = columns or [option["value"] if option else "" for option in chosen]
    return browser.post("imports.choose", {"columns": columns}, import_id=the_import(), **more)


def the_import():
    return value("SELECT import_id FROM imports ORDER BY uploaded_at DESC LIMIT 1")


def table(answer) -> list[list[str]]:
    return [[cell.get_text(" ", strip=True) for cell in tr.select("td")] for tr in answer.page.select("tbody tr")]


class TestUpload:
    def test_the_columns_are_proposed_with_their_first_cells(self, mariams):
        answer = upload(mariams, an_xlsx(["Client name", "رقم الجوال", "Rubbish"], ["Layla", "0501234567", "x"]))

        assert answer.hops == [(303, f"/imports/{the_import()}")]
        assert answer.said("h1") == "What do the columns hold?"
        assert [cells[0] for cells in table(answer)] == ["Client name Layla", "رقم الجوال 0501234567", "Rubbish x"]
        chosen = answer.page.select("select[name=columns]")
        assert [
            one.select_one("option[selected]") and one.select_one("option[selected]")["value"] for one in chosen
        ] == [
            "name",
            "phone",
            None,
        ]
        assert answer.queries <= 8

    def test_the_same_file_leads_to_what_became_of_it(self, mariams, another):
        content = a_csv(HEAD, row())
        upload(mariams, content)

        answer = upload(another(may_sign_in(a_user("Salma Idris", Role.MANAGER))), content, "again.csv")

        assert answer.path == f"/imports/{the_import()}"
        assert "is here already" in answer.said("#toasts")
        assert value("SELECT count(*) FROM imports") == 1

    @pytest.mark.parametrize(
        "file, said",
        [
            (None, "Choose a file."),
            ((b"", ""), "Choose a file."),
            ((b"", "leads.csv"), "This file is empty."),
            ((b"MZ\x00\x01", "leads.exe"), "This is no table"),
        ],
    )
    def test_what_is_no_list_is_refused_at_the_field(self, mariams, unchanged, file, said):
        mariams.get("imports.index")
        unchanged.from_now()

        answer = mariams.post("imports.upload", {"file": file and (io.BytesIO(file[0]), file[1])})

        assert answer.status_code == 422
        assert said in answer.said("#file-error")
        assert unchanged

    @pytest.mark.parametrize(
        "who, size, status", [("mariam", uploads.MOST_BYTES + 2_000_000, 413), ("aisha", 2_000_000, 403)]
    )
    def test_nobody_is_listened_to_for_longer_than_a_file_may_be(self, browser, request, unchanged, who, size, status):
        browser.sign_in(request.getfixturevalue(who)).get("users.account")
        unchanged.from_now()
        part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n%b\r\n--x--\r\n'
        sent = {"data": part % (b"a" * size), "content_type": "multipart/form-data; boundary=x"}

        assert browser.ask("POST", "/imports", **sent).status_code == status
        assert unchanged

    def test_the_name_of_a_file_is_a_name(self, mariams):
        answer = upload(mariams, a_csv(HEAD, row()), "lists/<b>قائمة\u202e.csv")

        assert value("SELECT name FROM imports") == "<b>قائمة.csv"
        assert "<b>قائمة.csv" in answer.said(".eyebrow")

    def test_files_are_listed_with_what_became_of_their_rows(self, mariams):
        checked(mariams, a_csv(HEAD, row(), row(phone="12")))
        upload(mariams, a_csv(HEAD, row()), "other.csv")

        answer = mariams.get("imports.index")

        first, second = (one.get_text(" ", strip=True) for one in answer.page.select("ol.queue li"))
        assert first.startswith("other.csv Columns to choose by Mariam Saleh")
        assert "Ready to import Become leads 1 Not imported 1" in second
        assert answer.queries <= 8


class TestChoose:
    @PAGE_AND_FRAGMENT
    def test_problems_are_listed_by_row_and_column(self, mariams, htmx):
        answer = checked(mariams, a_csv(HEAD, row(), row("Noor", "12"), ["Omar", "", "Facebook"]), htmx=htmx)

        assert answer.said("h1") == "One row can be imported. 2 cannot."
        (first, second) = table(answer)
        assert first[0] == "Noor row 3"
        assert first[1].startswith("Phone 12 That is not a phone number we can call.")
        assert second[0] == "Omar row 4"
        assert "Source Facebook “Facebook” is none of these" in second[1]
        assert "Phone Type a phone number." in second[1]
        assert answer.queries <= 8
        assert value("SELECT count(*) FROM leads") == 0

    @PAGE_AND_FRAGMENT
    def test_columns_that_cannot_be_come_back_as_they_were_chosen(self, mariams, htmx):
        answer = checked(mariams, a_csv(HEAD, row()), ["name", "name", "source_type"], htmx=htmx)

        assert answer.status_code == 422
        assert "Two columns cannot both be “First and last name”." in answer.said("[role=alert]")
        chosen = answer.page.select("select[name=columns] option[selected]")
        assert [option["value"] for option in chosen] == ["name", "name", "source_type"]

    @pytest.mark.parametrize("columns", [["x", "phone", ""], ["phone"], ["", "phone", ""] * 50, []])
    def test_what_no_page_offers_is_refused(self, mariams, columns):
        upload(mariams, a_csv(HEAD, row()))
        answer = mariams.post("imports.choose", {"columns": columns}, import_id=the_import())

        assert answer.status_code == 422
        assert value("SELECT state FROM imports") == "uploaded"

    def test_the_columns_can_be_changed_and_the_file_forgotten(self, mariams):
        checked(mariams, a_csv(HEAD, row()))
        link = mariams.last.select_one("a[href*='change=1']")["href"]
        assert mariams.open("GET", link).said("h1") == "What do the columns hold?"
        sent = {"columns": ["", "phone", ""], "source_type": "referral"}
        answer = mariams.post("imports.choose", sent, import_id=the_import())
        assert answer.said("h1") == "One row can be imported."

        answer = mariams.post("imports.discard", import_id=the_import())

        assert answer.path == "/imports"
        assert "Nothing of it was imported." in answer.said("#toasts")
        assert value("SELECT count(*) FROM import_rows") == 0

    def test_a_long_file_is_watched_while_it_is_read(self, mariams, monkeypatch):
        monkeypatch.setattr(stage, "AT_ONCE", 0)
        answer = checked(mariams, a_csv(HEAD, row()))
        assert answer.said("h1") == "The file is being read."
        assert answer.page.select_one("#import")["hx-trigger"] == "every 4s"

        make_imports()

        answer = mariams.get("imports.show", import_id=the_import(), htmx=True, target="import")
        assert answer.said("h1") == "One row can be imported."
        assert not answer.page.select("#import[hx-trigger]")
        assert "Your file is read" in mariams.get("notifications.index").said()


class TestStart:
    @PAGE_AND_FRAGMENT
    def test_rows_become_leads_and_what_was_refused_is_a_file(self, mariams, htmx):
        twice = row("Noor Aziz")
        checked(mariams, a_csv(HEAD, row(), twice, twice, row("=cmd", "12")))
        import_id = the_import()

        answer = mariams.post("imports.start", import_id=import_id, htmx=htmx)

        assert answer.said("h1") == "2 rows became leads."
        assert "One belonged to a lead that you had. One was not imported." in answer.said("#import")
        chips = {chip.contents[0].strip(): chip["href"] for chip in answer.page.select(".chip")}
        assert [*chips] == ["Not imported", "Became leads", "Belonged to leads you had"]
        created = mariams.open("GET", chips["Became leads"])
        assert [cells[0].partition(" row")[0] for cells in table(created)] == ["Layla Haddad", "Noor Aziz"]
        assert created.queries <= 8
        file = mariams.get("imports.fetch", import_id=import_id)
        head, line = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")))
        assert head == [*HEAD, "What is wrong"]
        assert line[:3] == ["'=cmd", "12", "bayut"]
        assert line[3].startswith("Phone: That is not a phone number")

    @PAGE_AND_FRAGMENT
    def test_a_long_file_is_watched_while_it_is_imported_and_undone(self, mariams, monkeypatch, htmx):
        monkeypatch.setattr(run, "AT_ONCE", 0)
        monkeypatch.setattr("webapp.services.imports.take_back.AT_ONCE", 0)
        checked(mariams, a_csv(HEAD, *(row() for _ in range(60))))
        import_id = the_import()
        answer = mariams.post("imports.start", import_id=import_id, htmx=htmx)
        assert answer.said("h1") == "60 rows are being imported."
        bar = answer.page.select_one("#import progress")
        assert (bar["value"], bar["max"]) == ("0", "60")

        make_imports()

        answer = mariams.get("imports.show", import_id=import_id, htmx=htmx, target="import")
        assert answer.said("h1") == "60 rows became leads."
        assert "Nobody has room for 10 of them." in answer.said("#import")
        assert len(table(answer)) == 50
        assert len(table(mariams.open("GET", answer.page.select_one("a[rel=next]")["href"]))) == 10
        mariams.get("imports.show", import_id=import_id)
        assert mariams.post("imports.undo", import_id=import_id).said("h1") == "The import is being undone."
        make_imports()
        assert mariams.get("imports.show", import_id=import_id).said("h1") == "60 rows are taken back."
        assert value("SELECT count(*) FROM leads") == 0
        said = mariams.get("notifications.index").said()
        assert "The import is undone: 60 rows are taken back" in said
        assert "Your file is imported: 60 new leads" in said

    def test_each_agent_opens_their_new_leads_from_the_bell(self, mariams, another, aisha):
        checked(mariams, a_csv(HEAD, row()))
        mariams.post("imports.start", import_id=the_import())

        notices = another(aisha).get("notifications.index")

        assert "A file brought you one new lead" in notices.said()
        link = notices.page.select_one("main .queue a.name")["href"]
        assert another(aisha).open("GET", link).hops == [(302, "/leads?all=1")]

    def test_started_twice_it_is_told_in_words(self, mariams):
        checked(mariams, a_csv(HEAD, row()))
        form = mariams.filled(f"/imports/{the_import()}/start", "imports.start", {"import_id": the_import()})
        mariams.open("POST", f"/imports/{the_import()}/start", data=form)

        answer = mariams.open("POST", f"/imports/{the_import()}/start", data=form)

        assert answer.status_code == 409
        assert "Somebody has begun with this file already." in answer.text
        assert value("SELECT count(*) FROM leads") == 1

    def test_the_admin_sees_it_all_and_changes_nothing(self, mariams, another, omar):
        checked(mariams, a_csv(HEAD, row(), row(phone="12")))

        browser = another(omar)
        answer = browser.get("imports.show", import_id=the_import())

        assert answer.status_code == 200
        assert not answer.page.select("main form")
        assert not browser.get("imports.index").page.select("main form")


class TestUndo:
    @PAGE_AND_FRAGMENT
    def test_what_was_touched_stays_and_says_why(self, mariams, htmx):
        checked(mariams, a_csv(HEAD, row(), row("Noor Aziz")))
        import_id = the_import()
        answer = mariams.post("imports.start", import_id=import_id)
        assert "can be undone until" in answer.said("form.notice")
        noor = value("SELECT lead_id FROM leads WHERE first_name = 'Noor'")
        mariams.get("leads.show", lead_id=noor)
        mariams.post("pipeline.move", {"status_from": "new", "status": "contacted"}, lead_id=noor)
        mariams.get("imports.show", import_id=import_id)

        answer = mariams.post("imports.undo", import_id=import_id, htmx=htmx)

        assert answer.said("h1") == "One row is taken back. One lead stays."
        assert table(answer)[0][0].endswith("Mariam Saleh has worked with it since.")
        assert not answer.page.select("form.notice")
        assert [one.first_name for one in sql("SELECT first_name FROM leads")] == ["Noor"]
