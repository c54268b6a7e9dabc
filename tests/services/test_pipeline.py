from decimal import Decimal
from itertools import product
from uuid import uuid4

import psycopg
import pytest

from tests.factories import a_lead, brought_to, sql, tally, the_agent, value
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import pipeline, tasks
from webapp.services.pipeline import Deal
from webapp.vocabulary import DealType, LostReason, Status

ALLOWED = {
    ("new", "contacted"),
    ("new", "lost"),
    ("contacted", "qualified"),
    ("contacted", "lost"),
    ("qualified", "viewing_scheduled"),
    ("qualified", "lost"),
    ("viewing_scheduled", "negotiation"),
    ("viewing_scheduled", "qualified"),
    ("viewing_scheduled", "lost"),
    ("negotiation", "converted"),
    ("negotiation", "lost"),
}
SALE = Deal(DealType.SALE, Decimal(2_500_000))


def move(lead, status, *, by, status_from=None, **facts):
    if status == Status.LOST:
        facts = {"lost_reason": LostReason.PRICE, **facts}
    if status == Status.CONVERTED:
        facts = {"deal": SALE, **facts}
    return pipeline.move(lead.lead_id, by=by, status_from=status_from or lead.status, status=status, **facts)


def history():
    return sql("SELECT * FROM lead_conversion_history ORDER BY changed_at")


@pytest.fixture
def lead(aisha):
    return a_lead()


class TestEveryPair:
    @pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
    def test_the_service_and_the_trigger_say_the_same(self, aisha, before, after):
        allowed = (before.value, after.value) in ALLOWED
        raw = value(
            """INSERT INTO leads (source_type, first_name, last_name, phone, status)
               VALUES ('bayut', '', '', '+971500000142', %s) RETURNING lead_id""",
            before.value,
        )
        lead_id = value(
            """INSERT INTO leads (source_type, first_name, last_name, phone, status)
               VALUES ('bayut', '', '', '+971500000143', %s) RETURNING lead_id""",
            before.value,
        )
        sql("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead_id, aisha.agent_id)
        lead = db.session.get(Lead, lead_id)

        if allowed:
            sql("UPDATE leads SET status = %s WHERE lead_id = %s", after.value, raw)
            assert move(lead, after, by=aisha).status == after
            assert value("SELECT status FROM leads WHERE lead_id = %s", raw) == after.value
            return
        if before != after:
            with pytest.raises(psycopg.Error) as refused:
                sql("UPDATE leads SET status = %s WHERE lead_id = %s", after.value, raw)
            assert refused.value.diag.constraint_name == "invalid_status_transition"
        with pytest.raises(Conflict) as refused:
            move(lead, after, by=aisha)
        assert (refused.value.code, refused.value.status) == ("invalid_status_transition", 409)
        assert value("SELECT count(*) FROM lead_conversion_history") == 0
        assert value("SELECT status FROM leads WHERE lead_id = %s", lead_id) == before.value


class TestMove:
    def test_each_move_leaves_one_row_with_the_agent_and_the_user(self, lead, aisha, mariam):
        move(lead, Status.CONTACTED, by=mariam, notes="By phone")

        (made,) = history()
        assert (made.lead_id, made.status_from, made.status_to) == (lead.lead_id, "new", "contacted")
        assert (made.agent_id, made.changed_by, made.notes) == (aisha.agent_id, mariam.user_id, "By phone")

    def test_losing_asks_for_a_reason(self, lead, aisha):
        with pytest.raises(Invalid) as refused:
            move(lead, Status.LOST, by=aisha, lost_reason=None)

        assert refused.value.field == "lost_reason"
        assert lead.status == Status.NEW

    def test_losing_keeps_the_reason_and_the_words(self, lead, aisha):
        move(lead, Status.LOST, by=aisha, lost_reason=LostReason.BOUGHT_ELSEWHERE, notes="In Abu Dhabi")

        (row,) = history()
        assert (row.conversion_type, row.lost_reason, row.notes) == ("lost", "bought_elsewhere", "In Abu Dhabi")
        assert row.deal_value is None

    def test_without_words_the_reason_is_the_note(self, lead, aisha):
        move(lead, Status.LOST, by=aisha, lost_reason=LostReason.NO_ANSWER)

        assert history()[0].notes == "no_answer"

    def test_converting_asks_for_the_deal(self, lead, aisha):
        lead = brought_to(lead, Status.NEGOTIATION)

        with pytest.raises(Invalid) as refused:
            move(lead, Status.CONVERTED, by=aisha, deal=None)

        assert refused.value.field == "deal_value"
        assert lead.status == Status.NEGOTIATION

    def test_converting_keeps_the_deal(self, lead, aisha):
        deal = Deal(DealType.RENTAL, Decimal("120000.50"), uuid4())

        move(brought_to(lead, Status.NEGOTIATION), Status.CONVERTED, by=aisha, deal=deal)

        row = history()[-1]
        assert (row.status_to, row.conversion_type) == ("converted", "rental")
        assert (row.deal_value, row.property_id) == (Decimal("120000.50"), deal.property_id)

    @pytest.mark.parametrize("figure", ["0", "-1", "NaN"])
    def test_an_impossible_deal_value_is_refused_at_its_field(self, lead, aisha, figure):
        lead = brought_to(lead, Status.NEGOTIATION)

        with pytest.raises(Invalid) as refused:
            move(lead, Status.CONVERTED, by=aisha, deal=Deal(DealType.SALE, Decimal(figure)))

        assert refused.value.field == "deal_value"
        assert lead.status == Status.NEGOTIATION

    def test_who_was_slower_is_told_what_it_is_now(self, lead, aisha, mariam):
        move(lead, Status.CONTACTED, by=aisha)

        with pytest.raises(Conflict, match="this lead is Contacted now") as refused:
            move(lead, Status.LOST, by=mariam, status_from=Status.NEW)

        assert refused.value.code == "stale"
        assert len(history()) == 1

    def test_a_colleague_may_not(self, lead, yousef):
        with pytest.raises(Missing):
            move(lead, Status.CONTACTED, by=yousef)


@pytest.mark.parametrize("status", [Status.LOST, Status.CONVERTED])
class TestClosing:
    def close(self, lead, status, aisha):
        before = Status.NEGOTIATION if status == Status.CONVERTED else Status.NEW
        return move(brought_to(lead, before), status, by=aisha)

    def test_open_follow_ups_are_cancelled(self, lead, aisha, status):
        self.close(lead, status, aisha)

        assert tasks.open_of(aisha.agent_id) == []
        assert sql("SELECT status, cancel_reason, cancelled_at IS NULL FROM follow_up_tasks") == [
            ("completed", status.value, False)
        ]

    def test_done_ones_are_left_as_they_are(self, lead, aisha, status):
        (task,) = tasks.open_of(aisha.agent_id)
        tasks.complete(task.task_id, by=aisha)

        self.close(lead, status, aisha)

        assert sql("SELECT status, cancelled_at FROM follow_up_tasks") == [("completed", None)]

    def test_the_agent_has_room_again(self, lead, aisha, status):
        assert the_agent(aisha).active_leads_count == 1

        self.close(lead, status, aisha)

        assert the_agent(aisha).active_leads_count == 0
        assert value("SELECT is_active FROM lead_assignments") is False

    def test_it_is_final(self, lead, aisha, status):
        closed = self.close(lead, status, aisha)
        before = tally("lead_conversion_history")

        for other in Status:
            with pytest.raises(Conflict):
                move(closed, other, by=aisha)
        assert tally("lead_conversion_history") == before
