"""Leads that nobody answers move on by themselves (R5)."""

from datetime import timedelta

import pytest

from tests.factories import a_lead, a_user, an_agent, backdated, brought_to, sql, value
from webapp.services import activities, assignments
from webapp.services.access import SYSTEM
from webapp.vocabulary import CAP, ActivityType, Role, Status


@pytest.fixture
def aisha(app):
    return an_agent("Aisha Rahman")


@pytest.fixture
def silent(aisha):
    """Aisha's lead, whom nobody has answered for a day; then two others come on duty."""
    lead = backdated(a_lead(), hours=25)
    an_agent("Yousef Haddad")
    an_agent("Mona Saleh")
    return lead


def owner(lead) -> str:
    return value("SELECT full_name FROM agents JOIN leads ON owner_id = agent_id WHERE lead_id = %s", lead.lead_id)


def a_day_later(lead) -> None:
    backdated(lead, hours=24)
    sql("UPDATE assignment_history SET moved_at = moved_at - interval '24 hours'")


class TestMovingOn:
    def test_what_nobody_answered_for_a_day_goes_to_somebody_else(self, silent):
        assert assignments.reassign_stale().done == 1

        assert owner(silent) != "Aisha Rahman"
        assert sql("SELECT kind, reason FROM lead_assignments") == [("stale", "stale")]
        assert value("SELECT count(*) FROM follow_up_tasks WHERE agent_id <> %s", silent.owner_id) == 0
        assert assignments.reassign_stale().done == 0

    @pytest.mark.parametrize("hours, moved", [(23.9, 0), (24, 1)])
    def test_a_day_is_24_hours_from_the_assignment(self, aisha, hours, moved):
        backdated(a_lead(), hours=hours)
        an_agent("Yousef Haddad")

        assert assignments.reassign_stale().done == moved

    def test_what_was_answered_stays(self, aisha, silent):
        activities.log(silent.lead_id, by=aisha, type=ActivityType.CALL)

        assert assignments.reassign_stale().done == 0

    def test_an_answer_that_was_struck_out_is_none(self, aisha, silent):
        activity = activities.log(silent.lead_id, by=aisha, type=ActivityType.CALL)
        activities.strike(activity.activity_id, by=aisha)

        assert assignments.reassign_stale().done == 1

    def test_a_call_that_is_told_to_have_been_long_ago_counts_from_when_it_was_logged(self, aisha, silent):
        at = silent.created_at + timedelta(minutes=1)
        activities.log(silent.lead_id, by=aisha, type=ActivityType.CALL, activity_at=at)
        sql("UPDATE lead_assignments SET reassigned_at = now() - interval '24 hours 30 minutes'")

        assert assignments.reassign_stale().done == 0

    def test_what_is_closed_stays(self, silent):
        brought_to(silent, Status.LOST)

        assert assignments.reassign_stale().done == 0

    def test_what_another_product_brought_stays_until_it_is_worked(self, silent):
        sql("DELETE FROM enquiries")

        assert assignments.reassign_stale().done == 0


class TestGivingUp:
    def test_it_never_goes_back_and_after_three_moves_the_managers_are_told_once(self, silent):
        manager = a_user("Mariam Saleh", Role.MANAGER)
        an_agent("Omar Aziz")
        owners = [owner(silent)]
        for _day in range(3):
            assert assignments.reassign_stale().done == 1
            owners.append(owner(silent))
            a_day_later(silent)
        assert len({*owners}) == 4

        assert assignments.reassign_stale().done == 0
        assert assignments.reassign_stale().done == 0

        assert owner(silent) == owners[-1]
        told = "SELECT count(*) FROM notices WHERE kind = 'lead_escalated' AND user_id = %s"
        assert value(told, manager.user_id) == 1

    def test_where_nobody_has_room_it_stays_and_the_managers_are_told_once(self, silent):
        manager = a_user("Mariam Saleh", Role.MANAGER)
        sql("UPDATE agents SET on_duty = (full_name = 'Aisha Rahman')")

        assert [assignments.reassign_stale().done for _turn in range(2)] == [0, 0]

        assert owner(silent) == "Aisha Rahman"
        assert sql("SELECT kind, user_id FROM notices WHERE kind = 'lead_escalated'") == [
            ("lead_escalated", manager.user_id)
        ]

    def test_moves_count_since_somebody_last_spoke_with_them(self, silent):
        for _day in range(2):
            assert assignments.reassign_stale().done == 1
            a_day_later(silent)
        activities.log(silent.lead_id, by=SYSTEM, type=ActivityType.CALL)
        assignments.assign(silent.lead_id, by=SYSTEM, agent_id=an_agent("Omar Aziz").agent_id, reason="On leave")
        a_day_later(silent)

        assert assignments.reassign_stale().done == 1

    def test_with_a_new_owner_it_can_be_told_again(self, silent):
        sql("UPDATE agents SET on_duty = (full_name = 'Aisha Rahman')")
        assignments.reassign_stale()
        sql("UPDATE agents SET on_duty = true")
        yousef = value("SELECT agent_id FROM agents WHERE full_name = 'Yousef Haddad'")

        assignments.assign(silent.lead_id, by=SYSTEM, agent_id=yousef, reason="Asked for him")

        assert value("SELECT escalated_at FROM lead_assignments") is None


@pytest.mark.row("J4")
def test_in_a_full_office_nothing_is_lost_and_nothing_moves_about(aisha, figure):
    """Everybody has all they may have: what comes waits unassigned, and who is silent keeps their leads."""
    manager = a_user("Mariam Saleh", Role.MANAGER)
    an_agent("Yousef Haddad")
    for _ in range(2 * CAP):
        a_lead()
    waiting = [a_lead().lead_id for _ in range(5)]
    sql("UPDATE lead_assignments SET assigned_at = assigned_at - interval '25 hours'")
    owners = "SELECT lead_id, owner_id FROM leads ORDER BY lead_id"
    before = sql(owners)
    assert value("SELECT count(*) FROM leads WHERE owner_id IS NULL AND lead_id = ANY (%s)", waiting) == len(waiting)

    assert [assignments.reassign_stale().done for _hour in range(24)] == [0] * 24

    assert sql(owners) == before
    assert sql("SELECT DISTINCT active_leads_count FROM agents") == [(CAP,)]
    told = "SELECT count(*) AS times, count(DISTINCT lead_id) AS leads FROM notices"
    assert sql(f"{told} WHERE kind = 'lead_escalated' AND user_id = %s", manager.user_id) == [(2 * CAP, 2 * CAP)]

    figure("J4", "leads lost, of an office with every agent full", 0)
    figure("J4", "moves in 24 hours", 0)


def test_one_that_fails_stops_no_other(aisha, silent):
    poisoned = backdated(a_lead(), hours=30)
    before = owner(poisoned)
    sql(
        f"""ALTER TABLE lead_assignments ADD CONSTRAINT poisoned
            CHECK (kind <> 'stale' OR lead_id <> '{poisoned.lead_id}') NOT VALID"""
    )
    try:
        assert assignments.reassign_stale().done == 1
    finally:
        sql("ALTER TABLE lead_assignments DROP CONSTRAINT poisoned")

    assert (owner(silent) != "Aisha Rahman", owner(poisoned)) == (True, before)
