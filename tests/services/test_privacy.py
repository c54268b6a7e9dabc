"""A person's data: all of it in one file, and none of it anywhere once they are erased, while every figure stays."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories import PATH, a_lead, a_phone, an_agent, backdated, brought_to, now, sql, value
from tests.files import a_csv, uploaded
from tests.portals import an_event
from webapp import stopping
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.forms.imports import read_row
from webapp.jobs import make_exports, take_turn
from webapp.models import Lead
from webapp.services import (
    activities,
    assignments,
    doctor,
    enquiries,
    exports,
    handovers,
    imports,
    interests,
    leads,
    merges,
    my_day,
    office,
    people,
    pipeline,
    privacy,
    reports,
    scoring,
    stops,
    submissions,
    tasks,
)
from webapp.services.access import SYSTEM
from webapp.services.leads import Details, Filters, Origin
from webapp.services.merges import Wish
from webapp.services.pipeline import Deal
from webapp.services.privacy import sales
from webapp.services.reports import REPORTS, Scope
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    ActivityType,
    Channel,
    DealType,
    ErasureReason,
    FileKind,
    InterestLevel,
    LostReason,
    Side,
    Source,
    Status,
    StopChannel,
    StopReason,
    TaskType,
)

pytestmark = pytest.mark.usefixtures("app")

PHONE, OTHER_PHONE = "+971504443322", "+971504443355"
FIRST, LAST = "Zubaydah", "Quraishi"
EMAIL, USERNAME, WORD = "z.q@villas-of-dubai.ae", "zq.villa.hunter", "falcon"
"""What is planted: the word is in everything that anybody wrote or sent."""
PLANTED = (FIRST, LAST, EMAIL, USERNAME, WORD, "504443322", "504443355")
ASKED = ErasureReason.ASKED
TEXTS = """
    SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
      AND c.udt_name NOT IN ('uuid', 'int2', 'int4', 'int8', 'bool', 'timestamptz', 'date', 'numeric', 'interval',
                             '_uuid', 'float8', 'numrange')
    ORDER BY 1, 2"""


def places() -> set[str]:
    """Every column of the database in which something planted stands, whatever its type and its spelling."""
    found = set()
    for table, column, kind in sql(TEXTS):
        told = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        plain = f"regexp_replace(lower({told}), '[ ().-]', '', 'g')"
        for word in PLANTED:
            bare = word.lower().translate(dict.fromkeys(map(ord, " ().-")))
            if value(f"SELECT EXISTS (SELECT FROM {table} WHERE position(%s in {plain}) > 0)", bare):
                found.add(f"{table}.{column}")
    return found


FIGURES = {
    "leads": "number, source_type, status, score, budget_max, created_at, updated_at, owner_id, first_contact_at,"
    " last_contact_at, property_type, purpose, bedrooms",
    "lead_activities": "lead_id, agent_id, type, outcome, activity_at, logged_at, struck_at, pause",
    "lead_conversion_history": "lead_id, status_from, status_to, changed_at, deal_value, conversion_type, lost_reason,"
    " came_on, stayed, is_first",
    "lead_assignments": "lead_id, agent_id, assigned_at, reassigned_at, kind, is_active",
    "score_lines": "lead_id, rule_name, points, counted",
    "agents": "agent_id, active_leads_count, last_assigned_at",
    "lead_days": "day, source_type, owner_id, sum(leads), sum(converted), sum(lost), sum(score)",
    "move_days": "day, status_from, status_to, sum(moves), sum(firsts)",
    "deal_days": "day, sum(deals), sum(value)",
}


def figures() -> dict:
    """What reports are made of, and what they say."""
    kept = {}
    for table, columns in FIGURES.items():
        grouped = [name for name in columns.split(", ") if not name.strip().startswith("sum(")]
        summed = f"GROUP BY {', '.join(grouped)}" if "sum(" in columns else ""
        kept[table] = sorted(row.told for row in sql(f"SELECT row({columns})::text AS told FROM {table} {summed}"))
    db.session.rollback()
    for report in REPORTS:
        kept[report.slug] = [[str(cell) for cell in line] for line in reports.rows(report.read(Scope(), by=SYSTEM))]
    return kept


def website(number: int, **said) -> bytes:
    body = {"id": f"form-{number}", "phone": "050 444 33 22", "submitted_at": "2026-01-02T10:00:00Z"}
    return json.dumps(body | said).encode()


def arrives(source: Source, raw: bytes):
    return enquiries.take(enquiries.keep(source, raw, by=SYSTEM), by=SYSTEM)


def a_broker_s(agent, manager):
    """Another lead of theirs, with words of every kind, that somebody took for a broker's."""
    lead = a_lead(
        PHONE, Source.REFERRAL, first_name=FIRST, last_name=LAST, email=EMAIL, nationality=WORD, by=agent,
        preferred_areas=(f"{WORD} Views",),
    )  # fmt: skip
    lead_id = lead.lead_id
    activities.log(lead_id, by=manager, type=ActivityType.CALL, notes=f"A colleague, says {WORD}")
    tasks.cancel(value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", lead_id), by=manager, reason=WORD)
    tasks.schedule(lead_id, FollowUp(TaskType.CALL, now() + timedelta(days=9), notes=WORD), by=manager)
    pipeline.move(lead_id, by=manager, status_from=current(lead_id).status, status=Status.QUALIFIED, notes=WORD)
    sql("UPDATE lead_assignments SET reason = %s WHERE lead_id = %s", WORD, lead_id)
    touch = arrives(Source.PROPERTY_FINDER, an_event(8, 8, at="2026-01-02T10:00:00Z", contacts=[])).enquiry_id
    enquiries.attach(touch, by=manager, number=lead.number)
    sql("UPDATE enquiries SET note = %s WHERE enquiry_id = %s", WORD, touch)
    enquiry_id = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s AND state = 'captured'", lead_id)
    enquiries.mark_broker(enquiry_id, by=manager)
    return lead_id, enquiry_id


def sold(lead, kind=DealType.SALE) -> None:
    """The lead, brought to a deal from wherever it is."""
    for step in PATH[PATH.index(lead.status) + 1 : -1]:
        sql("UPDATE leads SET status = %s WHERE lead_id = %s", step.value, lead.lead_id)
    deal = Deal(kind, Decimal(2_000_000))
    pipeline.move(
        lead.lead_id, by=SYSTEM, status_from=Status.NEGOTIATION, status=Status.CONVERTED, deal=deal, notes=WORD
    )


def current(lead_id) -> Lead:
    db.session.rollback()
    return db.session.get(Lead, lead_id)


def known(lead_id, **changes) -> Details:
    lead = current(lead_id)
    said = {"first_name": lead.first_name, "last_name": lead.last_name, "email": lead.email}
    said["preferred_areas"] = tuple(lead.preferred_areas or ())
    return Details(lead.phone, lead.source_type, **said | changes)


def erased(lead, *, by, reason=ASKED):
    return privacy.erase(lead.lead_id, by=by, reason=reason, digits=current(lead.lead_id).phone[-4:])


@pytest.fixture
def stranger(aisha):
    """Somebody else, of whom nothing may be lost."""
    lead = a_lead(first_name="Stays", last_name="Here", email="stays@example.invalid", by=aisha)
    activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, notes="Keep me")
    enquiries.add_visit(lead.lead_id, by=aisha)
    return lead


@pytest.fixture
def everywhere(aisha, yousef, mariam, rashid, omar, stranger):
    """A person who has left something in every place there is, by the services that put it there."""
    sql("UPDATE agents SET on_duty = full_name <> 'Yousef Haddad'")
    asked = arrives(
        Source.WEBSITE,
        website(
            1, name=f"{FIRST} {LAST}", email=EMAIL, message=f"A {WORD} one", consent={"at": "2026-01-02T10:00:00Z"}
        ),
    )
    lead_id = asked.lead_id
    details = known(lead_id, nationality=WORD, preferred_areas=(f"{WORD} Hills", "Dubai Marina"))
    leads.amend(lead_id, details, by=mariam, version=1)
    leads.amend(lead_id, known(lead_id, last_name=f"{LAST} {WORD}"), by=mariam, version=2)
    leads.amend(lead_id, known(lead_id, last_name=LAST, nationality=WORD), by=mariam, version=3)
    activities.log(lead_id, by=aisha, type=ActivityType.CALL, notes=f"Says {WORD}")
    first = value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", lead_id)
    tasks.cancel(first, by=aisha, reason=f"{WORD} again")
    stop_id = stops.add(lead_id, by=aisha, channel=StopChannel.CALL, reason=StopReason.OTHER, note=f"{WORD} moved")
    stops.lift(lead_id, stop_id, by=mariam, reason=f"{WORD} is back")
    stops.add(lead_id, by=aisha, channel=StopChannel.SMS, reason=StopReason.ASKED)
    tasks.schedule(lead_id, FollowUp(TaskType.CALL, now() + timedelta(days=3), notes=f"Ask {WORD}"), by=aisha)
    interests.add(lead_id, by=aisha, property_id=uuid4(), interest_level=InterestLevel.HIGH)
    leads.capture(known(lead_id), Origin(message=f"{WORD} repeats"), by=mariam)
    walked_in = enquiries.register(
        Details(PHONE, Source.WALK_IN, first_name=FIRST, last_name=LAST), Origin(Channel.VISIT, WORD), by=rashid
    ).lead.lead_id
    assignments.assign(walked_in, by=mariam, agent_id=an_agent("Third").agent_id, reason=f"For {WORD}")
    handovers.assign(walked_in, handovers.Wish(aisha.agent_id, f"{FIRST} {LAST} asks"), by=mariam)
    pipeline.move(
        walked_in, by=mariam, status_from=current(walked_in).status, status=Status.LOST, lost_reason=LostReason.PRICE,
        notes=f"No {WORD}",
    )  # fmt: skip
    merged = a_lead(OTHER_PHONE, Source.BAYUT, first_name=FIRST, last_name=LAST, email=f"x{EMAIL}", by=mariam)
    activities.log(merged.lead_id, by=mariam, type=ActivityType.EMAIL, notes=f"{WORD} by e-mail")
    versions = (current(lead_id).version, current(merged.lead_id).version)
    merges.make(lead_id, merged.lead_id, Wish(Side.LEAD, versions), by=mariam)
    undone = a_lead(PHONE, Source.DUBIZZLE, first_name=FIRST, last_name=LAST, by=mariam)
    versions = (current(lead_id).version, current(undone.lead_id).version)
    merges.undo(merges.make(lead_id, undone.lead_id, Wish(Side.LEAD, versions), by=mariam).merge_id, by=mariam)
    contacts = [{"type": "email", "value": EMAIL}]
    arrives(Source.PROPERTY_FINDER, an_event(1, 1, at="2026-01-02T10:00:00Z", name=FIRST, contacts=contacts))
    arrives(
        Source.PROPERTY_FINDER,
        an_event(2, 2, at="2026-01-02T10:00:00Z", name=FIRST, contacts=[{"type": "phone", "value": "0504443322"}],
                 whatsappUsername=USERNAME),
    )  # fmt: skip
    sql("UPDATE enquiries SET whatsapp_username = %s WHERE portal_lead_id = 'PFL-2'", USERNAME)
    a_broker_s(aisha, mariam)
    head, theirs = ["Name", "Phone", "E-mail", "Notes"], [f"{FIRST} {LAST}", "050-444-3322", EMAIL, WORD]
    import_id = uploaded(
        a_csv(head, theirs, [FIRST, "12", EMAIL, WORD], ["Else", a_phone(), "", ""]),
        by=mariam,
        name=f"{FIRST} {LAST}.csv",
    )
    columns = imports.guessed(head).columns
    imports.choose(import_id, columns, Source.REFERRAL, read_row, by=mariam)
    imports.start(import_id, read_row, by=mariam)
    uploaded(a_csv(["Phone"], *[[a_phone()] for _row in range(9)], ["0504443322 " + WORD]), by=mariam)
    kept = uploaded(a_csv(["Phone"], [a_phone()]), by=mariam)
    for looked_for in ("050 444 3322", EMAIL.upper(), f"{FIRST} {LAST}"):
        exports.take(Filters(), by=mariam, kind=FileKind.CSV, query={"q": [looked_for]})
    sql(
        "INSERT INTO exports (user_id, format, query, count) VALUES (%s, 'csv', '{}', 1)",
        mariam.user_id,
    )
    make_exports()
    submissions.once(
        uuid4(), {}, lambda: {"done": 0, "left": [{"lead_id": str(lead_id), "name": FIRST, "why": WORD}]}, by=mariam
    )
    return lead_id, kept


class TestErase:
    def test_no_column_anywhere_holds_them_any_more_and_no_figure_has_changed(self, everywhere, stranger, omar):
        lead_id, kept = everywhere
        left = places()
        assert {
            "leads.first_name",
            "leads.phone",
            "leads.email",
            "leads.words",
            "leads.nationality",
            "leads.preferred_areas",
            "enquiries.message",
            "enquiries.name",
            "enquiries.phone",
            "enquiries.email",
            "enquiries.phone_e164",
            "enquiries.whatsapp_username",
            "deliveries.payload",
            "lead_activities.notes",
            "follow_up_tasks.notes",
            "follow_up_tasks.cancel_reason",
            "lead_conversion_history.notes",
            "assignment_history.reason",
            "lead_assignments.reason",
            "handovers.reason",
            "merges.kept",
            "merges.phones",
            "broker_leads.kept",
            "broker_leads.phone",
            "contact_stops.phone",
            "contact_stops.note",
            "contact_stops.lift_reason",
            "import_rows.cells",
            "import_rows.phone",
            "imports.sample",
            "imports.name",
            "import_parts.bytes",
            "export_parts.bytes",
            "audit_entries.before",
            "audit_entries.after",
            "submissions.result",
        } <= left
        before = figures()
        others = sql("SELECT * FROM leads WHERE lead_id = %s", stranger.lead_id)

        assert privacy.erase(lead_id, by=omar, reason=ASKED, digits="3322") == []

        assert places() == set()
        assert figures() == before
        assert sql("SELECT * FROM leads WHERE lead_id = %s", stranger.lead_id) == others
        assert value("SELECT notes FROM lead_activities WHERE lead_id = %s", stranger.lead_id) == "Keep me"
        assert [row.import_id for row in sql("SELECT import_id FROM imports WHERE state = 'uploaded'")] == [kept]
        assert current(lead_id).preferred_areas == ["Dubai Marina"] and current(lead_id).name == "Erased person"
        assert list(doctor.examine()) == []

    def test_the_file_has_everything_that_was_planted(self, everywhere, mariam):
        lead_id, _kept = everywhere

        told = "\n".join(str(cell) for line in privacy.export(lead_id, by=mariam) for cell in line)

        for word in (*PLANTED, "A falcon one", "Says falcon", "No falcon", "Ask falcon", "falcon repeats", "050 444"):
            assert word in told, word
        assert "Keep me" not in told and "stays@example.invalid" not in told
        assert set(verbs("privacy.export")) <= set(theirs(lead_id)) and verbs("privacy.export")

    @pytest.mark.row("A1", "A2")
    def test_the_audit_is_blanked_on_record_and_nobody_can_do_it_to_others(self, everywhere, stranger, omar):
        lead_id, _kept = everywhere
        before = value("SELECT count(*) FROM audit_entries")
        amended = sql("SELECT * FROM audit_entries WHERE verb = 'leads.amend' ORDER BY entry_id")

        privacy.erase(lead_id, by=omar, reason=ASKED, digits="3322")

        blanked, *erasures = sql("SELECT * FROM audit_entries ORDER BY entry_id OFFSET %s", before)[1:]
        assert (blanked.verb, blanked.actor_name) == ("audit.blank", "Omar Nasser") and blanked.after["entries"] > 5
        assert {entry.verb for entry in erasures} == {"privacy.erase"}
        assert {entry.after["reason"] for entry in erasures} == {"asked"}
        now_ = sql("SELECT * FROM audit_entries WHERE verb = 'leads.amend' ORDER BY entry_id")
        assert [(one.entry_id, one.happened_at, one.actor_name, set(one.after)) for one in now_] == [
            (one.entry_id, one.happened_at, one.actor_name, set(one.after)) for one in amended
        ]
        told = [said for one in now_ for said in one.after.values() if not isinstance(said, bool)]
        assert {str(said) for said in told} <= {"None", "[None]", "[None, None]"}
        for table in (
            "audit_entries SET after = NULL",
            "deliveries SET payload = ''",
            "assignment_history SET reason = ''",
        ):
            with pytest.raises(DBAPIError, match="permission denied"):
                db.session.execute(text(f"UPDATE {table}"))
            db.session.rollback()
        with pytest.raises(DBAPIError, match="are erased"):
            db.session.execute(
                text("SELECT forget_person(ARRAY[CAST(:one AS uuid)], '{}', '{}', '{}', NULL, 'x')"),
                {"one": stranger.lead_id},
            )
        db.session.rollback()

    def test_the_merge_of_an_erased_person_can_still_be_undone_and_brings_nobody_back(self, everywhere, mariam, omar):
        lead_id, _kept = everywhere
        privacy.erase(lead_id, by=omar, reason=ASKED, digits="3322")
        merge_id = value("SELECT merge_id FROM merges WHERE undone_at IS NULL")

        undone = merges.undo(merge_id, by=mariam)

        assert current(undone.other_id).erased_at is not None
        assert places() == set() and list(doctor.examine()) == []


class TestABrokersLead:
    """A lead that waits aside as another broker's is still held, and reached by an erasure of its number."""

    def test_it_is_held_and_told_with_all_that_was_done(self, aisha, mariam):
        lead = a_lead(PHONE, Source.BAYUT, first_name=FIRST, by=aisha)
        a_broker_s(aisha, mariam)

        assert ("Leads set aside as a broker's", 1) in privacy.held(lead.lead_id, by=mariam).counts
        told = [line for line in privacy.export(lead.lead_id, by=mariam) if line[0] == "Leads set aside as a broker's"]
        said = {str(line[3]) for line in told}
        assert {PHONE, LAST, EMAIL, f"A colleague, says {WORD}", f"{WORD} Views"} <= said

    def test_erased_it_cannot_come_back_and_its_sale_is_kept(self, aisha, mariam, omar):
        lead = a_lead(PHONE, Source.BAYUT, first_name=FIRST, by=aisha)
        lead_id, enquiry_id = a_broker_s(aisha, mariam)
        enquiries.bring_back(enquiry_id, by=mariam)
        sold(current(lead_id))
        number = current(lead_id).number
        enquiries.mark_broker(enquiry_id, by=mariam)

        (kept,) = erased(lead, by=omar)

        assert (kept.number, kept.lead_id, kept.last_name) == (number, lead.lead_id, LAST)
        assert {place for place in places() if not place.startswith("kept_sales.")} == set()
        with pytest.raises(Conflict, match="was erased"):
            enquiries.bring_back(enquiry_id, by=mariam)
        assert value("SELECT count(*) FROM broker_leads") == 1 and list(doctor.examine()) == []

    def test_an_erased_lead_stays_where_it_is_whoever_worked_with_it(self, aisha, mariam, omar):
        old = arrives(Source.WEBSITE, website(1, name=FIRST))
        erased(current(old.lead_id), by=omar)
        sql("UPDATE enquiries SET phone_e164 = %s", PHONE)
        sql("DELETE FROM audit_entries WHERE actor_id IS NOT NULL")

        with pytest.raises(Conflict, match="was erased"):
            enquiries.mark_broker(old.enquiry_id, by=mariam)
        assert value("SELECT count(*) FROM leads") == 1


class TestAfterwards:
    def test_the_same_number_is_a_new_person(self, aisha, omar):
        old = a_lead(PHONE, Source.WEBSITE, first_name=FIRST, last_name=LAST)
        erased(old, by=omar)
        assert people.find(PHONE, today=now()) is None

        new = a_lead(PHONE, Source.WEBSITE)

        assert new.lead_id != old.lead_id and people.find(PHONE, today=now()).leads == 1
        assert people.other_leads(new, by=omar) == people.other_leads(current(old.lead_id), by=omar) == []
        assert list(doctor.examine()) == []

    def test_nothing_is_added_to_what_is_known(self, aisha, mariam, omar):
        closed, other = a_lead(first_name=FIRST), a_lead()
        brought_to(closed, Status.LOST)
        erased(closed, by=omar)
        details = Details(PHONE, closed.source_type)
        deeds = [
            lambda: leads.amend(closed.lead_id, details, by=mariam, version=current(closed.lead_id).version),
            lambda: leads.open_again(closed.lead_id, by=mariam),
            lambda: merges.make(other.lead_id, closed.lead_id, Wish(Side.LEAD, (1, 2)), by=mariam),
            lambda: erased(closed, by=omar),
        ]
        for deed in deeds:
            with pytest.raises(Conflict, match="was erased"):
                deed()

    def test_open_follow_ups_are_cancelled_and_the_lead_stays_its_agents(self, aisha, omar):
        lead = backdated(a_lead(by=aisha), days=9)
        an_agent("Free")
        score = current(lead.lead_id).score
        erased(lead, by=omar)

        assert tasks.open_of(aisha.agent_id) == []
        assert (assignments.reassign_stale().done, scoring.charge_silences().done) == (0, 0)
        assert my_day.queue(by=aisha, now=now(), until=now()) == []
        assert (current(lead.lead_id).owner_id, current(lead.lead_id).score) == (aisha.agent_id, score)


class TestWhoMayErase:
    def test_the_end_of_the_number_is_typed_once_more(self, aisha, omar):
        lead = a_lead(PHONE)

        with pytest.raises(Invalid, match="last four digits"):
            privacy.erase(lead.lead_id, by=omar, reason=ASKED, digits="0000")

        assert current(lead.lead_id).phone == PHONE
        privacy.erase(lead.lead_id, by=omar, reason=ASKED, digits="٣٣٢٢")
        assert current(lead.lead_id).erased_at is not None


class TestSales:
    def test_who_bought_is_kept_for_five_years_and_then_forgotten(self, aisha, mariam, omar):
        lead = a_lead(PHONE, Source.BAYUT, first_name=FIRST, last_name=LAST, email=EMAIL, nationality="Oman")
        a_lead(PHONE, Source.WEBSITE, first_name=FIRST)
        sold(lead)
        (promised,) = privacy.held(lead.lead_id, by=omar).sales

        (kept,) = erased(lead, by=omar)

        assert (kept.number, kept.phone, kept.last_name) == (lead.number, PHONE, LAST)
        assert kept.kept_until == promised.kept_until == sales.years_later(kept.sold_at)
        assert places() == {f"kept_sales.{name}" for name in ("first_name", "last_name", "phone", "email")}
        assert [sale.number for sale in privacy.held(lead.lead_id, by=mariam).sales] == [lead.number]
        assert LAST in str(privacy.export(lead.lead_id, by=mariam))
        assert value("SELECT deal_value FROM lead_conversion_history WHERE deal_value IS NOT NULL") == 2_000_000
        assert privacy.forget() == 0

        sql(
            "UPDATE kept_sales SET sold_at = sold_at - interval '5 years', kept_until = kept_until - interval '5 years'"
        )
        assert privacy.forget() == 1
        assert places() == set() and verbs("privacy.forget") == [lead.lead_id]

    def test_of_a_rental_and_of_an_old_sale_nothing_is_kept(self, aisha, omar):
        rented, bought = a_lead(), a_lead()
        sold(rented, DealType.RENTAL)
        sold(bought)
        sql("UPDATE lead_conversion_history SET changed_at = now() - interval '5 years 1 day'")

        assert erased(rented, by=omar) == erased(bought, by=omar) == []

    def test_a_sale_that_was_merged_into_another_lead_is_kept_as_well(self, aisha, mariam, omar):
        lead, other = a_lead(PHONE, Source.BAYUT), a_lead(PHONE, Source.WEBSITE, first_name=FIRST)
        sold(other)
        versions = (current(lead.lead_id).version, current(other.lead_id).version)
        merges.make(lead.lead_id, other.lead_id, Wish(Side.LEAD, versions), by=mariam)

        (kept,) = erased(lead, by=omar)

        assert (kept.number, kept.first_name, kept.phone) == (other.number, FIRST, PHONE)

    @pytest.mark.parametrize("day, later", [("2024-02-29", "2029-03-01"), ("2025-02-28", "2030-02-28")])
    def test_five_years_from_a_leap_day(self, day, later):
        assert sales.years_later(datetime.fromisoformat(day)) == datetime.fromisoformat(later)


class TestRetention:
    @pytest.fixture
    def quiet(self, aisha):
        """A lead that was lost two years ago."""
        lead = backdated(brought_to(a_lead(PHONE, first_name=FIRST), Status.LOST), days=800)
        sql("UPDATE lead_conversion_history SET changed_at = changed_at - interval '800 days'")
        return lead

    def test_without_months_nobody_is_erased(self, quiet):
        assert take() == (0, 0) and current(quiet.lead_id).erased_at is None

    def test_lost_leads_with_nothing_for_so_long_are_erased_once(self, quiet, stranger, omar):
        office.change(by=omar, name="", phone="", retention_months=24)

        assert take() == (1, 0)
        assert take() == (0, 0)
        assert current(quiet.lead_id).phone == "" and current(stranger.lead_id).erased_at is None
        assert value("SELECT after->>'reason' FROM audit_entries WHERE verb = 'privacy.erase'") == "retention"
        assert value("SELECT done FROM job_turns WHERE job = 'retention' ORDER BY due_at LIMIT 1") == 1

    @pytest.mark.parametrize("deed", ["asks again", "is younger", "has another lead", "bought"])
    def test_whoever_is_not_quiet_stays(self, quiet, mariam, omar, deed):
        office.change(by=omar, name="", phone="", retention_months=24)
        if deed == "asks again":
            sql("INSERT INTO enquiries (lead_id, source_type, channel, state)"
                " VALUES (%s, 'bayut', 'call', 'attached')", quiet.lead_id)  # fmt: skip
        elif deed == "is younger":
            office.change(by=omar, name="", phone="", retention_months=36)
        elif deed == "has another lead":
            a_lead(PHONE, Source.BAYUT)
        else:
            backdated(brought_to(a_lead(PHONE, Source.BAYUT), Status.CONVERTED), days=900)

        assert take() == (0, 0) and current(quiet.lead_id).first_name == FIRST

    def test_stopped_halfway_it_goes_on_with_the_next_turn(self, quiet, omar):
        office.change(by=omar, name="", phone="", retention_months=24)
        backdated(brought_to(a_lead(), Status.LOST), days=900)
        sql("UPDATE lead_conversion_history SET changed_at = changed_at - interval '800 days'")
        asked = iter((False, True))
        with stopping.told_by(lambda: next(asked, True)):
            first = privacy.anonymise_old()

        assert (first.done, privacy.anonymise_old().done) == (1, 1)

    def test_only_a_sensible_number_of_months_is_taken(self, omar):
        for months in (1, 5, 121):
            with pytest.raises(Invalid):
                office.change(by=omar, name="", phone="", retention_months=months)
        office.change(by=omar, name="", phone="800 4567", retention_months=None)
        assert (office.settings().phone, office.settings().retention_months) == ("800 4567", None)


TURNS = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in count())


def take() -> tuple[int, int]:
    """What a turn of the job did and could not do."""
    tally = take_turn("retention", due=next(TURNS))
    return tally.done, tally.failed


def verbs(verb: str) -> list:
    """The leads that the audit names with this verb."""
    return [row.lead_id for row in sql("SELECT lead_id FROM audit_entries WHERE verb = %s", verb)]


def theirs(lead_id) -> list:
    return [row.lead_id for row in sql("SELECT lead_id FROM leads WHERE phone IN (%s, %s)", PHONE, OTHER_PHONE)]
