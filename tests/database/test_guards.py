"""The rules hold at an SQL prompt too: every own trigger and constraint, asked without the services."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from tests.factories import prompt, sql, value

pytestmark = pytest.mark.usefixtures("app")

CAP = 50
LEAD = """INSERT INTO leads (source_type, first_name, last_name, phone, status)
          VALUES ('bayut', '', '', '+971500000142', %s) RETURNING lead_id"""
TASK = """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
          VALUES (%s, %s, 'call', timestamptz '2099-01-01 08:00+00' + %s) RETURNING task_id"""


def an_agent(name="Aisha"):
    phone = f"+97150{uuid4().int % 10**7:07d}"
    return value(
        "INSERT INTO agents (full_name, email, phone) VALUES (%s, %s, %s) RETURNING agent_id", name, phone, phone
    )


def a_lead(status="new"):
    return value(LEAD, status)


def assigned(agent_id, how_many=1, status="new"):
    return [
        row.lead_id
        for row in sql(
            """WITH made AS (
                   INSERT INTO leads (source_type, first_name, last_name, phone, status)
                   SELECT 'bayut', '', '', '+971500000142', %s FROM generate_series(1, %s) RETURNING lead_id)
               INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, %s FROM made RETURNING lead_id""",
            status,
            how_many,
            agent_id,
        )
    ]


def counter(agent_id):
    """What the column says, after looking that it is the truth."""
    kept = value("SELECT active_leads_count FROM agents WHERE agent_id = %s", agent_id)
    real = value(
        """SELECT count(*) FROM lead_assignments JOIN leads USING (lead_id)
           WHERE agent_id = %s AND status NOT IN ('converted', 'lost')""",
        agent_id,
    )
    assert kept == real
    return kept


def refusal(statement, *values, on=None):
    """(SQLSTATE, constraint) with which the database refuses a statement."""
    with pytest.raises(psycopg.Error) as refused:
        on.execute(statement, values or None) if on else sql(statement, *values)
    return refused.value.sqlstate, refused.value.diag.constraint_name


OVERLOAD = ("23Z03", "agent_overload")


class TestCap:
    def test_the_51st_active_lead_cannot_be_inserted(self):
        agent = an_agent()
        assigned(agent, CAP)

        assert refusal("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", a_lead(), agent) == OVERLOAD
        assert counter(agent) == CAP

    def test_a_closed_lead_takes_no_room(self):
        agent = an_agent()
        assigned(agent, CAP)

        assigned(agent, status="lost")
        assert counter(agent) == CAP

    def test_the_51st_cannot_come_by_update_either(self):
        full, other = an_agent(), an_agent("Yousef")
        assigned(full, CAP)
        (lead,) = assigned(other)

        assert refusal("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", full, lead) == OVERLOAD
        assert (counter(full), counter(other)) == (CAP, 1)

    def test_one_statement_may_fill_an_agent_but_not_overfill(self):
        first, second = an_agent(), an_agent("Yousef")
        assigned(first, 30)
        assigned(second, 20)
        move = "UPDATE lead_assignments SET agent_id = %s WHERE agent_id = %s"

        sql(move, first, second)
        assert (counter(first), counter(second)) == (CAP, 0)
        assigned(second, 1)
        assert refusal(move, second, first) == OVERLOAD
        assert (counter(first), counter(second)) == (CAP, 1)

    def test_a_pointer_cannot_swap_a_closed_lead_for_an_active_one(self):
        agent = an_agent()
        assigned(agent, CAP)
        (closed,) = assigned(agent, status="lost")

        assert refusal("UPDATE lead_assignments SET lead_id = %s WHERE lead_id = %s", a_lead(), closed) == OVERLOAD

    @pytest.mark.parametrize(("count", "name"), [(51, "ck_active_leads_max"), (-1, "ck_active_leads_nonneg")])
    def test_the_counter_itself_has_bounds(self, count, name):
        an_agent()

        assert refusal("UPDATE agents SET active_leads_count = %s", count) == ("23514", name)


class TestCounter:
    @pytest.mark.parametrize("status", ["converted", "lost"])
    def test_it_falls_when_a_lead_closes(self, status):
        agent = an_agent()
        (lead, _other) = assigned(agent, 2, "negotiation")

        sql("UPDATE leads SET status = %s WHERE lead_id = %s", status, lead)

        assert counter(agent) == 1
        assert value("SELECT is_active FROM lead_assignments WHERE lead_id = %s", lead) is False

    def test_it_falls_when_leads_are_deleted(self):
        agent = an_agent()
        (lead, *_rest) = assigned(agent, 3)
        assigned(agent, 2, "lost")

        sql("DELETE FROM leads WHERE lead_id = %s OR status = 'lost'", lead)

        assert counter(agent) == 2

    def test_it_falls_when_an_assignment_is_deleted(self):
        agent = an_agent()
        assigned(agent, 2)

        sql("DELETE FROM lead_assignments")

        assert counter(agent) == 0

    def test_an_agent_can_be_deleted_with_everything_that_is_theirs(self):
        agent, other = an_agent(), an_agent("Yousef")
        (lead, _second) = assigned(agent, 2)
        assigned(other)
        sql(TASK, lead, agent, timedelta(0))

        sql("DELETE FROM agents WHERE agent_id = %s", agent)

        assert counter(other) == 1
        assert value("SELECT count(*) FROM leads") == 3
        assert value("SELECT count(*) FROM follow_up_tasks") == 0

    def test_it_moves_with_the_lead(self):
        first, second = an_agent(), an_agent("Yousef")
        assigned(first, 3)

        sql("UPDATE lead_assignments SET agent_id = %s", second)

        assert (counter(first), counter(second)) == (0, 3)

    def test_what_an_assignment_says_of_its_lead_is_not_believed(self):
        agent = an_agent()

        sql("INSERT INTO lead_assignments (lead_id, agent_id, is_active) VALUES (%s, %s, false)", a_lead(), agent)
        sql("INSERT INTO lead_assignments (lead_id, agent_id, is_active) VALUES (%s, %s, true)", a_lead("lost"), agent)

        assert counter(agent) == 1

    def test_a_turn_is_an_assignment_and_nothing_else(self):
        first, second = an_agent(), an_agent("Yousef")
        (lead,) = assigned(first)
        sql("UPDATE agents SET last_assigned_at = '2026-01-01'")

        sql("UPDATE leads SET status = 'lost' WHERE lead_id = %s", lead)
        assert value("SELECT count(*) FROM agents WHERE last_assigned_at = '2026-01-01'") == 2
        sql("UPDATE lead_assignments SET agent_id = %s", second)
        assert value("SELECT agent_id FROM agents WHERE last_assigned_at > '2026-01-01'") == second

    def test_opposite_moves_lock_the_agents_in_one_order(self):
        """Forced: while a third session holds the lower agent, one move waits for it, then the opposite one."""
        low, high = sorted([an_agent(), an_agent("Yousef")])
        ((down,), (up,)) = assigned(high), assigned(low)

        def move(connection, lead_id, agent_id):
            connection.execute("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", (agent_id, lead_id))

        def until_waiting(how_many):
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            deadline = value("SELECT clock_timestamp() + interval '5 seconds'")
            while value(waiting) < how_many:
                assert value("SELECT clock_timestamp()") < deadline

        with prompt(autocommit=False) as third, prompt() as one, prompt() as two, ThreadPoolExecutor(2) as pool:
            third.execute("SELECT FROM agents WHERE agent_id = %s FOR NO KEY UPDATE", (low,))
            moves = [pool.submit(move, one, down, low)]
            until_waiting(1)
            moves.append(pool.submit(move, two, up, high))
            until_waiting(2)
            third.rollback()
            for moved in moves:
                moved.result(timeout=10)

        assert (counter(low), counter(high)) == (1, 1)


class TestOneOwner:
    def test_a_lead_has_one_assignment(self):
        (lead,) = assigned(an_agent())

        assert refusal(
            "INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead, an_agent("Yousef")
        ) == ("23505", "uq_lead_assignment")

    def test_every_owner_is_written_down_whoever_moves_the_lead(self):
        first, second = an_agent(), an_agent("Yousef")
        (lead,) = assigned(first)
        sql("UPDATE lead_assignments SET agent_id = %s, reason = 'Holiday'", second)
        sql("UPDATE lead_assignments SET reason = 'Nothing moves'")
        sql("DELETE FROM lead_assignments")

        assert sql("SELECT lead_id, from_agent_name, agent_name, reason FROM assignment_history ORDER BY move_id") == [
            (lead, None, "Aisha", None),
            (lead, "Aisha", "Yousef", "Holiday"),
            (lead, "Yousef", None, None),
        ]

    def test_the_history_outlives_lead_and_agent(self):
        agent = an_agent()
        (lead,) = assigned(agent)

        sql("DELETE FROM leads")
        sql("DELETE FROM agents")

        assert sql("SELECT lead_id, agent_id, agent_name FROM assignment_history ORDER BY move_id")[0] == (
            lead,
            agent,
            "Aisha",
        )

    def test_the_history_names_a_deleted_agent_to_the_last(self):
        agent = an_agent()
        assigned(agent)

        sql("DELETE FROM agents")

        assert sql("SELECT from_agent_id, from_agent_name FROM assignment_history ORDER BY move_id")[-1] == (
            agent,
            "Aisha",
        )


class TestFollowUpsApart:
    CONFLICT = ("23Z04", "follow_up_conflict")

    @pytest.fixture
    def mine(self):
        agent = an_agent()
        return assigned(agent)[0], agent

    @pytest.mark.parametrize("seconds", [0, 1, 1799, -1799])
    def test_less_than_30_minutes_is_refused(self, mine, seconds):
        sql(TASK, *mine, timedelta(0))

        assert refusal(TASK, *mine, timedelta(seconds=seconds)) == self.CONFLICT

    @pytest.mark.parametrize("seconds", [1800, -1800])
    def test_30_minutes_are_enough(self, mine, seconds):
        sql(TASK, *mine, timedelta(0))

        assert value(TASK, *mine, timedelta(seconds=seconds))

    def test_an_update_of_time_agent_or_status_is_judged_too(self, mine):
        other = an_agent("Yousef")
        near = value(TASK, *mine, timedelta(minutes=40))
        sql(TASK, *mine, timedelta(0))
        his = value(TASK, mine[0], other, timedelta(0))
        done = value(
            TASK.replace("due_date)", "due_date, status)").replace("+ %s)", "+ %s, 'completed')"), *mine, timedelta(0)
        )
        update = "UPDATE follow_up_tasks SET {} WHERE task_id = %s"

        assert refusal(update.format("due_date = due_date - interval '20 minutes'"), near) == self.CONFLICT
        assert refusal(update.format("agent_id = (SELECT agent_id FROM agents WHERE full_name = 'Aisha')"), his) == (
            self.CONFLICT
        )
        assert refusal(update.format("status = 'pending'"), done) == self.CONFLICT
        sql(update.format("status = 'overdue', notes = 'Late'"), near)

    def test_deferred_two_may_change_places(self, mine):
        first, second = (value(TASK, *mine, timedelta(minutes=minutes)) for minutes in (0, 45))
        swap = "UPDATE follow_up_tasks SET due_date = due_date + %s WHERE task_id = %s"

        with prompt(autocommit=False) as connection:
            connection.execute("SET CONSTRAINTS trg_keep_follow_ups_apart DEFERRED")
            connection.execute(swap, (timedelta(minutes=45), first))
            connection.execute(swap, (timedelta(minutes=-45), second))
        assert value("SELECT task_id FROM follow_up_tasks ORDER BY due_date LIMIT 1") == second

    def test_deferred_a_clash_is_refused_at_the_commit(self, mine):
        sql(TASK, *mine, timedelta(0))
        connection = prompt(autocommit=False)
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        connection.execute(TASK, (*mine, timedelta(minutes=5)))

        with pytest.raises(psycopg.Error) as refused:
            connection.commit()
        connection.close()

        assert refused.value.diag.constraint_name == "follow_up_conflict"
        assert value("SELECT count(*) FROM follow_up_tasks") == 1

    def test_a_new_one_is_not_due_more_than_30_days_ago(self, mine):
        born_late = (
            "INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date) VALUES (%s, %s, 'call', now() - %s)"
        )

        assert refusal(born_late, *mine, timedelta(days=30, seconds=1)) == ("23Z02", "overdue_task")
        sql(born_late, *mine, timedelta(days=30))

    def test_only_a_closed_one_can_be_cancelled(self, mine):
        sql(TASK, *mine, timedelta(0))

        assert refusal("UPDATE follow_up_tasks SET cancelled_at = now()") == ("23514", "ck_task_cancelled_is_closed")
