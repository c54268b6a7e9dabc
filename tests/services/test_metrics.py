"""How the agents have done (R10)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import a_lead, an_agent, backdated, brought_to, sql
from webapp.services import activities, assignments, metrics, pipeline
from webapp.services.access import SYSTEM
from webapp.services.pipeline import Deal
from webapp.vocabulary import ActivityType, DealType, LostReason, Status


@pytest.fixture
def aisha(app):
    return an_agent("Aisha Rahman")


def kept(agent) -> list:
    return sql(
        """SELECT conversion_rate, average_deal_size, average_response_time, leads_handled
           FROM agent_performance_metrics WHERE agent_id = %s ORDER BY updated_at""",
        agent.agent_id,
    )


def convert(lead, by, value: int):
    brought_to(lead, Status.NEGOTIATION)
    deal = Deal(DealType.SALE, Decimal(value))
    pipeline.move(lead.lead_id, by=by, status_from=Status.NEGOTIATION, status=Status.CONVERTED, deal=deal)


class TestReckoning:
    def test_who_never_had_a_lead_has_no_figures(self, aisha):
        assert metrics.reckon_all().done == 0
        assert kept(aisha) == []

    def test_without_an_answer_or_a_deal_there_is_no_mean(self, aisha):
        a_lead()

        assert metrics.reckon(aisha.agent_id, by=SYSTEM)

        assert kept(aisha) == [(Decimal("0.00"), None, None, 1)]

    def test_a_conversion_is_counted_at_once(self, aisha):
        leads = [a_lead() for _number in range(3)]
        convert(leads[0], aisha, 1_000_000)
        convert(leads[1], aisha, 2_000_000)

        rates = [(rate, size, handled) for rate, size, _took, handled in kept(aisha)]
        assert rates == [(Decimal("33.33"), Decimal("1000000.00"), 3), (Decimal("66.67"), Decimal("1500000.00"), 3)]

    def test_a_lost_lead_is_none(self, aisha):
        lead = a_lead()
        pipeline.move(lead.lead_id, by=aisha, status_from=Status.NEW, status=Status.LOST, lost_reason=LostReason.PRICE)
        metrics.reckon_all()

        assert [rate for rate, *_others in kept(aisha)] == [Decimal("0.00")]

    def test_the_wait_counts_from_their_own_assignment_to_their_first_activity(self, aisha):
        lead = backdated(a_lead(), hours=5)
        sql("UPDATE assignment_history SET moved_at = now() - interval '5 hours'")
        other = an_agent("Yousef Haddad")
        assignments.assign(lead.lead_id, by=SYSTEM, agent_id=other.agent_id, reason="Speaks Arabic")
        sql("UPDATE assignment_history SET moved_at = now() - interval '2 hours' WHERE agent_id = %s", other.agent_id)
        activities.log(lead.lead_id, by=other, type=ActivityType.CALL)

        metrics.reckon_all()

        ((_rate, _size, took, handled),) = kept(other)
        assert timedelta(0) <= took - timedelta(hours=2) < timedelta(minutes=1)
        assert handled == 1
        assert kept(aisha) == [(Decimal("0.00"), None, None, 1)]

    def test_a_row_is_kept_only_where_a_figure_changed(self, aisha):
        a_lead()
        assert metrics.reckon_all().done == 1

        assert metrics.reckon_all().done == 0

        a_lead()
        assert metrics.reckon_all().done == 1
        assert [handled for *_others, handled in kept(aisha)] == [1, 2]

    def test_an_agent_who_cannot_be_reckoned_stops_no_other(self, aisha):
        yousef = an_agent("Yousef Haddad", on_duty=False)
        lead = a_lead()
        sql("INSERT INTO assignment_history (lead_id, agent_id) VALUES (%s, %s)", lead.lead_id, yousef.agent_id)
        sql(
            f"""ALTER TABLE agent_performance_metrics ADD CONSTRAINT not_her
                CHECK (agent_id <> '{aisha.agent_id}') NOT VALID"""
        )
        try:
            assert metrics.reckon_all().done == 1
        finally:
            sql("ALTER TABLE agent_performance_metrics DROP CONSTRAINT not_her")

        assert (kept(aisha), len(kept(yousef))) == ([], 1)
