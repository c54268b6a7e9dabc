"""The job that charges silences (R3): once a silence, only active leads, one failing lead stops no other."""

import logging

import pytest

from tests.factories import a_lead, backdated, brought_to, sql, value
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import activities, scoring
from webapp.vocabulary import ActivityType, Status

pytestmark = pytest.mark.usefixtures("app", "aisha")


def score(lead) -> int:
    db.session.rollback()
    return db.session.get(Lead, lead.lead_id, populate_existing=True).score


class TestChargeSilences:
    def test_a_silent_lead_loses_its_points_once(self):
        lead = backdated(a_lead(), days=7)
        before = score(lead)

        assert scoring.charge_silences().done == 1
        assert scoring.charge_silences().done == 0
        assert score(lead) == before - 10
        assert value("SELECT sum(counted) FROM score_lines WHERE lead_id = %s", lead.lead_id) == before - 10

    def test_a_lead_that_somebody_spoke_with_is_left_alone(self, aisha):
        lead = backdated(a_lead(), days=30)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)
        before = score(lead)

        assert scoring.charge_silences().done == 0
        assert score(lead) == before

    def test_the_activity_that_ends_a_charged_silence_charges_nothing_more(self, aisha):
        lead = backdated(a_lead(), days=7)
        scoring.charge_silences()
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        assert value("SELECT count(*) FROM score_lines WHERE reason = 'silence'") == 1

    def test_the_next_silence_is_charged_again(self, aisha):
        lead = backdated(a_lead(), days=7)
        scoring.charge_silences()
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)
        backdated(lead, days=8)

        assert scoring.charge_silences().done == 1

    def test_closed_leads_are_left_alone(self):
        backdated(brought_to(a_lead(), Status.LOST), days=30)

        assert scoring.charge_silences().done == 0

    def test_without_the_rule_nobody_is_charged(self, rules):
        backdated(a_lead(), days=30)
        sql("DELETE FROM lead_scoring_rules WHERE condition ->> 'type' = 'inactivity_days'")

        assert scoring.charge_silences().done == 0

    @pytest.mark.row("J5")
    def test_a_lead_that_fails_stops_no_other_and_is_logged(self, caplog, full, figure):
        size = 1_000 if full else 4
        poisoned, *others = [a_lead() for _ in range(size)]
        sql("UPDATE leads SET created_at = created_at - interval '7 days'")
        sql(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'poisoned'; END $$;"
            "CREATE TRIGGER trg_poison BEFORE INSERT ON score_lines FOR EACH ROW"
            f" WHEN (new.lead_id = '{poisoned.lead_id}') EXECUTE FUNCTION poison()"
        )
        try:
            with caplog.at_level(logging.ERROR):
                assert scoring.charge_silences().done == len(others)
        finally:
            sql("DROP TRIGGER trg_poison ON score_lines; DROP FUNCTION poison()")

        assert str(poisoned.lead_id) in caplog.text
        figure("J5", f"leads charged of {size}, one of which breaks", len(others))
        assert scoring.charge_silences().done == 1
