"""Isolation, numbers, closed lists, timestamps, what the app's role may do, and models equal to migrations."""

from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.factories import prompt, sql, value
from webapp.database.engine import APP_ROLE
from webapp.extensions import db

pytestmark = pytest.mark.usefixtures("app")

LEAD = "INSERT INTO leads (source_type, first_name, last_name, phone) VALUES ('bayut', '', '', '1') RETURNING lead_id"
AGENT = "INSERT INTO agents (full_name, email, phone) VALUES ('Aisha', '-', '-') RETURNING agent_id"
ADMIN = "INSERT INTO users (email, name, password_hash, role) VALUES (%s, '-', '-', 'admin') RETURNING user_id"
APPEND_ONLY = ["audit_entries", "assignment_history", "score_lines"]


@pytest.fixture
def lead():
    return value(LEAD)


@pytest.fixture
def agent():
    return value(AGENT)


@pytest.fixture
def as_app():
    """An SQL prompt in the app's role."""
    with prompt() as connection:
        connection.execute(f"SET ROLE {APP_ROLE}")
        yield connection


def refused(statement, *values, on=None):
    with pytest.raises(psycopg.Error) as refusal:
        on.execute(statement, values or None) if on else sql(statement, *values)
    return refusal.value


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
class TestIsolation:
    """The guards look again after a wait: only READ COMMITTED shows them what was committed meanwhile."""

    def check(self, level, guard, statement, *values):
        with prompt(autocommit=False) as connection:
            connection.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
            refusal = refused(statement, *values, on=connection)
            connection.rollback()
        assert (refusal.sqlstate, refusal.diag.constraint_name) == ("23Z09", guard)

    def test_the_cap(self, level, lead, agent):
        insert = "INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)"
        self.check(level, "agent_overload", insert, lead, agent)

    def test_a_move(self, level, lead, agent):
        sql("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead, agent)
        other = value(AGENT.replace("'-'", "'+'"))
        self.check(level, "agent_overload", "UPDATE lead_assignments SET agent_id = %s", other)

    def test_a_follow_up(self, level, lead, agent):
        task = "INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date) VALUES (%s, %s, 'call', now())"
        self.check(level, "follow_up_conflict", task, lead, agent)

    def test_the_last_admin(self, level):
        for email in ("omar", "huda"):
            sql(ADMIN, email)
        self.check(level, "last_admin", "UPDATE users SET role = 'agent' WHERE email = 'omar'")


class TestNumbers:
    @pytest.mark.parametrize("column", ["budget_min", "budget_max"])
    @pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity"])
    def test_a_budget_is_a_number(self, lead, column, figure):
        assert refused(f"UPDATE leads SET {column} = %s", figure).sqlstate in ("23514", "22003")

    @pytest.mark.parametrize("figure", ["NaN", "0", "-1", "Infinity"])
    def test_a_deal_value_is_a_number_above_zero(self, lead, figure):
        insert = "INSERT INTO lead_conversion_history (lead_id, deal_value) VALUES (%s, %s)"
        assert refused(insert, lead, figure).sqlstate in ("23514", "22003")

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("budget_min = 2, budget_max = 1", "ck_budget_min_lt_max"),
            ("budget_min = 2, budget_max = 2", "ck_budget_min_lt_max"),
            ("score = 101", "ck_score_range"),
            ("score = -1", "ck_score_range"),
            ("bedrooms = 21", "ck_lead_bedrooms"),
            ("bedrooms = -1", "ck_lead_bedrooms"),
            ("purpose = 'swap'", "ck_lead_purpose"),
            ("source_type = 'radio'", "ck_source_type"),
        ],
    )
    def test_a_lead_stays_inside_its_bounds(self, lead, change, constraint):
        assert refused(f"UPDATE leads SET {change}").diag.constraint_name == constraint


class TestLists:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("INSERT INTO enquiries (lead_id, source_type, channel, state) VALUES (%s, 'radio', 'call', 'captured')",
             "ck_enquiry_source_type"),
            ("INSERT INTO enquiries (lead_id, source_type, channel, state) VALUES (%s, 'bayut', 'fax', 'captured')",
             "ck_enquiry_channel"),
            ("INSERT INTO enquiries (lead_id, source_type, channel, state) VALUES (%s, 'bayut', 'call', 'gone')",
             "ck_enquiry_state"),
            ("INSERT INTO score_lines (lead_id, rule_name, reason, points, counted) VALUES (%s, '-', 'luck', 1, 1)",
             "ck_score_line_reason"),
            ("INSERT INTO lead_conversion_history (lead_id, lost_reason) VALUES (%s, 'bored')",
             "ck_history_lost_reason"),
        ],
    )  # fmt: skip
    def test_a_word_that_is_not_in_its_list_is_refused(self, lead, statement, constraint):
        assert refused(statement, lead).diag.constraint_name == constraint

    @pytest.mark.parametrize(
        ("column", "constraint"),
        [("role", "ck_user_role"), ("language", "ck_user_language"), ("theme", "ck_user_theme")],
    )
    def test_a_user_too(self, column, constraint):
        sql(ADMIN, "omar")
        assert refused(f"UPDATE users SET {column} = 'odd'").diag.constraint_name == constraint

    def test_one_user_an_e_mail_whatever_the_case(self):
        sql(ADMIN, "omar@desk.example")
        assert refused(ADMIN, "OMAR@desk.example").diag.constraint_name == "users_email_key"

    def test_one_visit_an_enquiry(self, lead):
        enquiry = value(
            """INSERT INTO enquiries (lead_id, source_type, channel, state)
               VALUES (%s, 'bayut', 'visit', 'captured') RETURNING enquiry_id""",
            lead,
        )
        visit = "INSERT INTO visits (lead_id, enquiry_id) VALUES (%s, %s)"
        sql(visit, lead, enquiry)

        assert refused(visit, lead, enquiry).diag.constraint_name == "visits_enquiry_id_key"
        assert refused("UPDATE visits SET status = 'asleep'").diag.constraint_name == "ck_visit_status"


class TestUpdatedAt:
    def test_it_moves_with_every_change(self, lead, agent):
        sql(
            "INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date) VALUES (%s, %s, 'call', now())",
            lead,
            agent,
        )
        for table, change in (
            ("leads", "first_name = 'Noor'"),
            ("agents", "full_name = 'A'"),
            ("follow_up_tasks", "notes = 'x'"),
        ):
            before = value(f"SELECT updated_at FROM {table}")
            sql(f"UPDATE {table} SET {change}, updated_at = '2020-01-01'")
            assert value(f"SELECT updated_at FROM {table}") > before


class TestStatusHistory:
    def test_it_is_written_by_trigger_in_order_with_owner_and_actor(self, lead, agent):
        sql("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead, agent)
        omar = value(ADMIN, "omar")
        with prompt(autocommit=False) as connection:
            connection.execute("SELECT set_config('app.actor', %s, true)", (str(omar),))
            for status in ("contacted", "lost"):
                connection.execute("UPDATE leads SET status = %s", (status,))

        assert sql(
            """SELECT status_from, status_to, conversion_type, agent_id, changed_by
               FROM lead_conversion_history ORDER BY changed_at"""
        ) == [("new", "contacted", None, agent, omar), ("contacted", "lost", "lost", agent, omar)]

    def test_an_actor_who_is_no_user_does_not_stop_a_move(self, lead):
        with prompt() as connection:
            connection.execute("SELECT set_config('app.actor', %s, false)", (str(uuid4()),))
            connection.execute("UPDATE leads SET status = 'lost'")

        assert sql("SELECT status_to, changed_by FROM lead_conversion_history") == [("lost", None)]


class TestAppRole:
    @pytest.mark.parametrize("table", APPEND_ONLY)
    @pytest.mark.parametrize("deed", ["UPDATE {} SET lead_id = NULL", "DELETE FROM {}", "TRUNCATE {}"])
    def test_what_was_written_down_stays(self, as_app, table, deed):
        assert refused(deed.format(table), on=as_app).sqlstate == "42501"

    @pytest.mark.parametrize(
        "deed",
        [
            "CREATE TABLE mine (x int)",
            "DROP TABLE leads",
            "ALTER TABLE leads DISABLE TRIGGER ALL",
            "ALTER TABLE leads DROP CONSTRAINT ck_score_range",
            "DROP TRIGGER trg_enforce_status_transition ON leads",
            "CREATE OR REPLACE FUNCTION set_updated_at() RETURNS trigger LANGUAGE sql AS ''",
            "SET session_replication_role = replica",
            "UPDATE alembic_version SET version_num = '-'",
            "DELETE FROM alembic_version",
        ],
    )
    def test_it_changes_no_schema(self, as_app, deed):
        assert refused(deed, on=as_app).sqlstate == "42501"

    def test_it_reads_and_adds_to_the_audit(self, as_app):
        as_app.execute("INSERT INTO audit_entries (verb) VALUES ('test')")

        assert as_app.execute("SELECT verb FROM audit_entries").fetchall() == [("test",)]

    def test_the_app_works_in_it(self):
        assert db.session.scalar(db.text("SELECT current_user")) == APP_ROLE

    def test_a_lead_may_go_with_all_that_hangs_on_it(self, as_app, lead):
        sql(
            "INSERT INTO score_lines (lead_id, rule_name, reason, points, counted) VALUES (%s, '-', 'details', 1, 1)",
            lead,
        )

        as_app.execute("DELETE FROM leads")

        assert value("SELECT count(*) FROM score_lines") == 0


class TestSchema:
    def test_there_is_an_index_under_every_foreign_key(self):
        bare = sql("""
            SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint c
            WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
              AND c.conrelid::regclass::text NOT LIKE 'procrastinate%'
              AND NOT EXISTS (
                  SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
                    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)""")

        assert bare == []

    @pytest.mark.filterwarnings("ignore:Can't validate argument 'dialect_options'")  # of the library's reflection
    def test_the_models_are_what_the_migrations_make(self):
        def ours(_object, name, kind, _reflected, _compared):
            return not (kind in ("table", "index") and (name or "").startswith("procrastinate_"))

        with db.engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
            differences = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)

        assert differences == []

    def test_every_check_of_a_model_is_in_the_database_and_the_other_way_round(self):
        modelled = {
            constraint.name
            for table in db.metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, db.CheckConstraint)
        }
        kept = {
            row.conname
            for row in sql("""SELECT conname FROM pg_constraint WHERE contype = 'c'
                              AND connamespace = 'public'::regnamespace
                              AND conrelid::regclass::text NOT LIKE 'procrastinate%'""")
        }

        assert {str(name) for name in modelled} == kept
