import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError

from tests.database.migrator import migrating

ROOT = Path(__file__).resolve().parents[2]
HEAD = "j12k13l14m15n16"


def one_of(column, values):
    return f"CHECK {column} = ANY ARRAY[{', '.join(map(repr, values.split()))}]"


def spelled(definition):
    short = re.sub(r"::(character varying|text)(\[\])?|public\.", "", definition)
    return short.replace("character varying", "varchar").replace("timestamp with time zone", "timestamptz")


def plain(definition):
    return re.sub(r"[()\s]+", " ", spelled(definition)).strip()


COLUMNS = {
    "leads": """lead_id uuid gen_random_uuid(); source_type varchar(50); first_name varchar(100);
        last_name varchar(100); email varchar(255) null; phone varchar(20); nationality varchar(50) null;
        language_preference varchar(20) null; budget_min numeric(15,2) null; budget_max numeric(15,2) null;
        property_type varchar(50) null; preferred_areas text[] null; status varchar(50) 'new';
        score integer 0; created_at timestamptz now(); updated_at timestamptz now()""",
    "agents": """agent_id uuid gen_random_uuid(); full_name varchar(200); email varchar(255);
        phone varchar(20); specialization_property_type text[] null; specialization_areas text[] null;
        language_skills text[] null; active_leads_count integer 0; created_at timestamptz now();
        updated_at timestamptz now()""",
    "lead_assignments": """assignment_id uuid gen_random_uuid(); lead_id uuid; agent_id uuid;
        assigned_at timestamptz null now(); reassigned_at timestamptz null; reason text null""",
    "lead_activities": """activity_id uuid gen_random_uuid(); lead_id uuid; agent_id uuid; type varchar(50);
        notes text null; outcome varchar(20) null; activity_at timestamptz null now()""",
    "follow_up_tasks": """task_id uuid gen_random_uuid(); lead_id uuid; agent_id uuid; type varchar(50);
        due_date timestamptz; priority varchar(20) 'medium'; status varchar(20) 'pending';
        created_at timestamptz null now(); updated_at timestamptz null now()""",
    "lead_property_interests": """interest_id uuid gen_random_uuid(); lead_id uuid; property_id uuid;
        interest_level varchar(20); created_at timestamptz null now()""",
    "lead_sources": """source_id uuid gen_random_uuid(); lead_id uuid; source_type varchar(50);
        campaign_id varchar(100) null; referrer_agent_id uuid null; property_id uuid null;
        utm_source varchar(100) null; created_at timestamptz null now()""",
    "lead_conversion_history": """history_id uuid gen_random_uuid(); lead_id uuid;
        status_from varchar(50) null; status_to varchar(50) null; changed_at timestamptz null now();
        agent_id uuid null; notes text null; deal_value numeric(15,2) null; conversion_type varchar(20) null;
        property_id uuid null""",
    "agent_performance_metrics": """metric_id uuid gen_random_uuid(); agent_id uuid;
        conversion_rate numeric(5,2) null; average_deal_size numeric(15,2) null;
        average_response_time interval null; leads_handled integer null;
        updated_at timestamptz null now()""",
    "lead_scoring_rules": """rule_id uuid gen_random_uuid(); rule_name varchar(100); score_adjustment integer;
        condition jsonb; created_at timestamptz null now()""",
}
KEYS = {f"{name}.{name}_pkey": f"PRIMARY KEY {rest.split()[0]}" for name, rest in COLUMNS.items()} | {
    "agents.agents_email_key": "UNIQUE email",
    "agents.agents_phone_key": "UNIQUE phone",
    "lead_assignments.uq_lead_assignment": "UNIQUE lead_id",
    "lead_property_interests.uq_lead_property_interest": "UNIQUE lead_id, property_id",
}
MOVES = {
    "new": {"contacted", "lost"},
    "contacted": {"qualified", "lost"},
    "qualified": {"viewing_scheduled", "lost"},
    "viewing_scheduled": {"negotiation", "qualified", "lost"},
    "negotiation": {"converted", "lost"},
} | dict.fromkeys(("converted", "lost"), frozenset())
SOURCES = "bayut propertyFinder dubizzle website walk_in referral"
CHECKS = {
    "leads.ck_score_range": "CHECK score >= 0 AND score <= 100",
    "leads.ck_lead_status": one_of("status", " ".join(MOVES)),
    "leads.ck_source_type": one_of("source_type", SOURCES),
    "leads.ck_budget_min_lt_max": "CHECK budget_min IS NULL OR budget_max IS NULL OR budget_min < budget_max",
    "agents.ck_active_leads_max": "CHECK active_leads_count <= 50",
    "agents.ck_active_leads_nonneg": "CHECK active_leads_count >= 0",
    "lead_activities.ck_activity_type": one_of("type", "call email whatsapp viewing meeting offer_made"),
    "lead_activities.ck_activity_outcome": one_of("outcome", "positive negative neutral") + " OR outcome IS NULL",
    "follow_up_tasks.ck_task_type": one_of("type", "call email whatsapp viewing"),
    "follow_up_tasks.ck_task_priority": one_of("priority", "high medium low"),
    "follow_up_tasks.ck_task_status": one_of("status", "pending completed overdue"),
    "lead_property_interests.ck_interest_level": one_of("interest_level", "high medium low"),
    "lead_sources.ck_lead_source_source_type": one_of("source_type", SOURCES),
}
REFERENCES = """follow_up_tasks lead_id CASCADE; follow_up_tasks agent_id CASCADE;
    lead_assignments lead_id CASCADE; lead_assignments agent_id CASCADE; lead_activities lead_id CASCADE;
    lead_activities agent_id CASCADE; lead_property_interests lead_id CASCADE; lead_sources lead_id CASCADE;
    lead_sources referrer_agent_id SET NULL; lead_conversion_history lead_id CASCADE;
    lead_conversion_history agent_id SET NULL; agent_performance_metrics agent_id CASCADE"""
TARGETS = {"lead_id": "leads lead_id", "agent_id": "agents agent_id", "referrer_agent_id": "agents agent_id"}
FOREIGN_KEYS = {
    f"{table}.{table}_{column}_fkey": f"FOREIGN KEY {column} REFERENCES {TARGETS[column]} ON DELETE {action}"
    for table, column, action in (reference.split(maxsplit=2) for reference in REFERENCES.split(";"))
}
INDEXES = {
    "idx_leads_phone_source_created": "leads phone, source_type, created_at",
    "ix_leads_status_created_at": "leads status, created_at",
    "ix_leads_score": "leads score",
    "ix_leads_active": "leads created_at WHERE status <> ALL ARRAY['converted', 'lost']",
    "ix_lead_activities_lead_id_activity_at": "lead_activities lead_id, activity_at",
    "ix_follow_up_tasks_agent_id_due_date": "follow_up_tasks agent_id, due_date",
    "ix_follow_up_tasks_pending": "follow_up_tasks due_date WHERE status = 'pending'",
    "ix_agent_performance_metrics_agent_id_updated_at": "agent_performance_metrics agent_id, updated_at",
    "ix_property_interests_property_id": "lead_property_interests property_id",
    "ix_lead_sources_source_type": "lead_sources source_type",
}
EACH = "FOR EACH ROW EXECUTE FUNCTION"
CHANGED = "FOR EACH ROW WHEN old.status IS DISTINCT FROM new.status EXECUTE FUNCTION"
ON_ANY = "AFTER INSERT OR DELETE OR UPDATE"
TRIGGERS = {
    "leads.trg_enforce_status_transition": f"BEFORE UPDATE {CHANGED} enforce_status_transition",
    "leads.trg_leads_updated_at": f"BEFORE UPDATE {EACH} set_updated_at",
    "leads.trg_log_status_transition": f"AFTER UPDATE {CHANGED} log_status_transition",
    "follow_up_tasks.trg_block_overdue_follow_up": f"BEFORE INSERT {EACH} block_overdue_follow_up",
    "follow_up_tasks.trg_follow_up_tasks_updated_at": f"BEFORE UPDATE {EACH} set_updated_at",
    "lead_assignments.trg_refresh_active_leads_on_assignment": f"{ON_ANY} {EACH} refresh_active_leads_count",
    "lead_assignments.trg_enforce_agent_max_workload": f"BEFORE INSERT {EACH} enforce_agent_max_workload",
}
DOCUMENTED = {"constraints": KEYS | CHECKS | FOREIGN_KEYS, "indexes": INDEXES, "triggers": TRIGGERS}
HERE = "= 'public'::regnamespace"
CATALOGUE = {
    "columns": f"""select relname, string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
            case when not attnotnull then 'null' end, pg_get_expr(adbin, adrelid)), '; ' order by attnum)
        from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
            left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where relnamespace {HERE} and relkind = 'r' and relname <> 'alembic_version' group by relname""",
    "constraints": f"""select concat(conrelid::regclass, '.', conname), pg_get_constraintdef(oid)
        from pg_constraint where connamespace {HERE} and contype in ('p', 'u', 'f', 'c', 'x')
            and conrelid is distinct from to_regclass('alembic_version')""",
    "indexes": """select indexname, regexp_replace(indexdef, '^CREATE INDEX .* ON (.*) USING btree', '\\1')
        from pg_indexes where schemaname='public' and indexname not in (select conname from pg_constraint)""",
    "triggers": """select concat(tgrelid::regclass, '.', tgname),
            regexp_replace(pg_get_triggerdef(oid), '^CREATE TRIGGER \\S+ (.+) ON \\S+ ', '\\1 ')
        from pg_trigger where not tgisinternal""",
    "functions": f"select oid::regprocedure::text, prosrc from pg_proc where pronamespace {HERE}",
}


def read_catalogue(connection):
    return {part: dict(connection.execute(text(sql)).all()) for part, sql in CATALOGUE.items()}


@pytest.fixture
def seed(empty_database):
    """A connection to the seed's database; every statement is a transaction of its own."""
    with migrating(empty_database):
        flask_migrate.upgrade(revision=HEAD)
    engine = create_engine(empty_database, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def run(seed, sql, **values):
    return seed.execute(text(sql), values)


def make_lead(seed, status="new"):
    sql = """insert into leads (source_type, first_name, last_name, phone, status)
        values ('bayut', 'Omar', 'Haddad', '+971501234567', :status) returning lead_id"""
    return run(seed, sql, status=status).scalar()


def make_agent(seed, name):
    sql = """insert into agents (full_name, email, phone)
        values (cast(:name as text), :name || '@desk.example', :name) returning agent_id"""
    return run(seed, sql, name=name).scalar()


def assign(seed, lead, agent):
    sql = "insert into lead_assignments (lead_id, agent_id) values (:lead, :agent) returning assignment_id"
    return run(seed, sql, lead=lead, agent=agent).scalar()


def assign_new(seed, agent, count):
    return [assign(seed, make_lead(seed), agent) for _ in range(count)]


def schedule(seed, lead, agent, late):
    sql = """insert into follow_up_tasks (lead_id, agent_id, type, due_date)
        values (:lead, :agent, 'call', now() - :late)"""
    return run(seed, sql, lead=lead, agent=agent, late=late)


def load(seed, agent):
    return run(seed, "select active_leads_count from agents where agent_id = :id", id=agent).scalar()


def move(seed, lead, status):
    run(seed, "update leads set status = :status where lead_id = :id", id=lead, status=status)


@contextmanager
def refused(*expected):
    with pytest.raises(IntegrityError) as caught:
        yield
    assert (caught.value.orig.sqlstate, caught.value.orig.diag.constraint_name) == expected


class TestSeed:
    def test_the_tables_have_the_83_documented_columns_in_the_documented_order(self, seed):
        found = {table: spelled(columns) for table, columns in read_catalogue(seed)["columns"].items()}
        assert found == {table: " ".join(columns.split()) for table, columns in COLUMNS.items()}

    def test_constraints_indexes_and_triggers_are_the_documented_ones(self, seed):
        catalogue = read_catalogue(seed)
        for part, expected in DOCUMENTED.items():
            assert {name: plain(found) for name, found in catalogue[part].items()} == expected

    def test_the_canonical_rules_are_there(self, seed):
        sql = """select condition ->> 'type', string_agg(points::text, ' ' order by points)
            from (select condition, score_adjustment as points from lead_scoring_rules) as rules group by 1"""
        assert "; ".join(f"{kind} {points}" for kind, points in sorted(run(seed, sql))) == (
            "activity_outcome 5; activity_type 10 20; budget_min 5 10 15 20; inactivity_days -10; "
            "nationality 5 10; preferred_areas 5; property_type 5; referral 10; "
            "response_time -10 0 5 10 15; source 70 75 80 85 90 95"
        )


class TestTriggers:
    def test_every_move_but_the_allowed_ones_is_refused(self, seed):
        for before in MOVES:
            for after in MOVES:
                lead = make_lead(seed, before)
                if after == before or after in MOVES[before]:
                    move(seed, lead, after)
                else:
                    with refused("23Z01", "invalid_status_transition"):
                        move(seed, lead, after)

    def test_each_move_leaves_one_history_row_with_the_owner_in_order_even_within_a_transaction(self, seed):
        lead, agent = make_lead(seed), make_agent(seed, "Aisha")
        assign(seed, lead, agent)
        run(seed, "begin")
        for status in ("new", "contacted", "lost"):
            move(seed, lead, status)
        run(seed, "commit")
        sql = """select rank() over (order by changed_at), status_from, status_to, agent_id
            from lead_conversion_history order by 1"""
        assert run(seed, sql).all() == [(1, "new", "contacted", agent), (2, "contacted", "lost", agent)]

    def test_a_task_is_refused_31_days_late_and_taken_29_days_late(self, seed):
        whose = make_lead(seed), make_agent(seed, "Aisha")
        with refused("23Z02", "overdue_task"):
            schedule(seed, *whose, timedelta(days=31))
        assert schedule(seed, *whose, timedelta(days=29)).rowcount == 1

    def test_the_last_change_is_dated_on_leads_and_tasks(self, seed):
        schedule(seed, make_lead(seed), make_agent(seed, "Aisha"), timedelta())
        for table in ("leads", "follow_up_tasks"):
            before = run(seed, f"select updated_at from {table}").scalar()
            assert run(seed, f"update {table} set updated_at = '2020-01-01' returning updated_at").scalar() > before

    def test_the_counter_follows_assignments_as_they_come_move_and_go(self, seed):
        aisha, omar = make_agent(seed, "Aisha"), make_agent(seed, "Omar")
        moved, *_kept = assign_new(seed, aisha, 3)
        assign(seed, make_lead(seed, "lost"), aisha)
        assert (load(seed, aisha), load(seed, omar)) == (3, 0)
        run(seed, "update lead_assignments set agent_id = :to where assignment_id = :id", to=omar, id=moved)
        assert (load(seed, aisha), load(seed, omar)) == (2, 1)
        run(seed, "delete from lead_assignments where assignment_id = :id", id=moved)
        assert (load(seed, aisha), load(seed, omar)) == (2, 0)

    def test_the_counter_outlives_deleted_leads_and_agents(self, seed):
        aisha, omar = make_agent(seed, "Aisha"), make_agent(seed, "Omar")
        assign_new(seed, aisha, 2)
        assign_new(seed, omar, 1)
        run(seed, "delete from agents where agent_id <> :id", id=aisha)
        run(seed, "delete from leads where lead_id = (select lead_id from lead_assignments limit 1)")
        assert load(seed, aisha) == 1

    def test_the_51st_active_lead_is_refused_and_a_closed_one_is_not(self, seed):
        aisha = make_agent(seed, "Aisha")
        assign_new(seed, aisha, 50)
        with refused("23Z03", "agent_overload"):
            assign(seed, make_lead(seed), aisha)
        assign(seed, make_lead(seed, "converted"), aisha)
        assert load(seed, aisha) == 50


@pytest.mark.row("G1")
class TestRevisions:
    def test_seeding_twice_makes_24_rules(self, seed, empty_database):
        with migrating(empty_database):
            flask_migrate.stamp(revision="d6e4f7g85c21")
            flask_migrate.upgrade(revision="e7f5g8h96d32")
        assert run(seed, "select count(*) from lead_scoring_rules").scalar() == 24

    def test_a_downgrade_that_the_data_forbids_names_the_rows(self, seed, empty_database, caplog):
        _first, repeated = make_lead(seed), make_lead(seed)
        with migrating(empty_database), pytest.raises(SystemExit):
            flask_migrate.downgrade(revision="f8g9h10i11j12")
        assert str(repeated) in caplog.text
        assert "idx_leads_phone_source_created" in read_catalogue(seed)["indexes"]


class TestDocument:
    @staticmethod
    def check(root):
        script = ROOT / "scripts" / "check_migration_docs.py"
        return subprocess.run([sys.executable, script, root], capture_output=True, text=True, check=False)

    def test_it_lists_exactly_the_revisions(self):
        assert self.check(ROOT).returncode == 0

    def test_a_doctored_copy_turns_red(self, tmp_path):
        shutil.copytree(ROOT / "migrations" / "versions", tmp_path / "migrations" / "versions")
        shutil.copytree(ROOT / "docs", tmp_path / "docs")
        document = tmp_path / "docs" / "database_schema.md"
        document.write_text(document.read_text().replace("| 5 | `c5d3e6f94b20`", "| 5 | `c5d3e6f94b21`"))
        found = self.check(tmp_path)
        assert (found.returncode, "c5d3e6f94b20" in found.stderr) == (1, True)
