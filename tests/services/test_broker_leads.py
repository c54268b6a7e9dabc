"""A lead that somebody has worked with is another broker's: nowhere meanwhile, and back exactly as it was (A2A)."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.factories import (
    a_capture,
    a_lead,
    a_user,
    backdated,
    brought_to,
    busy,
    now,
    owner,
    sql,
    tally,
    the_agent,
    told,
    value,
)
from tests.portals import an_event
from webapp.errors import Conflict, Missing, Moved
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import (
    activities,
    consents,
    doctor,
    enquiries,
    interests,
    leads,
    merges,
    metrics,
    people,
    pipeline,
    reports,
    scoring,
    tasks,
)
from webapp.services.access import SYSTEM
from webapp.services.enquiries import brokers
from webapp.services.leads import Details, Filters
from webapp.services.merges import Wish
from webapp.services.pipeline import Deal
from webapp.services.reports import REPORTS, Scope
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    ActivityType,
    ConsentChannel,
    ConsentHow,
    ConsentPurpose,
    DealType,
    EnquiryState,
    InterestLevel,
    LostReason,
    NoticeKind,
    Outcome,
    Role,
    Side,
    Source,
    Status,
    TaskType,
    VisitStatus,
)

pytestmark = pytest.mark.usefixtures("app")

PHONE = "+971501234567"
OF_LEADS = {
    "leads": "lead_id",
    "lead_assignments": "lead_id",
    "lead_activities": "activity_id",
    "follow_up_tasks": "task_id",
    "lead_property_interests": "interest_id",
    "lead_sources": "source_id",
    "enquiries": "enquiry_id",
    "visits": "visit_id",
    "consents": "consent_id",
    "score_lines": "line_id",
    "lead_conversion_history": "history_id",
    "assignment_history": "move_id",
    "handover_leads": "handover_id, number",
    "import_rows": "import_id, number",
    "distinctions": "lead_id, other_id",
    "broker_leads": "lead_id",
}


def everything() -> dict:
    """Every row that belongs to a lead, and what is counted; without what an undone merge needs no more."""
    found = {table: [row._asdict() for row in sql(f"SELECT * FROM {table} ORDER BY {key}")]
             for table, key in OF_LEADS.items()}  # fmt: skip
    found["merges"] = sql("SELECT merge_id, survivor_id, absorbed_id, undone_at, undone_by FROM merges ORDER BY 1")
    found["notices"] = sql("SELECT * FROM notices WHERE lead_id IS NOT NULL AND kind <> 'lead_assigned' ORDER BY 1")
    found["agents"] = sql("SELECT agent_id, active_leads_count, last_assigned_at FROM agents ORDER BY 1")
    return found | figures_of_the_office()


def figures_of_the_office() -> dict:
    """What is counted of the office: by day, in reports, of agents, on boards and in lists."""
    found = {}
    for table, (keys, numbers) in metrics.COUNTED_BY_DAY.items():
        sums = ", ".join(f"sum({number}) AS {number}" for number in numbers)
        columns = ", ".join(keys)
        rows = sql(f"SELECT {columns}, {sums} FROM {table} GROUP BY {columns} ORDER BY {columns}")
        found[table] = [tuple(row) for row in rows if any(row[len(keys) :])]
    found["active"] = sql("SELECT agent_id, active_leads_count FROM agents ORDER BY 1")
    found["metrics"] = [tuple(row) for row in db.session.execute(metrics.OF_EVERYBODY, {"at": now()})]
    for report in REPORTS:
        table = reports.rows(report.read(Scope(), by=SYSTEM))
        found[report.slug] = [[str(cell) for cell in line] for line in table]
    found["listed"] = [lead.lead_id for lead in leads.page(Filters(), by=SYSTEM).rows]
    found["follow-ups"] = tally("follow_up_tasks", "visits", "notices")["follow_up_tasks"]
    return found


def findings() -> list:
    return [(finding.check.name, finding.differences) for finding in doctor.examine() if not finding.kept]


def the_enquiry(lead_id):
    return value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s AND state = 'captured'", lead_id)


def arrives(number: int, phone: str = PHONE):
    raw = an_event(number, number, at=now().isoformat(), name="Hana Aziz", contacts=[{"type": "phone", "value": phone}])
    return enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM)


def without_lead(number: int):
    """An enquiry that nobody can call."""
    contacts = [{"type": "email", "value": "b@example.invalid"}]
    raw = an_event(number, number, at=now().isoformat(), contacts=contacts)
    return enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM).enquiry_id


def current(lead_id) -> Lead:
    db.session.rollback()
    return db.session.get(Lead, lead_id)


def merged(lead_id, other_id, *, by):
    versions = current(lead_id).version, current(other_id).version
    return merges.make(lead_id, other_id, Wish(Side.LEAD, versions), by=by).merge_id


def work_on(lead_id, *, by) -> None:
    """Contacts, follow-ups that are done, late and to come, an interest, a visit, consent and a move."""
    struck = activities.log(lead_id, by=by, type=ActivityType.EMAIL, outcome=Outcome.NEGATIVE)
    activities.log(lead_id, by=by, type=ActivityType.CALL, outcome=Outcome.POSITIVE, notes="A colleague, it seems")
    activities.strike(struck.activity_id, by=by)
    tasks.complete(value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", lead_id), by=by)
    late = tasks.schedule(lead_id, FollowUp(TaskType.CALL, now() + timedelta(days=2)), by=by).task_id
    sql("UPDATE follow_up_tasks SET due_date = now() - interval '40 days' WHERE task_id = %s", late)
    tasks.mark_overdue()
    tasks.schedule(lead_id, FollowUp(TaskType.VIEWING, now() + timedelta(days=3), notes="Marina"), by=by)
    interests.add(lead_id, uuid4(), by=by, interest_level=InterestLevel.HIGH)
    visit_id = enquiries.add_visit(lead_id, by=by).visit_id
    enquiries.mark_visit(visit_id, by=by, status=VisitStatus.RECEIVED)
    said = {"purpose": ConsentPurpose.MARKETING, "channel": ConsentChannel.CALL, "how": ConsentHow.BY_PHONE}
    consents.record(lead_id, by=by, is_given=True, **said)
    pipeline.move(lead_id, by=by, status_from=current(lead_id).status, status=Status.QUALIFIED)


@pytest.fixture
def other(aisha, yousef):
    """A lead that has nothing to do with it; all new ones are Aisha's."""
    sql("UPDATE agents SET on_duty = full_name = 'Aisha Rahman'")
    lead = a_lead(by=aisha, source=Source.BAYUT, first_name="Layla")
    activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)
    return lead


@pytest.fixture
def worked(other, aisha, mariam):
    """A lead of Aisha's that a portal's enquiry made, with something of everything that a lead can have."""
    lead_id = arrives(1).lead_id
    backdated(current(lead_id), days=50)
    details = Details(PHONE, Source.PROPERTY_FINDER, first_name="Hana", last_name="Aziz", email="hana@example.com",
                      budget_max=Decimal(2_000_000), preferred_areas=("Dubai Marina",))  # fmt: skip
    leads.amend(lead_id, details, by=aisha, version=1)
    scoring.charge_silences()
    work_on(lead_id, by=aisha)
    touch = without_lead(2)
    enquiries.attach(touch, by=mariam, number=current(lead_id).number)
    enquiries.mark_broker(touch, by=mariam)
    enquiries.attach(without_lead(3), by=mariam, number=current(lead_id).number)
    people.tell_apart(lead_id, other.lead_id, by=mariam)
    merges.undo(merged(lead_id, a_lead(by=aisha).lead_id, by=mariam), by=mariam)
    sql("""INSERT INTO imports (user_id, name, format, hash, size, headings, sample, state)
           VALUES (%s, 'x', 'csv', 'x', 1, '{}', '[]', 'done')""", mariam.user_id)  # fmt: skip
    sql("""INSERT INTO import_rows (import_id, number, cells, state, lead_id, enquiry_id)
           SELECT import_id, 1, '{}', 'created', %s, %s FROM imports""", lead_id, the_enquiry(lead_id))  # fmt: skip
    sql("INSERT INTO handovers (user_id, reason, ended_at) VALUES (%s, 'Holiday', now())", mariam.user_id)
    sql("""INSERT INTO handover_leads (handover_id, number, lead_id, state, why)
           SELECT handover_id, 1, %s, 'stayed', 'Late' FROM handovers""", lead_id)  # fmt: skip
    return lead_id


def set_aside(lead_id, *, by):
    """The enquiry that made it, marked as a broker's."""
    return enquiries.mark_broker(the_enquiry(lead_id), by=by).enquiry_id


class TestSetAside:
    def test_it_is_nowhere_and_nothing_of_it_is_left_but_its_enquiries(self, worked, mariam, aisha, yousef):
        number = current(worked).number
        assert findings() == []

        enquiry_id = set_aside(worked, by=mariam)

        left = [table for table in OF_LEADS if table not in ("broker_leads", "assignment_history", "distinctions")
                and value(f"SELECT count(*) FROM {table} WHERE lead_id = %s", worked)]  # fmt: skip
        assert left == [] and value("SELECT count(*) FROM distinctions") == 0
        states = sql("SELECT state, why, lead_id FROM enquiries WHERE broker_lead_id IS NOT NULL")
        assert states == [("ignored", "broker", None)] * 4
        for who in (mariam, aisha):
            with pytest.raises(Moved, match="set aside as a broker's") as moved:
                leads.find(worked, by=who)
            assert moved.value.enquiry_id == enquiry_id
            assert leads.page(Filters(q=f"#{number}"), by=who).rows == []
        with pytest.raises(Missing):
            leads.find(worked, by=yousef)
        assert people.find(PHONE, today=now()) is None
        assert enquiries.shown(enquiry_id, by=mariam).enquiry.broker_lead.setter.name == "Mariam Saleh"
        assert findings() == []

    @pytest.mark.parametrize("sold", [False, True])
    def test_every_figure_is_that_of_an_office_that_never_had_it(self, other, aisha, mariam, sold):
        before = figures_of_the_office()
        lead_id = arrives(1).lead_id
        work_on(lead_id, by=aisha)
        if sold:
            for status in (Status.VIEWING_SCHEDULED, Status.NEGOTIATION):
                pipeline.move(lead_id, by=aisha, status_from=current(lead_id).status, status=status)
            deal = Deal(DealType.SALE, Decimal(2_000_000))
            pipeline.move(lead_id, by=aisha, status_from=Status.NEGOTIATION, status=Status.CONVERTED, deal=deal)
        with_it = figures_of_the_office()
        assert with_it != before

        enquiry_id = set_aside(lead_id, by=mariam)

        assert figures_of_the_office() == before and findings() == []
        enquiries.bring_back(enquiry_id, by=mariam)
        assert figures_of_the_office() == with_it and findings() == []

    def test_its_owner_is_told_and_reaches_the_enquiry(self, worked, mariam, aisha, yousef):
        enquiry_id = set_aside(worked, by=mariam)

        assert told(aisha)[-1] == NoticeKind.LEAD_TAKEN
        assert value("SELECT facts->>'enquiry_id' FROM notices WHERE lead_id IS NULL AND kind = 'lead_taken'") == str(
            enquiry_id
        )
        assert enquiries.shown(enquiry_id, by=aisha).may_bring_back
        with pytest.raises(Missing):
            enquiries.shown(enquiry_id, by=yousef)

    def test_agents_do_it_with_their_own_leads_alone(self, worked, aisha, yousef):
        with pytest.raises(Missing):
            set_aside(worked, by=yousef)
        enquiry_id = set_aside(worked, by=aisha)
        with pytest.raises(Missing):
            enquiries.bring_back(enquiry_id, by=yousef)

        assert enquiries.bring_back(enquiry_id, by=aisha).enquiry.lead_id == worked

    def test_an_agent_who_only_reviews_the_enquiry_moves_nobodys_lead(self, worked, mariam, yousef):
        sql("UPDATE enquiries SET owner_id = %s WHERE lead_id = %s", yousef.agent_id, worked)
        with pytest.raises(Missing):
            set_aside(worked, by=yousef)
        enquiry_id = set_aside(worked, by=mariam)

        assert not enquiries.shown(enquiry_id, by=yousef).may_bring_back
        with pytest.raises(Missing):
            enquiries.bring_back(enquiry_id, by=yousef)

    def test_what_somebody_typed_is_a_broker_s_as_well(self, aisha, mariam):
        lead = a_lead(by=aisha)
        before = everything()

        enquiry_id = set_aside(lead.lead_id, by=mariam)
        assert tally("leads") == {"leads": 0}

        assert enquiries.bring_back(enquiry_id, by=mariam).stays == []
        assert everything() == before

    def test_where_another_lead_was_merged_into_it_that_is_undone_first(self, worked, other, mariam):
        merge_id = merged(worked, other.lead_id, by=mariam)
        with pytest.raises(Conflict, match=f"#{other.number} was merged into #"):
            set_aside(worked, by=mariam)
        assert tally("leads", "broker_leads") == {"leads": 2, "broker_leads": 0}

        merges.undo(merge_id, by=mariam)
        assert set_aside(worked, by=mariam)

    def test_once_set_aside_it_is_dealt_with(self, worked, mariam):
        enquiry_id = set_aside(worked, by=mariam)
        with pytest.raises(Conflict, match="dealt with"):
            enquiries.mark_broker(enquiry_id, by=mariam)


class TestBringBack:
    def test_every_row_is_as_it_was(self, worked, mariam):
        before, found = everything(), findings()
        assert {table: len(before[table]) for table in OF_LEADS if table != "broker_leads" and not before[table]} == {}

        enquiry_id = set_aside(worked, by=mariam)
        meanwhile = everything()
        back = enquiries.bring_back(enquiry_id, by=mariam)

        after = everything()
        assert [table for table in before if before[table] != after[table]] == []
        assert before != meanwhile and (back.stays, found) == ([], findings())
        assert (back.enquiry.state, back.enquiry.lead_id) == (EnquiryState.CAPTURED, worked)

    def test_any_of_its_enquiries_brings_it_back_and_one_that_was_aside_before_still_is(self, worked, mariam):
        touch = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s AND state = 'ignored'", worked)
        set_aside(worked, by=mariam)

        enquiries.bring_back(touch, by=mariam)

        found = sql("SELECT state, why, lead_id FROM enquiries WHERE enquiry_id = %s", touch)
        assert found == [("ignored", "broker", worked)]
        assert value("SELECT count(*) FROM enquiries WHERE broker_lead_id IS NOT NULL") == 0

    def test_what_named_it_names_it_again(self, other, aisha, mariam):
        closed = brought_to(other, Status.LOST)
        again = leads.open_again(closed.lead_id, by=aisha).lead_id
        before = everything()
        enquiry_id = set_aside(closed.lead_id, by=mariam)
        assert current(again).reopened_from is None

        assert enquiries.bring_back(enquiry_id, by=mariam).stays == [
            f"#{current(again).number} has the same phone number."
        ]
        assert everything() == before

    def test_whoever_called_meanwhile_keeps_their_lead(self, worked, mariam):
        before = current(worked).score
        enquiry_id = set_aside(worked, by=mariam)
        again = a_capture(PHONE, Source.PROPERTY_FINDER)
        assert again.created

        back = enquiries.bring_back(enquiry_id, by=mariam)

        assert back.stays == [f"#{again.lead.number} has the same phone number."]
        assert current(worked).score == before and tally("leads") == {"leads": 4}
        assert people.find(PHONE, today=now()).leads == 2 and findings() == []

    def test_an_agent_without_room_does_not_get_it_back(self, worked, aisha, mariam, omar):
        number = current(worked).number
        enquiry_id = set_aside(worked, by=mariam)
        busy(aisha, 50 - the_agent(aisha).active_leads_count)
        boss = a_user("Sara Nasser", Role.MANAGER)

        back = enquiries.bring_back(enquiry_id, by=mariam)

        assert back.stays == [
            f"Nobody owns #{number}: Aisha Rahman has no room.",
            "A follow-up is at another time or cancelled: its own is taken, or nobody has the lead.",
        ]
        assert owner(current(worked)) is None and current(worked).next_step_at is None
        assert NoticeKind.LEAD_UNASSIGNED in told(boss) and findings() == []

    def test_a_closed_lead_comes_back_to_whoever_has_no_room(self, other, aisha, mariam):
        pipeline.move(
            other.lead_id, by=aisha, status_from=current(other.lead_id).status, status=Status.LOST,
            lost_reason=LostReason.PRICE,
        )  # fmt: skip
        enquiry_id = set_aside(other.lead_id, by=mariam)
        busy(aisha, 50 - the_agent(aisha).active_leads_count)

        assert enquiries.bring_back(enquiry_id, by=mariam).stays == []
        assert current(other.lead_id).owner_id == aisha.agent_id and findings() == []

    def test_a_time_that_is_taken_meanwhile_is_told(self, worked, other, aisha, mariam):
        due = value("SELECT due_date FROM follow_up_tasks WHERE lead_id = %s AND notes = 'Marina'", worked)
        enquiry_id = set_aside(worked, by=mariam)
        tasks.schedule(other.lead_id, FollowUp(TaskType.CALL, due), by=aisha)

        back = enquiries.bring_back(enquiry_id, by=mariam)

        assert [said.partition(":")[0] for said in back.stays] == ["A follow-up is at another time or cancelled"]
        moved = value("SELECT due_date FROM follow_up_tasks WHERE lead_id = %s AND notes = 'Marina'", worked)
        assert moved - due == timedelta(minutes=30) and current(worked).next_step_at < due and findings() == []

    def test_what_is_gone_meanwhile_is_told(self, worked, other, mariam):
        enquiry_id = set_aside(worked, by=mariam)
        sql("DELETE FROM leads WHERE lead_id = %s", other.lead_id)

        assert enquiries.bring_back(enquiry_id, by=mariam).stays == ["Something that belonged to it was removed since."]
        assert findings() == []

    def test_its_owner_is_told_unless_they_did_it(self, worked, aisha, mariam):
        given = told(aisha).count(NoticeKind.LEAD_ASSIGNED)
        enquiries.bring_back(set_aside(worked, by=aisha), by=aisha)
        assert told(aisha).count(NoticeKind.LEAD_ASSIGNED) == given
        enquiries.bring_back(set_aside(worked, by=mariam), by=mariam)

        assert told(aisha).count(NoticeKind.LEAD_ASSIGNED) == given + 1

    def test_it_comes_back_once(self, worked, mariam):
        enquiry_id = set_aside(worked, by=mariam)
        enquiries.bring_back(enquiry_id, by=mariam)
        with pytest.raises(Conflict, match="is not set aside"):
            enquiries.bring_back(enquiry_id, by=mariam)
        with pytest.raises(Conflict, match="is not set aside"):
            brokers.bring_back(enquiry_id, by=mariam)

    def test_both_deeds_are_on_record(self, worked, mariam):
        enquiries.bring_back(set_aside(worked, by=mariam), by=mariam)

        deeds = "SELECT verb, actor_name FROM audit_entries WHERE lead_id = %s ORDER BY entry_id DESC LIMIT 2"
        assert sql(deeds, worked) == [
            ("enquiries.bring_lead_back", "Mariam Saleh"),
            ("enquiries.set_lead_aside", "Mariam Saleh"),
        ]

    def test_what_the_portal_tells_meanwhile_is_on_the_enquiry_and_moves_nothing(self, worked, mariam):
        enquiry_id = set_aside(worked, by=mariam)
        contacts = [{"type": "phone", "value": PHONE}]
        raw = an_event(9, 1, at=now().isoformat(), kind="lead.updated", name="Hana A.", contacts=contacts)
        enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM)
        assert current(worked) is None

        assert enquiries.bring_back(enquiry_id, by=mariam).enquiry.name == "Hana A."


def test_everything_that_hangs_on_a_lead_is_kept():
    hanging = {
        row.conrelid for row in sql("""
            SELECT conrelid::regclass::text FROM pg_constraint
            WHERE contype = 'f' AND confrelid = 'leads'::regclass""")
    }  # fmt: skip
    whole = {model.__tablename__ for model in brokers.WHOLE}

    # Enquiries stay; of sales something is kept only once their buyer is erased.
    assert hanging - whole == {"enquiries", "merges", "distinctions", "import_rows", "kept_sales"}
