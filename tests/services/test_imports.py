"""Files of leads: read whatever wrote them, rehearsed by row and column, imported once, undone as far as may be."""

import io
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask_babel import force_locale

from tests.factories import a_lead, a_phone, a_user, end_idle_sessions, sql, tally, told, value
from tests.files import a_csv, an_xlsx, uploaded
from tests.production import eventually
from webapp import spreadsheets, stopping, uploads
from webapp.errors import Conflict, Invalid, Missing
from webapp.forms.imports import read_row
from webapp.jobs import make_imports
from webapp.services import activities, assignments, doctor, enquiries, exports, imports, leads, scoring
from webapp.services.imports import run, stage
from webapp.vocabulary import (
    ActivityType,
    FileKind,
    LeadColumn,
    LeadOrder,
    NoticeKind,
    Role,
    Source,
)

pytestmark = pytest.mark.usefixtures("app")

HEAD = ["Name", "Phone", "Source", "Budget"]
LEADS = "SELECT * FROM leads ORDER BY number"


def row(name: str = "Layla Haddad", phone: str | None = None, source="bayut", budget="1.5M") -> list[str]:
    return [name, phone or a_phone(), source, budget]


def checked(content: bytes, *, by, source=None) -> UUID:
    """A file that was uploaded, with the columns that its headings say."""
    import_id = uploaded(content, by=by)
    headings = value("SELECT headings FROM imports WHERE import_id = %s", import_id)
    imports.choose(import_id, imports.guessed(headings).columns, source, read_row, by=by)
    return import_id


def imported(content: bytes, *, by, source=None) -> UUID:
    import_id = checked(content, by=by, source=source)
    imports.start(import_id, read_row, by=by)
    return import_id


def states(import_id: UUID) -> dict[str, int]:
    found = sql("SELECT state, count(*) AS n FROM import_rows WHERE import_id = %s GROUP BY 1", import_id)
    return {one.state: one.n for one in found}


def state(import_id: UUID) -> str:
    return value("SELECT state FROM imports WHERE import_id = %s", import_id)


def whats_wrong(import_id: UUID) -> list[tuple]:
    found = sql(
        "SELECT number, wrong FROM import_rows WHERE import_id = %s AND state = 'refused' ORDER BY 1", import_id
    )
    return [(one.number, place, sentence) for one in found for place, sentence in one.wrong]


class TestFiles:
    """Whatever a spreadsheet writes is read; whatever is no table is refused in words."""

    ARABIC = (["الاسم", "رقم الجوال", "المصدر"], ["سالم المنصوري", "٠٥٠١٢٣٤٥٦٧", "بيوت"])

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_every_encoding_and_delimiter_says_the_same(self, mariam, aisha, encoding, delimiter):
        rows = self.ARABIC if encoding != "cp1256" else (self.ARABIC[0], ["سالم المنصوري", "0501234567", "بيوت"])

        imported(a_csv(*rows, encoding=encoding, delimiter=delimiter), by=mariam)

        (lead,) = sql(LEADS)
        assert (lead.first_name, lead.last_name) == ("سالم", "المنصوري")
        assert (lead.phone, lead.source_type) == ("+971501234567", "bayut")

    def test_excel_numbers_dates_and_formulas_are_read_as_their_values(self, mariam, aisha):
        came = datetime(2026, 1, 31, 15, 30)
        content = an_xlsx(
            ["Phone", "Source", "Budget", "Bedrooms", "Created at"],
            [971501234567, "Property Finder", 1500000.0, 2, came],
            [None, None, None, None, None],
            [501234568.0, "Walk-in", 900000.5, 0.0, came],
        )

        import_id = imported(content, by=mariam)

        first, second = sql(LEADS)
        assert (first.phone, first.source_type, first.budget_max, first.bedrooms) == (
            "+971501234567",
            "propertyFinder",
            1_500_000,
            2,
        )
        assert first.created_at == datetime(2026, 1, 31, 11, 30, tzinfo=UTC)
        assert (second.phone, second.bedrooms) == ("+971501234568", 0)
        assert sql("SELECT number FROM import_rows WHERE import_id = %s ORDER BY 1", import_id)[1].number == 4

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n\n  \n",
            b"Name,Phone\n",
            b"Name,Phone\nA\x00B,050\n",
            b"\xff\xfeN\x00\xd8",
            b"PK\x03\x04 no archive",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b'Name,Phone\n"Layla,0501234567\n',
            b",".join(b"c%d" % n for n in range(101)) + b"\n1\n",
        ],
        ids=["empty", "blank", "headings", "zeros", "half", "packed", "old", "quotes", "wide"],
    )
    def test_what_is_no_table_is_refused_in_words(self, mariam, content):
        with pytest.raises(Invalid) as refused:
            imported(content, by=mariam)
            raise Invalid(value("SELECT why FROM imports"), field="file")

        assert refused.value.field == "file"
        assert tally("leads", "import_rows") == {"leads": 0, "import_rows": 0}

    def test_an_archive_that_unpacks_to_gigabytes_is_not_unpacked(self, mariam):
        for name, size in {
            "xl/sharedStrings.xml": uploads.MOST_STRINGS + 1,
            "xl/styles.xml": uploads.MOST_OF_A_PART + 1,
            "xl/worksheets/sheet1.xml": uploads.MOST_UNPACKED + 1,
        }.items():
            with pytest.raises(Invalid, match="unpacks to more"):
                uploaded(altered({name: b"0" * 1_000 + b" " * size}), by=mariam)

    def test_xml_that_defines_its_own_words_is_refused(self, mariam):
        bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
        for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"):
            with pytest.raises(Invalid, match="no table"):
                uploaded(altered({name: bomb}), by=mariam)

    @pytest.mark.parametrize(
        "cells",
        [
            b'<row r="99999999"><c r="A99999999" t="inlineStr"><is><t>x</t></is></c></row>',
            b'<row r="1"><c r="ZZZZZ1"><v>1</v></c></row>',
            b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
            b'<row r="1"><c r="A1" t="d"><v>never</v></c></row>',
            b"<row>",
        ],
        ids=["row", "column", "string", "date", "torn"],
    )
    def test_a_sheet_that_lies_is_refused_in_words(self, mariam, cells):
        sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'
        with pytest.raises(Invalid):
            uploaded(altered({"xl/worksheets/sheet1.xml": sheet % cells}), by=mariam)

    def test_more_rows_than_fit_are_told_and_nothing_is_kept(self, mariam, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_ROWS", 2)
        import_id = checked(a_csv(HEAD, row(), row(), row()), by=mariam)

        assert (state(import_id), tally("import_rows")) == ("unreadable", {"import_rows": 0})
        assert "At most 2 rows" in value("SELECT why FROM imports")

    def test_more_bytes_than_fit_are_refused(self, mariam, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_BYTES", 20)
        with pytest.raises(Invalid, match="MB"):
            uploaded(a_csv(HEAD, row()), by=mariam)

    def test_the_same_file_comes_once(self, mariam):
        content = a_csv(HEAD, row())
        first = imports.upload(io.BytesIO(content), "leads.csv", by=mariam)
        again = imports.upload(io.BytesIO(content), "copy of leads.csv", by=a_user("Salma Idris", Role.MANAGER))

        assert (first.is_new, again.is_new) == (True, False)
        assert first.import_id == again.import_id
        assert value("SELECT count(*) FROM imports") == 1


def altered(parts: dict[str, bytes]) -> bytes:
    """A good workbook but for these parts."""
    kept = io.BytesIO()
    with ZipFile(io.BytesIO(an_xlsx(HEAD, row()))) as good, ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        for name in {*good.namelist(), *parts}:
            archive.writestr(name, parts.get(name) or good.read(name))
    return kept.getvalue()


class TestGuessed:
    @pytest.mark.parametrize(
        "headings, columns",
        [
            (["Full Name", "MOBILE_NO.", "Lead source", "x"], ["name", "phone", "source_type", None]),
            (["الإسم الكامل", "رقم الهاتف", "الميزانية", "ملاحظات"], ["name", "phone", "budget_max", "message"]),
            (["Phone", "Mobile"], ["phone", None]),
            (["first_name", "preferred_areas"], ["first_name", "preferred_areas"]),
        ],
    )
    def test_headings_are_understood_in_both_languages(self, headings, columns):
        assert imports.guessed(headings).columns == columns

    def test_what_somebody_chose_is_remembered(self, mariam):
        import_id = uploaded(a_csv(["Telefoon", "Phone"], ["0501234567", "x"]), by=mariam)
        imports.choose(import_id, [LeadColumn.PHONE, None], Source.REFERRAL, read_row, by=mariam)

        guess = imports.guessed(["PHONE", "Name", "telefoon"])

        assert (guess.columns, guess.source_type) == ([None, "name", "phone"], Source.REFERRAL)


class TestChoose:
    def test_every_problem_is_told_by_row_and_column(self, mariam):
        content = a_csv(
            ["Name", "Phone", "Source", "E-mail", "Budget", "Created at", "Status", "Deal value, AED", "Lost because"],
            ["Fine", "0501234567", "bayut", "", "", "", "", "", ""],
            ["Layla", "12", "Facebook", "no at", "much", "31/31/2026", "asleep", "", ""],
            ["Noor", "0501234568", "bayut", "", "-5", "2999-01-01", "Converted", "", ""],
            ["Omar", "0501234569", "bayut", "", "", "", "Lost", "", ""],
            ["", "", "bayut", "", "", "", "", "", ""],
            ["Too", "0501234570", "bayut", "", "", "", "", "", "", "many"],
        )
        import_id = checked(content, by=mariam)

        wrong = whats_wrong(import_id)
        assert {(number, place) for number, place, _said in wrong} == {
            *((3, place) for place in (1, 2, 3, 4, 5, 6)),
            *((4, place) for place in (4, 5)),
            (5, 8),
            (6, 1),
            (7, None),
        }
        said = {(number, place): sentence for number, place, sentence in wrong}
        assert said[3, 2].startswith("“Facebook” is none of these: Bayut, Property Finder")
        assert said[6, 1] == "Type a phone number."
        assert states(import_id) == {"new": 1, "refused": 5}
        assert tally("leads", "enquiries") == {"leads": 0, "enquiries": 0}

    @pytest.mark.parametrize(
        "columns, source, field",
        [
            (["name", "name"], Source.BAYUT, "columns"),
            (["name", None], Source.BAYUT, "columns"),
            (["phone"], Source.BAYUT, "columns"),
            ([None, "phone"], None, "source_type"),
        ],
    )
    def test_columns_that_cannot_be_are_refused(self, mariam, columns, source, field):
        import_id = uploaded(a_csv(["Name", "Phone"], ["Layla", "0501234567"]), by=mariam)

        with pytest.raises(Invalid) as refused:
            imports.choose(import_id, [c and LeadColumn(c) for c in columns], source, read_row, by=mariam)

        assert (refused.value.field, state(import_id)) == (field, "uploaded")

    def test_what_belongs_to_leads_that_are_here_is_told_before(self, mariam, aisha):
        phone = a_lead(source=Source.BAYUT).phone
        twice = row()

        import_id = checked(a_csv(HEAD, row(phone=phone), twice, twice, row()), by=mariam)

        assert states(import_id) == {"new": 2, "repeat": 2}

    def test_it_may_be_chosen_anew_until_it_begins(self, mariam, aisha):
        import_id = checked(a_csv(HEAD, row()), by=mariam)
        imports.choose(import_id, [None, LeadColumn.PHONE, None, None], Source.WEBSITE, read_row, by=mariam)
        assert states(import_id) == {"new": 1}
        imports.start(import_id, read_row, by=mariam)

        assert value("SELECT source_type || first_name FROM leads") == "website"
        with pytest.raises(Conflict, match="begun"):
            imports.choose(import_id, [None, LeadColumn.PHONE, None, None], Source.BAYUT, read_row, by=mariam)
        with pytest.raises(Conflict, match="begun"):
            imports.discard(import_id, by=mariam)

    def test_a_long_file_is_read_by_the_worker_where_it_was_left(self, mariam, monkeypatch):
        monkeypatch.setattr(stage, "AT_ONCE", 0)
        monkeypatch.setattr(stage, "CHUNK", 2)
        import_id = checked(a_csv(HEAD, *(row() for _ in range(5))), by=mariam)
        assert (state(import_id), states(import_id)) == ("checking", {})

        with stopping.told_by(lambda: bool(states(import_id))):
            make_imports()
        assert (state(import_id), states(import_id)) == ("checking", {"new": 2})
        make_imports()

        assert (state(import_id), states(import_id)) == ("checked", {"new": 5})
        assert told(mariam) == [NoticeKind.IMPORT_CHECKED]

    def test_an_agent_has_nothing_to_do_with_it(self, mariam, aisha):
        import_id = checked(a_csv(HEAD, row()), by=mariam)
        with pytest.raises(Missing):
            imports.start(import_id, read_row, by=aisha)


class TestStart:
    def test_rows_become_leads_by_the_rules_of_capture(self, mariam, aisha, yousef):
        known = a_lead(source=Source.BAYUT)
        content = a_csv(HEAD, *(row() for _ in range(4)), row(phone=known.phone), row(phone="12"))

        import_id = imported(content, by=mariam)

        assert states(import_id) == {"created": 4, "attached": 1, "refused": 1}
        assert state(import_id) == "done"
        assert value("SELECT count(*) FROM leads WHERE score > 0 AND owner_id IS NOT NULL") == 5
        counted = "SELECT min(active_leads_count), max(active_leads_count) FROM agents"
        assert tuple(sql(counted)[0]) == (2, 3)
        assert value("SELECT count(*) FROM follow_up_tasks") == 5
        assert value("SELECT count(*) FROM enquiries WHERE channel = 'file'") == 5
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'leads.capture' AND actor_id IS NOT NULL") == 4
        assert [finding for finding in doctor.examine() if not finding.kept] == []

    def test_each_agent_is_told_once_and_whoever_imported_it_by_the_worker(self, mariam, aisha, monkeypatch):
        monkeypatch.setattr(run, "AT_ONCE", 0)
        imported(a_csv(HEAD, row(), row(), row()), by=mariam)
        assert make_imports().done == 1

        assert told(aisha) == [NoticeKind.IMPORT_BROUGHT]
        assert told(mariam) == [NoticeKind.IMPORT_ENDED]

    def test_a_lead_of_the_past_keeps_its_day_and_a_closed_one_has_its_end_and_no_owner(self, mariam, aisha):
        content = a_csv(
            ["Phone", "Source", "Came in", "Status", "Closed on", "Deal", "Deal value, AED", "Lost because"],
            ["0501234567", "bayut", "01/02/2026 10:00", "Converted", "2026-03-01", "Sale", "2M", ""],
            ["0501234568", "bayut", "2026-02-01", "Lost", "2026-02-05 12:30", "", "", "Price"],
            ["0501234569", "bayut", "2026-02-01", "lost", "", "", "", "Moved to Abu Dhabi"],
            ["0501234570", "bayut", "2026-02-01", "Qualified", "", "", "", ""],
        )
        import_id = imported(content, by=mariam)

        assert states(import_id) == {"created": 4}
        won, lost, other, qualified = sql(LEADS)
        assert [one.status for one in (won, lost, other, qualified)] == ["converted", "lost", "lost", "qualified"]
        assert won.created_at == datetime(2026, 2, 1, 6, tzinfo=UTC)
        assert [one.owner_id for one in (won, lost, other)] == [None] * 3
        assert qualified.owner_id == aisha.agent_id
        ends = "SELECT * FROM lead_conversion_history WHERE lead_id = %s ORDER BY changed_at DESC"
        (end, *before) = sql(ends, won.lead_id)
        assert (end.conversion_type, end.deal_value, end.changed_at) == (
            "sale",
            2_000_000,
            datetime(2026, 2, 28, 20, tzinfo=UTC),
        )
        assert [one.status_to for one in before] == ["negotiation", "viewing_scheduled", "qualified", "contacted"]
        assert (sql(ends, lost.lead_id)[0].lost_reason, sql(ends, other.lead_id)[0].lost_reason) == ("price", "other")
        assert sql(ends, other.lead_id)[0].notes == "Moved to Abu Dhabi"
        assert [finding for finding in doctor.examine() if not finding.kept] == []

    def test_what_nobody_has_worked_is_not_taken_from_its_owner(self, mariam, aisha, yousef):
        imported(a_csv(HEAD, row()), by=mariam)
        sql("UPDATE lead_assignments SET assigned_at = assigned_at - interval '2 days'")

        assert assignments.reassign_stale().done == 0

    def test_the_same_rows_in_another_file_are_the_same_leads_whenever_they_come(self, mariam, aisha):
        rows = [row() for _ in range(3)]
        imported(a_csv(HEAD, *rows), by=mariam)
        sql("UPDATE leads SET created_at = created_at - interval '3 days'")

        again = imported(a_csv(HEAD, *rows, row(), delimiter=";"), by=mariam)

        assert states(again) == {"attached": 3, "created": 1}
        assert tally("leads", "enquiries") == {"leads": 4, "enquiries": 4}

    def test_the_file_of_errors_is_corrected_and_uploaded_again(self, mariam, aisha):
        bad = row("=Layla, née Haddad", "12", "bayut")
        first = imported(a_csv(HEAD, row(), bad), by=mariam)

        refused = [*imports.refused_rows(first, by=mariam)]
        assert refused[0] == [*HEAD, "What is wrong"]
        assert refused[1][:4] == bad and refused[1][4].startswith("Phone: ")
        content = b"".join(spreadsheets.csv_pieces(refused)).replace(b",12,", b",0501234567,")
        second = imported(content, by=mariam)

        assert states(second) == {"created": 1}
        assert value("SELECT first_name FROM leads WHERE phone = '+971501234567'") == "=Layla,"

    def test_twice_at_once_or_too_early_is_refused(self, mariam, aisha):
        import_id = uploaded(a_csv(HEAD, row()), by=mariam)
        with pytest.raises(Conflict):
            imports.start(import_id, read_row, by=mariam)
        import_id = imported(a_csv(HEAD, row()), by=mariam)
        with pytest.raises(Conflict):
            imports.start(import_id, read_row, by=mariam)

    def test_a_file_in_which_no_row_can_be_imported_does_not_begin(self, mariam):
        import_id = checked(a_csv(HEAD, row(phone="12")), by=mariam)
        with pytest.raises(Conflict, match="No row"):
            imports.start(import_id, read_row, by=mariam)

    def test_stopped_between_rows_the_next_turn_goes_on(self, mariam, aisha, monkeypatch):
        monkeypatch.setattr(run, "AT_ONCE", 0)
        monkeypatch.setattr(run, "TOGETHER", 2)
        import_id = imported(a_csv(HEAD, *(row() for _ in range(5))), by=mariam)

        with stopping.told_by(lambda: value("SELECT count(*) FROM leads") >= 2):
            make_imports()
        assert (state(import_id), states(import_id)) == ("running", {"created": 2, "new": 3})
        make_imports()

        assert (state(import_id), states(import_id)) == ("done", {"created": 5})

    def test_one_that_breaks_or_is_refused_stops_none_of_its_neighbours(self, mariam, aisha, monkeypatch, caplog):
        capture = leads.capture

        def broken(details, origin, *, by):
            if details.first_name == "Breaks":
                raise RuntimeError
            if details.first_name == "Refused":
                raise Invalid("Not this one.", field="phone")
            return capture(details, origin, by=by)

        monkeypatch.setattr(run.leads, "capture", broken)
        names = ("Layla", "Breaks", "Hana", "Refused", "Omar")
        import_id = imported(a_csv(HEAD, *(row(name=name) for name in names)), by=mariam)

        assert (state(import_id), states(import_id)) == ("done", {"created": 3, "refused": 2})
        assert {wrong[2] for wrong in whats_wrong(import_id)} == {
            "An error nobody expected. Try this row alone.",
            "Not this one.",
        }
        assert "Row 3 of import" in caplog.text

    def test_whoever_lost_their_role_imports_nothing_more(self, mariam, aisha, monkeypatch):
        monkeypatch.setattr(run, "AT_ONCE", 0)
        import_id = imported(a_csv(HEAD, row()), by=mariam)
        sql("UPDATE users SET role = 'agent' WHERE user_id = %s", mariam.user_id)

        make_imports()

        assert states(import_id) == {"refused": 1}
        assert whats_wrong(import_id)[0][2] == "Whoever asked for it no longer works here."

    def test_a_worker_that_is_killed_leaves_rows_whole_and_another_goes_on(self, mariam, aisha, monkeypatch):
        monkeypatch.setattr(run, "AT_ONCE", 0)
        import_id = imported(a_csv(HEAD, *(row() for _ in range(200))), by=mariam)
        worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "imports"])
        try:
            eventually(lambda: states(import_id).get("created", 0) >= 3, "three rows imported", within=60)
        finally:
            worker.kill()
            worker.wait()
        end_idle_sessions()
        assert states(import_id)["new"] > 0
        assert value("SELECT count(*) FROM leads") == states(import_id).get("created", 0)
        make_imports()

        assert (state(import_id), states(import_id)) == ("done", {"created": 200})
        assert value("SELECT count(DISTINCT phone) FROM leads") == 200


class TestMany:
    def test_every_row_of_a_long_arabic_file_is_counted(self, mariam, aisha, full):
        size = 100_000 if full else 1_000
        few = size // 100
        rows = [["سالم المنصوري", "12" if n % 2 else f"05{4_0000_000 + n // 2 % few:08d}", "بيوت"] for n in range(size)]
        import_id = checked(a_csv(["الاسم", "رقم الجوال", "المصدر"], *rows, encoding="cp1256"), by=mariam)
        make_imports()
        imports.start(import_id, read_row, by=mariam)
        make_imports()

        assert (state(import_id), states(import_id)) == (
            "done",
            {"created": few, "attached": size // 2 - few, "refused": size // 2},
        )
        assert tally("leads", "enquiries") == {"leads": few, "enquiries": few}


class TestUndo:
    def test_what_nobody_has_touched_is_gone_with_all_that_it_brought(self, mariam, aisha):
        kept = a_lead(source=Source.BAYUT)
        before = tally("leads", "enquiries", "follow_up_tasks", "lead_assignments", "lead_sources", "score_lines")
        twice = row()
        import_id = imported(a_csv(HEAD, row(), twice, twice, row(phone=kept.phone)), by=mariam)

        imports.undo(import_id, by=mariam)

        assert tally(*before) == before
        assert (state(import_id), states(import_id)) == ("undone", {"removed": 4})
        assert value("SELECT active_leads_count FROM agents") == 1
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'imports.remove'") == 2
        assert [finding for finding in doctor.examine() if not finding.kept] == []

    def test_what_somebody_worked_with_stays_and_says_who(self, mariam, aisha, yousef):
        sql("UPDATE agents SET on_duty = agent_id = %s", aisha.agent_id)
        import_id = imported(a_csv(HEAD, *(row() for _ in range(4))), by=mariam)
        worked, again, moved, _left = [one.lead_id for one in sql(LEADS)]
        activities.log(worked, by=aisha, type=ActivityType.EMAIL)
        lead = leads.find(again, by=mariam)
        a_lead(lead.phone, lead.source_type)
        sql("UPDATE agents SET on_duty = true")
        assignments.assign(moved, by=mariam, agent_id=yousef.agent_id, reason="Holiday")

        imports.undo(import_id, by=mariam)

        assert states(import_id) == {"removed": 1, "kept": 3}
        whys = [one.why for one in sql("SELECT why FROM import_rows WHERE state = 'kept' ORDER BY number")]
        assert whys == [
            "Aisha Rahman has worked with it since.",
            "It enquired again since.",
            "Mariam Saleh has worked with it since.",
        ]
        assert value("SELECT count(*) FROM leads") == 3

    def test_what_waits_aside_as_a_broker_s_stays_and_can_still_come_back(self, mariam, aisha):
        import_id = imported(a_csv(HEAD, row(), row()), by=mariam)
        lead_id = sql(LEADS)[0].lead_id
        enquiry_id = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", lead_id)
        enquiries.mark_broker(enquiry_id, by=mariam)

        imports.undo(import_id, by=mariam)

        assert states(import_id) == {"removed": 1, "kept": 1}
        assert value("SELECT why FROM import_rows WHERE state = 'kept'") == "Its lead was set aside as a broker's."
        assert enquiries.bring_back(enquiry_id, by=mariam).stays == []
        assert value("SELECT lead_id FROM import_rows WHERE state = 'kept'") == lead_id

    def test_what_the_office_did_by_itself_is_no_reason_to_stay(self, mariam, aisha):
        import_id = imported(a_csv([*HEAD, "Came in"], [*row(), "2026-01-01"]), by=mariam)

        assert scoring.charge_silences().done == 1

        imports.undo(import_id, by=mariam)

        assert states(import_id) == {"removed": 1}

    def test_many_are_taken_back_by_the_worker(self, mariam, aisha, monkeypatch):
        import_id = imported(a_csv(HEAD, row(), row(), row()), by=mariam)
        monkeypatch.setattr("webapp.services.imports.take_back.AT_ONCE", 0)
        imports.undo(import_id, by=mariam)
        assert state(import_id) == "undoing"

        with stopping.told_by(lambda: value("SELECT count(*) FROM leads") < 3):
            make_imports()
        assert states(import_id) == {"created": 2, "removed": 1}
        make_imports()

        assert (state(import_id), states(import_id)) == ("undone", {"removed": 3})
        assert told(mariam) == [NoticeKind.IMPORT_UNDONE]

    def test_then_the_file_may_come_again(self, mariam, aisha):
        content = a_csv(HEAD, row())
        imports.undo(imported(content, by=mariam), by=mariam)

        assert states(imported(content, by=mariam)) == {"created": 1}

    def test_twice_or_too_late_or_too_early_is_refused(self, mariam, aisha):
        import_id = checked(a_csv(HEAD, row()), by=mariam)
        with pytest.raises(Conflict, match="going on"):
            imports.undo(import_id, by=mariam)
        imports.start(import_id, read_row, by=mariam)
        sql("UPDATE imports SET ended_at = ended_at - interval '30 days'")
        with pytest.raises(Conflict, match="30 days"):
            imports.undo(import_id, by=mariam)
        sql("UPDATE imports SET ended_at = now()")
        imports.undo(import_id, by=mariam)
        with pytest.raises(Conflict, match="Mariam Saleh has undone it"):
            imports.undo(import_id, by=mariam)


class TestForget:
    def test_after_a_month_nothing_of_the_file_is_left_but_what_became_of_it(self, mariam, aisha):
        rows = [row(), row(phone="12")]
        import_id = imported(a_csv(HEAD, *rows), by=mariam)
        draft = uploaded(a_csv(HEAD, row()), by=mariam)
        assert imports.forget() == 0
        for moment in ("uploaded_at", "ended_at"):
            sql(f"UPDATE imports SET {moment} = {moment} - interval '31 days'")

        assert imports.forget() == 2

        assert states(import_id) == {"created": 1, "refused": 1}
        assert value("SELECT count(*) FROM imports WHERE import_id = %s", draft) == 0
        assert value("SELECT count(*) FROM import_rows WHERE cells <> '{}' OR phone IS NOT NULL") == 0
        assert tally("import_parts") == {"import_parts": 0}
        assert [*imports.refused_rows(import_id, by=mariam)] == [[*HEAD, "What is wrong"]]
        assert states(imported(a_csv(HEAD, rows[0], delimiter=";"), by=mariam)) == {"attached": 1}


class TestRoundTrip:
    """What a list is taken away as imports again equal, into an office without those leads."""

    @pytest.mark.parametrize("kind", list(FileKind))
    @pytest.mark.parametrize("language", ["en", "ar"])
    def test_what_was_exported_is_imported_equal(self, mariam, aisha, kind, language):
        names = ("=1+1", "'=quoted", "+971", "-", "@x", "O'Brien", "سالم", 'a;b,c"d', "", "'", "''=x", "007")
        for n, name in enumerate(names):
            a_lead(
                source=list(Source)[n % len(Source)],
                first_name=name,
                last_name=names[-n],
                email=f"n{n}@example.com" if n % 2 else None,
                nationality="UAE" if n % 3 else None,
                budget_max=None if n % 2 else Decimal(1_250_000 + n),
                preferred_areas=("Dubai Marina", "A place unknown") if n % 2 else (),
                bedrooms=n % 4 or None,
                consent=bool(n % 2),
            )
        sql("UPDATE leads SET created_at = now() - mod(number, 90)::int * interval '1 day 3 minutes'")
        walk_to_their_ends()
        filters = leads.Filters()

        def taken() -> list[list]:
            return [*exports.rows(filters, by=mariam, order=LeadOrder.OLDEST, most=100)]

        with force_locale(language):
            before = taken()
            content = b"".join(spreadsheets.PIECES[kind](before))
            sql("DELETE FROM leads")
            import_id = imported(content, by=mariam)
            assert whats_wrong(import_id) == []
            after = taken()

        assert states(import_id) == {"created": len(names)}
        not_imported = {0, 7, 12, 14, 15, 16}  # number, score, owner, last contact and next step
        if kind == FileKind.CSV:
            before, after = minutes(before), minutes(after)
        for was, now in zip(before, after, strict=True):
            assert [c for n, c in enumerate(was) if n not in not_imported] == [
                c for n, c in enumerate(now) if n not in not_imported
            ]


def minutes(rows: list[list]) -> list[list]:
    """As a CSV has them."""
    return [[cell.replace(second=0) if isinstance(cell, datetime) else cell for cell in one] for one in rows]


def walk_to_their_ends() -> None:
    """Of the leads some are on their way, some won, some lost."""
    path = ("contacted", "qualified", "viewing_scheduled", "negotiation", "converted")
    for n, one in enumerate(sql("SELECT lead_id FROM leads ORDER BY number")):
        steps = ["lost"] if n % 5 == 0 else path[: n % 6]
        for step in steps:
            sql("UPDATE leads SET status = %s WHERE lead_id = %s", step, one.lead_id)
    sql("""UPDATE lead_conversion_history SET deal_value = 2000000.5, conversion_type = 'rental'
           WHERE status_to = 'converted'""")
    sql("UPDATE lead_conversion_history SET lost_reason = 'no_answer' WHERE status_to = 'lost'")
