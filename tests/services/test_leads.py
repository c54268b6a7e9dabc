from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.factories import (
    a_capture,
    a_lead,
    an_agent,
    brought_to,
    busy,
    owner,
    sql,
    tally,
    the_agent,
    told,
    value,
)
from webapp.errors import Conflict, Invalid, Missing, Refused
from webapp.services import leads, tasks
from webapp.services.access import SYSTEM
from webapp.services.leads import Details, Origin
from webapp.vocabulary import (
    CAP,
    Channel,
    EnquiryState,
    NoticeKind,
    Priority,
    PropertyType,
    Source,
    Status,
    TaskType,
)

pytestmark = pytest.mark.usefixtures("app")
CAPTURED = (
    "leads",
    "lead_sources",
    "enquiries",
    "lead_assignments",
    "follow_up_tasks",
    "score_lines",
    "audit_entries",
)


def amend(lead, *, by, version=None, **details):
    details = Details(**{"phone": lead.phone, "source_type": lead.source_type, **details})
    return leads.amend(lead.lead_id, details, by=by, version=version or lead.version)


class TestCapture:
    def test_an_enquiry_becomes_an_owned_scored_lead_with_its_first_follow_up(self, aisha, rashid):
        capture = a_capture(
            "050 123 4567",
            Source.BAYUT,
            by=rashid,
            origin=Origin(Channel.CALL, "Two bedrooms?", campaign_id="autumn", utm_source="mail"),
        )

        lead, lead_id = capture.lead, capture.lead.lead_id
        assert capture.created
        assert (lead.phone, lead.status, lead.score) == ("+971501234567", Status.NEW, 90)
        assert sql("SELECT source_type, campaign_id, utm_source FROM lead_sources WHERE lead_id = %s", lead_id) == [
            ("bayut", "autumn", "mail")
        ]
        assert (capture.enquiry.state, capture.enquiry.message) == (EnquiryState.CAPTURED, "Two bedrooms?")
        assert capture.enquiry.taken_by == rashid.user_id
        assert owner(lead) == aisha.agent_id
        (task,) = tasks.open_of(aisha.agent_id)
        assert (task.lead_id, task.type, task.priority) == (lead_id, TaskType.CALL, Priority.HIGH)
        assert task.due_date == lead.created_at + timedelta(hours=24)

    def test_the_first_call_moves_to_the_next_free_slot(self, aisha, clock):
        first, second = a_lead(), a_lead()
        clock.pass_by(minutes=10)
        third = a_lead()

        due = [task.due_date for task in tasks.open_of(aisha.agent_id)]
        day = first.created_at + timedelta(hours=24)
        assert second.created_at == first.created_at == third.created_at - timedelta(minutes=10)
        assert due == [day, day + timedelta(minutes=30), day + timedelta(minutes=60)]

    def test_only_a_phone_and_a_source_are_required(self, aisha):
        lead = a_lead()

        assert (lead.first_name, lead.last_name, lead.name) == ("", "", "Unnamed caller")
        assert (lead.budget_min, lead.budget_max, lead.preferred_areas, lead.consent_at) == (None,) * 4

    def test_a_name_of_one_word_is_not_completed(self, aisha):
        assert a_lead(first_name="Noor").name == "Noor"

    def test_consent_is_kept_with_its_moment(self, aisha):
        assert a_lead(consent=True).consent_at is not None

    @pytest.mark.parametrize("typed", ["", "0571234567", "800 1234", "050123456", "Ahmed"])
    def test_a_number_that_nobody_answers_is_refused_at_its_field(self, aisha, typed):
        before = tally(*CAPTURED)

        with pytest.raises(Invalid) as refused:
            leads.capture(Details(typed, Source.BAYUT), Origin(), by=SYSTEM)

        assert refused.value.field == "phone"
        assert tally(*CAPTURED) == before

    @pytest.mark.parametrize(
        ("lowest", "highest", "kept"),
        [
            (None, "2000000", (None, 2_000_000)),
            ("2000000", None, (None, 2_000_000)),
            ("2000000", "2000000.00", (None, 2_000_000)),
            ("1000000", "2000000", (1_000_000, 2_000_000)),
            (None, "0.01", (None, Decimal("0.01"))),
            (None, "500000000", (None, 500_000_000)),
        ],
    )
    def test_one_figure_is_the_upper_budget(self, aisha, lowest, highest, kept):
        lead = a_lead(budget_min=lowest and Decimal(lowest), budget_max=highest and Decimal(highest))

        assert (lead.budget_min, lead.budget_max) == kept

    @pytest.mark.parametrize("budget", ["0", "-1", "NaN", "sNaN", "Infinity", "-Infinity", "500000000.01", "1E400"])
    @pytest.mark.parametrize("field", ["budget_min", "budget_max"])
    def test_an_impossible_budget_is_refused_at_its_field(self, aisha, field, budget):
        with pytest.raises(Invalid) as refused:
            a_lead(**{field: Decimal(budget)})

        assert (refused.value.field, refused.value.code) == (field, "invalid_lead_data")

    def test_the_upper_budget_must_be_above_the_lower_one(self, aisha):
        with pytest.raises(Invalid, match="above the lower one") as refused:
            a_lead(budget_min=Decimal(2), budget_max=Decimal(1))

        assert refused.value.field == "budget_max"

    def test_areas_get_their_names_once_and_unknown_ones_stay(self, aisha):
        lead = a_lead(preferred_areas=("JBR", "Jumeirah Beach Residence", "Ajman Corniche", "مردف"))

        assert lead.preferred_areas == ["Jumeirah Beach Residence", "Ajman Corniche", "Mirdif"]

    def test_the_numbers_of_leads_go_up(self, aisha):
        assert a_lead().number < a_lead().number

    def test_a_portal_lead_is_never_before_its_capture(self, aisha):
        before, lead, after = value("SELECT clock_timestamp()"), a_lead(), value("SELECT clock_timestamp()")

        assert before <= lead.created_at <= after


class TestNobodyHasRoom:
    def test_the_lead_is_kept_unassigned_and_the_managers_know(self, mariam, rashid):
        off = an_agent("Layla", on_duty=False)
        full = busy(an_agent("Karim"), CAP)

        capture = a_capture(by=rashid)

        assert (capture.created, capture.assignment) == (True, None)
        assert owner(capture.lead) is None
        assert value("SELECT count(*) FROM follow_up_tasks WHERE lead_id = %s", capture.lead.lead_id) == 0
        assert told(mariam) == [NoticeKind.LEAD_UNASSIGNED]
        assert (told(off), told(full), told(rashid)) == ([], [], [])

    def test_an_empty_office_takes_leads_too(self):
        assert a_lead(source=Source.WEBSITE).score == 80


class TestAllOrNothing:
    def test_an_unknown_referrer_leaves_nothing(self, aisha, mariam):
        before = tally(*CAPTURED, "notices")

        with pytest.raises(Refused, match="agent is not here"):
            a_capture(origin=Origin(referrer_agent_id=uuid4()))

        assert tally(*CAPTURED, "notices") == before
        assert the_agent(aisha).last_assigned_at is None

    @pytest.mark.parametrize("table", ["score_lines", "lead_assignments", "follow_up_tasks", "audit_entries"])
    def test_a_row_that_cannot_be_written_leaves_nothing(self, aisha, mariam, table):
        before = tally(*CAPTURED, "notices")
        sql(f"ALTER TABLE {table} ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
        try:
            with pytest.raises(Exception, match="nothing_more"):
                a_capture()
        finally:
            sql(f"ALTER TABLE {table} DROP CONSTRAINT nothing_more")

        assert tally(*CAPTURED, "notices") == before
        assert a_capture().created


class TestAmend:
    def test_the_lead_is_scored_anew_and_the_lines_add_up(self, aisha):
        lead = a_lead(source=Source.WALK_IN, budget_max=Decimal(11_000_000), nationality="UAE")
        assert lead.score == 100

        amended = amend(lead, by=aisha, property_type=PropertyType.VILLA, first_name="Noor")

        assert (amended.first_name, amended.score, amended.version) == ("Noor", 75, 2)
        assert value("SELECT sum(counted) FROM score_lines WHERE lead_id = %s", lead.lead_id) == 75

    def test_amending_and_back_gives_the_same_score(self, aisha):
        lead = a_lead(source=Source.WALK_IN, nationality="Emirati")

        assert amend(lead, by=aisha).score == 70
        assert amend(lead, by=aisha, nationality=" emirati ").score == 80

    def test_who_saved_later_is_told_and_nothing_changes(self, aisha):
        lead = a_lead()
        amend(lead, by=aisha, first_name="Noor")

        with pytest.raises(Conflict) as refused:
            amend(lead, by=aisha, version=1, first_name="Nora")

        assert (refused.value.code, refused.value.facts["lead"].lead_id) == ("stale", lead.lead_id)
        assert value("SELECT first_name FROM leads") == "Noor"

    def test_what_changed_is_in_the_audit(self, aisha):
        amend(a_lead(first_name="Noor"), by=aisha, first_name="Nora")

        assert sql("SELECT actor_name, before, after FROM audit_entries WHERE verb = 'leads.amend'") == [
            ("Aisha Rahman", {"first_name": "Noor"}, {"first_name": "Nora"})
        ]

    def test_a_wrong_number_is_refused(self, aisha):
        with pytest.raises(Invalid) as refused:
            amend(a_lead(), by=aisha, phone="0571234567")
        assert refused.value.field == "phone"

    def test_a_stranger_cannot(self, aisha, yousef):
        lead = a_lead(by=aisha)

        with pytest.raises(Missing):
            amend(lead, by=yousef, first_name="Mine")


class TestOpenAgain:
    def test_it_is_a_new_linked_lead_of_the_person_inside_the_window(self, aisha):
        closed = brought_to(a_lead(first_name="Noor", preferred_areas=("JBR",), consent=True), Status.LOST)

        lead = leads.open_again(closed.lead_id, by=aisha)

        assert (lead.reopened_from, lead.status, lead.phone) == (closed.lead_id, Status.NEW, closed.phone)
        assert (lead.first_name, lead.preferred_areas) == ("Noor", ["Jumeirah Beach Residence"])
        assert lead.consent_at == closed.consent_at
        assert owner(lead) == aisha.agent_id
        assert lead.score == 85

    def test_an_open_lead_is_not_opened_again(self, aisha):
        with pytest.raises(Conflict, match="still open"):
            leads.open_again(a_lead().lead_id, by=aisha)

    def test_a_stranger_cannot(self, aisha, yousef):
        closed = brought_to(a_lead(by=aisha), Status.LOST)

        with pytest.raises(Missing):
            leads.open_again(closed.lead_id, by=yousef)
