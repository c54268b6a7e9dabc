"""What the doctor finds: nothing in what the services do, and every defect that somebody plants."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.factories import a_lead, backdated, busy, prompt, sql, value
from tests.production import eventually
from tests.services.plants import FILL, FOREIGN, FORGOTTEN, KEPT, PLANTED_BY_THEMSELVES, PLANTS, found, planted
from webapp import demo
from webapp.database.engine import APP_ROLE
from webapp.extensions import db
from webapp.services import activities, assignments, backups, doctor, leads, pipeline, scoring, tasks
from webapp.services.backups import BACKUP
from webapp.services.doctor import guards
from webapp.services.leads.details import of_lead
from webapp.services.pipeline import Deal
from webapp.vocabulary import ActivityType, DealType, LostReason, Outcome, Source, Status


def told(app, *words) -> tuple[int, str]:
    """How the command ends, and what it prints."""
    ended = app.test_cli_runner().invoke(args=["doctor", *words])
    return ended.exit_code, ended.output


@pytest.fixture
def office(aisha, yousef):
    """Aisha's leads: Layla (#10001), who was called, and Omar (#10002), who was not."""
    sql("UPDATE agents SET on_duty = false WHERE full_name = 'Yousef Haddad'")
    layla = a_lead("+971501234567", Source.WEBSITE)
    activities.log(layla.lead_id, by=aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE)
    a_lead("+971502345678", Source.WEBSITE)
    assert found() == {}


class TestExamine:
    def test_every_check_has_a_defect_that_it_finds(self):
        assert {check.name for check in doctor.CHECKS} == PLANTS.keys() | FORGOTTEN.keys() | PLANTED_BY_THEMSELVES

    @pytest.mark.usefixtures("office")
    @pytest.mark.parametrize("check", PLANTS | FORGOTTEN)
    def test_a_planted_defect_is_found_and_nothing_else(self, check):
        script, (subject, stored, right) = (PLANTS | FORGOTTEN)[check]
        planted(script, "" if check in FORGOTTEN else FILL)

        findings = found()

        assert findings.keys() == {check}
        (difference,) = findings[check].differences
        assert difference.subject == subject
        assert stored in (None, difference.stored)
        assert right in (None, difference.right)

    @pytest.mark.usefixtures("office")
    @pytest.mark.parametrize("check", KEPT)
    def test_what_another_product_left_is_kept(self, check):
        planted(FOREIGN)
        assert found() == {}
        planted(KEPT[check])

        findings = found()

        assert findings.keys() == {check}
        assert findings[check].kept

    def test_an_agent_above_the_cap(self, yousef):
        busy(yousef, 50)
        planted("""
            WITH made AS (INSERT INTO leads (source_type, first_name, last_name, phone)
                          VALUES ('bayut', '', '', '+971529999999') RETURNING lead_id),
            owned AS (INSERT INTO lead_assignments (lead_id, agent_id)
                      SELECT lead_id, agent_id FROM made, agents)
            INSERT INTO assignment_history (lead_id, agent_id, agent_name)
            SELECT lead_id, agent_id, full_name FROM made, agents""")

        findings = found()

        assert findings.keys() == {"cap", "active_leads_count"}
        assert findings["cap"].differences == (doctor.Difference("Yousef Haddad", "51", "at most 50"),)

    def test_an_agent_without_a_name_is_told_by_the_id(self, aisha):
        planted("UPDATE agents SET full_name = ' ', active_leads_count = 3")

        (difference,) = found()["active_leads_count"].differences

        assert difference.subject == str(aisha.agent_id)

    @pytest.mark.usefixtures("app")
    def test_a_guard_that_is_switched_off(self):
        sql("ALTER TABLE leads DISABLE TRIGGER trg_enforce_status_transition")
        try:
            assert [d.stored for d in found()["guard"].differences] == ["trg_enforce_status_transition"]
        finally:
            sql("ALTER TABLE leads ENABLE TRIGGER trg_enforce_status_transition")

    @pytest.mark.usefixtures("office")
    def test_an_index_that_could_not_be_finished(self):
        with pytest.raises(Exception, match="could not create unique index"):
            sql("CREATE UNIQUE INDEX CONCURRENTLY one_a_source ON leads (source_type)")
        try:
            assert [d.stored for d in found()["index"].differences] == ["one_a_source"]
        finally:
            sql("DROP INDEX one_a_source")

    @pytest.mark.usefixtures("app")
    def test_every_counter_of_numbers_is_looked_at(self):
        counters = sql("""
            SELECT attrelid::regclass::text AS table, attname::text AS column
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
              AND (attidentity <> '' OR pg_get_expr(adbin, adrelid) LIKE 'nextval%')""")

        assert {tuple(counter) for counter in counters} == set(guards.COUNTED)

    def test_many_differences_are_counted_and_the_first_ones_shown(self, yousef):
        busy(yousef, 25)
        planted("UPDATE leads SET phone = 'none'")

        finding = found()["phone"]

        assert (finding.count, len(finding.differences), finding.kept) == (25, doctor.LISTED, True)
        assert finding.differences[0].subject == "#10001"

    @pytest.mark.usefixtures("app")
    def test_a_demo_office_is_sound(self):
        demo.seed(leads=300, agents=12, seed=42, as_of=datetime(2026, 3, 5))

        assert found() == {}

    def test_whatever_the_services_do_is_sound(self, aisha, yousef, mariam):
        layla = a_lead("+971501234567", Source.WEBSITE)
        assert not leads.capture(of_lead(layla), leads.Origin(), by=mariam).created
        call = activities.log(layla.lead_id, by=mariam, type=ActivityType.CALL, outcome=Outcome.POSITIVE)
        activities.strike(call.activity_id, by=mariam)
        activities.log(layla.lead_id, by=mariam, type=ActivityType.VIEWING)
        leads.amend(layla.lead_id, leads.Details("0501234568", Source.WEBSITE), by=mariam, version=1)
        owner = db.session.scalar(text("SELECT agent_id FROM lead_assignments"))
        other = next(agent.agent_id for agent in (aisha, yousef) if agent.agent_id != owner)
        assignments.assign(layla.lead_id, by=mariam, agent_id=other, reason="On leave")
        for before, after in ((Status.CONTACTED, Status.QUALIFIED), (Status.QUALIFIED, Status.VIEWING_SCHEDULED)):
            pipeline.move(layla.lead_id, by=mariam, status_from=before, status=after)
        pipeline.move(layla.lead_id, by=mariam, status_from=Status.VIEWING_SCHEDULED, status=Status.NEGOTIATION)
        deal = Deal(DealType.SALE, Decimal(1_900_000))
        pipeline.move(layla.lead_id, by=mariam, status_from=Status.NEGOTIATION, status=Status.CONVERTED, deal=deal)
        leads.open_again(layla.lead_id, by=mariam)
        omar = a_lead("+971502345678", Source.DUBIZZLE)
        pipeline.move(omar.lead_id, by=mariam, status_from=Status.NEW, status=Status.LOST, lost_reason=LostReason.PRICE)
        leads.amend(a_lead().lead_id, leads.Details("0501234568", Source.WEBSITE), by=mariam, version=1)

        assert found() == {}

    def test_charged_silences_are_sound(self, aisha):
        quiet = backdated(a_lead(), days=20)
        scoring.charge_silences()
        activities.log(quiet.lead_id, by=aisha, type=ActivityType.CALL)
        tasks.mark_overdue()

        assert found() == {}


class TestCommand:
    @pytest.mark.usefixtures("office")
    def test_nothing_found_ends_with_0(self, app):
        assert told(app) == (0, f"{len(doctor.CHECKS)} checks: nothing is wrong.\n")

    @pytest.mark.usefixtures("office")
    def test_something_wrong_ends_with_1_and_says_whose_what_and_why(self, app):
        planted(PLANTS["active_leads_count"][0])

        code, said = told(app)

        assert code == 1
        assert "An agent's counter is not the number of their active leads. (active_leads_count, 1)" in said
        assert "Aisha Rahman: 7 - right: 2" in said

    @pytest.mark.usefixtures("office")
    def test_what_was_kept_is_listed_and_ends_with_0(self, app):
        planted(FOREIGN)
        planted(KEPT["phone"])

        code, said = told(app)

        assert code == 0
        assert "Kept from older data: A phone number is not written as E.164." in said
        assert "#10003: 050 123" in said

    def test_more_than_it_lists_is_counted(self, app, yousef):
        busy(yousef, 25)
        planted("UPDATE leads SET phone = 'none'")

        assert "  and 5 more\n" in told(app)[1]

    @pytest.mark.usefixtures("office")
    def test_it_keeps_nothing_else_open_however_long_it_takes(self, app):
        """A second transaction of ours would be ended by the server as idle, and the command with it."""
        open_beside = """
            SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting,
                   count(*) FILTER (WHERE state = 'idle in transaction') AS idle
            FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"""
        with prompt(autocommit=False) as holder, ThreadPoolExecutor(1) as pool:
            holder.execute("LOCK TABLE leads")
            ended = pool.submit(told, app)
            try:
                (seen,) = eventually(
                    lambda: [row for row in sql(open_beside, holder.info.backend_pid) if row.waiting],
                    "the doctor at work",
                )
            finally:
                holder.rollback()

            assert seen.idle == 0
            assert ended.result()[0] == 0

    @pytest.mark.usefixtures("office")
    def test_a_table_that_somebody_holds_is_a_sentence(self, app):
        with prompt(autocommit=False) as holder:
            holder.execute("LOCK TABLE leads")

            code, said = told(app)

        assert (code, said.count("\n")) == (2, 1)
        assert "could not be examined (canceling statement due to lock timeout)" in said

    @pytest.mark.usefixtures("office")
    def test_a_database_of_another_revision_is_not_judged(self, app):
        revision = value("SELECT version_num FROM alembic_version")
        sql("UPDATE alembic_version SET version_num = 'another'")
        try:
            code, said = told(app)
        finally:
            sql("UPDATE alembic_version SET version_num = %s", revision)

        assert code == 2
        assert "db upgrade" in said


@pytest.mark.usefixtures("app")
class TestUnwise:
    """What `doctor --deploy` says besides what the server refuses."""

    def said(self, connections=10) -> str:
        return "\n".join(doctor.unwise(connections=connections))

    def test_nobody_works(self):
        assert "No worker gives a sign of life" in self.said()
        sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
        try:
            assert "No worker" not in self.said()
        finally:
            sql("DELETE FROM procrastinate_workers")

    def test_a_job_failed(self):
        assert "Turns of jobs" not in self.said()
        sql("INSERT INTO job_turns (job, due_at, state) VALUES ('overdue', now(), 'broken')")
        try:
            assert "Turns of jobs that failed since yesterday: 1." in self.said()
        finally:
            sql("DELETE FROM job_turns")

    @pytest.mark.row("R3")
    def test_no_backup_or_none_for_26_hours(self, app, figure):
        assert "There is no backup" in self.said()
        backups.record_made(by=BACKUP, file="/backups/desk", size=1, sha256="0")
        assert "backup" not in self.said()
        sql("UPDATE audit_entries SET happened_at = now() - interval '25 h 59 min'")
        assert "backup" not in self.said()
        sql("UPDATE audit_entries SET happened_at = now() - interval '26 h 1 min'")
        assert "The last backup is 26 hours old" in self.said()
        figure("R3", "noticed after, h", backups.TOO_OLD / 3600)
        code, said = told(app, "--deploy")
        assert code == 1
        assert "The last backup is 26 hours old" in said

    def test_more_connections_than_the_server_has(self):
        assert "max_connections" not in self.said()
        assert "the app may open 9999: raise max_connections" in self.said(connections=9999)

    def test_a_crash_would_lose_what_was_saved(self):
        db.session.execute(text("SET LOCAL synchronous_commit = on"))
        assert "synchronous_commit" not in self.said()
        db.session.execute(text("SET LOCAL synchronous_commit = off"))
        assert "The server's synchronous_commit is off" in self.said()

    def test_the_app_works_as_the_owner(self):
        assert "may rewrite the audit" not in self.said()
        db.session.execute(text("SET LOCAL ROLE NONE"))
        assert f"take on the role {APP_ROLE}" in self.said()

    def test_the_clocks_differ(self, clock):
        assert "clocks" not in self.said()
        clock.pass_by(hours=2)
        assert "clocks of this machine and of the database" in self.said()

    def test_nobody_is_admin(self, request):
        assert "Nobody is an active admin" in self.said()
        request.getfixturevalue("omar")
        assert "admin" not in self.said()

    def test_a_database_that_was_not_migrated_is_told_elsewhere(self):
        sql("ALTER TABLE alembic_version RENAME TO moved_away")
        try:
            assert self.said() == ""
        finally:
            sql("ALTER TABLE moved_away RENAME TO alembic_version")
