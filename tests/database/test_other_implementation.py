"""A database that another implementation of the seed's thirteen revisions made is taken over with its data."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import flask_migrate
import pytest
from flask import current_app

from tests.conftest import connection, new_database
from tests.database import catalogue, migrator
from tests.factories import a_capture, a_user, now, owner, sql, value
from tests.web.browser import Browser
from tests.web.conftest import may_sign_in
from webapp.extensions import db
from webapp.jobs import JOBS
from webapp.models import Lead
from webapp.services import activities, assignments, doctor, leads, pipeline, tasks
from webapp.services.leads import Details, Filters
from webapp.services.pipeline import Deal
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, DealType, PropertyType, Role, Source, Status, TaskType

pytestmark = pytest.mark.row("G1")

FILES = Path(__file__).parents[1] / "fixtures" / "other_implementation"
KEYS = {
    "leads": "lead_id",
    "agents": "agent_id",
    "lead_assignments": "assignment_id",
    "lead_activities": "activity_id",
    "follow_up_tasks": "task_id",
    "lead_property_interests": "interest_id",
    "lead_sources": "source_id",
    "lead_conversion_history": "history_id",
    "agent_performance_metrics": "metric_id",
    "lead_scoring_rules": "rule_id",
}
MOMENTS = {
    "leads": ("created_at", "updated_at"),
    "agents": ("created_at", "updated_at"),
    "follow_up_tasks": ("created_at", "updated_at"),
    "lead_assignments": ("assigned_at", "reassigned_at"),
    "lead_activities": ("activity_at", None),
    "lead_conversion_history": ("changed_at", None),
    "agent_performance_metrics": ("updated_at", None),
    "lead_sources": ("created_at", None),
    "lead_property_interests": ("created_at", None),
    "lead_scoring_rules": ("created_at", None),
}
CLASHES = """
    SELECT count(*) FROM {schema}.follow_up_tasks one JOIN {schema}.follow_up_tasks other
        ON other.agent_id = one.agent_id AND other.task_id > one.task_id
        AND abs(extract(epoch FROM other.due_date - one.due_date)) < 1800
    WHERE one.status <> 'completed' AND other.status <> 'completed'
"""
REPEATS = """
    SELECT count(*) FROM {schema}.leads one JOIN {schema}.leads other
        ON other.phone = one.phone AND other.source_type = one.source_type AND other.lead_id > one.lead_id
        AND abs(extract(epoch FROM other.created_at - one.created_at)) < 86400
"""


@dataclass(frozen=True)
class TakenOver:
    """The upgraded database, what the migrator said, and when it began. What was there is in the schema `before`."""

    url: str
    said: str
    began: datetime


@pytest.fixture(scope="module")
def taken_over(server_url):
    with new_database(server_url) as url:
        with connection(url) as theirs:
            for part in ("schema", "data", "triggers"):
                theirs.execute((FILES / f"{part}.sql").read_text())
            theirs.execute("CREATE SCHEMA before")
            for table in KEYS:
                theirs.execute(f"CREATE TABLE before.{table} AS TABLE public.{table}")
            ((began,),) = theirs.execute("SELECT clock_timestamp()")
        ended = migrator.run(url, "upgrade")
        assert ended.code == 0, ended.said
        with migrator.migrating(url):
            yield TakenOver(url, ended.said, began)


@pytest.fixture(autouse=True)
def nothing_left_open(taken_over):
    yield
    db.session.remove()


def lead(number: int) -> UUID:
    return UUID(hashlib.md5(f"lead {number}".encode()).hexdigest())


def agent(number: int) -> UUID:
    return UUID(hashlib.md5(f"agent {number}".encode()).hexdigest())


class TestSchema:
    def test_it_is_the_one_of_our_own_databases(self, taken_over):
        assert catalogue.read(taken_over.url) == catalogue.golden()

    def test_the_models_ask_for_nothing_else(self, taken_over):
        """`flask db check` ends with an error where they do."""
        flask_migrate.check()


class TestRows:
    def test_all_are_kept_with_everything_they_said(self, taken_over, figure):
        """But for what the next tests look at: owners above the cap, counters, sums and elements that say nothing."""
        lost, changed, kept = [], [], 0
        for table, key in KEYS.items():
            lost += sql(f"SELECT {key} FROM before.{table} WHERE {key} NOT IN (SELECT {key} FROM {table})")
            changed += sql(f"""
                SELECT '{table}' AS on_table, {key} AS id, said.key, said.value, to_jsonb(now) -> said.key AS now
                FROM before.{table} old JOIN {table} now USING ({key}) CROSS JOIN jsonb_each(to_jsonb(old)) said
                WHERE said.value NOT IN ('null', '"NaN"') AND said.key <> 'active_leads_count'
                  AND jsonb_path_query_array(to_jsonb(now) -> said.key, '$[*]')
                      <> jsonb_path_query_array(said.value, '$[*] ? (@ != null)')""")
            kept += value(f"SELECT count(*) FROM {table} JOIN before.{table} USING ({key})")

        assert changed == []
        assert len(lost) == 57 + 53 - 2 * 50
        assert value("SELECT count(*) FROM leads") == 200
        figure("G1", "rows of another implementation's database that were kept", kept)
        figure("G1", "assignments above the cap that were ended", len(lost))

    def test_an_empty_timestamp_is_the_rows_other_one_else_the_moment_of_the_upgrade(self, taken_over):
        filled = 0
        for table, (one, other) in MOMENTS.items():
            for moment, spare in ((one, other), (other, one))[: 2 if other and other != "reassigned_at" else 1]:
                rows = sql(f"""
                    SELECT now.{moment} AS filled, {f"old.{spare}" if spare else "NULL::timestamptz"} AS spare
                    FROM before.{table} old JOIN {table} now USING ({KEYS[table]}) WHERE old.{moment} IS NULL""")
                filled += len(rows)
                assert all(row.filled == row.spare if row.spare else row.filled > taken_over.began for row in rows), (
                    table
                )
        assert filled > 300
        assert value("SELECT count(*) FROM before.leads WHERE coalesce(created_at, updated_at) IS NULL") > 0

    def test_above_fifty_the_newest_leads_are_nobodys_and_the_history_says_why(self, taken_over):
        beyond = sql("""
            SELECT lead_id, agent_id FROM (
                SELECT lead_id, agent_id, row_number() OVER (
                    PARTITION BY agent_id ORDER BY coalesce(l.created_at, l.updated_at, 'infinity')) AS place
                FROM before.lead_assignments JOIN before.leads l USING (lead_id)
                WHERE l.status NOT IN ('converted', 'lost')) ranked
            WHERE place > 50""")
        ended = sql("""
            SELECT lead_id, from_agent_id AS agent_id FROM assignment_history
            WHERE agent_id IS NULL AND reason = 'The agent held more than 50 active leads when the data was taken over.'
              AND lead_id NOT IN (SELECT lead_id FROM lead_assignments)""")

        assert {*ended} == {*beyond}
        assert sorted(row.agent_id for row in beyond) == sorted([agent(1)] * 7 + [agent(2)] * 3)

    def test_every_counter_is_right(self, taken_over):
        wrong = sql("""
            SELECT full_name FROM agents g WHERE active_leads_count <> (
                SELECT count(*) FROM lead_assignments a JOIN leads l USING (lead_id)
                WHERE a.agent_id = g.agent_id AND l.status NOT IN ('converted', 'lost'))""")

        assert wrong == []
        assert value("SELECT max(active_leads_count) FROM agents") == 50
        assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", agent(3)) == 12

    @pytest.mark.parametrize("defects", [CLASHES, REPEATS], ids=["clashing follow-ups", "old repeats"])
    def test_what_breaks_a_rule_of_ours_stays(self, taken_over, defects):
        assert value(defects.format(schema="public")) == value(defects.format(schema="before")) > 0

    def test_the_doctor_lists_it_and_finds_nothing_wrong(self, taken_over):
        findings = doctor.examine()

        assert [finding for finding in findings if not finding.kept] == []
        assert {"follow_up_clash", "duplicate", "phone", "final_move", "status_chain"} <= {
            finding.check.name for finding in findings
        }

    def test_a_sum_that_is_no_number_is_empty_and_the_migrator_names_its_row(self, taken_over):
        assert value("SELECT count(*) FROM leads WHERE 'NaN' IN (budget_min, budget_max)") == 0
        assert value("SELECT budget_min FROM leads WHERE lead_id = %s", lead(186)) == 500_000
        assert value("SELECT count(*) FROM lead_conversion_history WHERE deal_value = 'NaN'") == 0
        assert "Sums that were not a number are empty from now on" in taken_over.said
        assert [number for number in range(1, 201) if f"lead {lead(number)}" in taken_over.said] == [185, 186, 187]

    def test_every_score_has_its_lines(self, taken_over):
        """One line a lead; a score of 0 needs none."""
        wrong = sql("""
            SELECT score, sum(counted) FROM leads LEFT JOIN score_lines USING (lead_id)
            GROUP BY lead_id HAVING score <> coalesce(sum(counted), 0)""")

        assert wrong == []

    def test_their_scoring_rules_stay_as_they_are(self, taken_over):
        assert value("SELECT count(*) FROM lead_scoring_rules WHERE rule_name IN ('src_bayut', 'moon_phase')") == 2
        assert value("SELECT count(*) FROM lead_scoring_rules") == 25


@pytest.fixture(scope="module")
def mariam(taken_over):
    """The manager, who is new here."""
    return may_sign_in(a_user("Mariam Saleh", Role.MANAGER))


@pytest.fixture(scope="module")
def browser(mariam):
    return Browser(current_app).sign_in(mariam)


class TestPages:
    def test_the_list_has_all_leads(self, browser, mariam):
        listed, after = [], None
        while page := leads.page(Filters(), by=mariam, after=after):
            assert browser.get("leads.index", after=after).status_code == 200
            listed += [row.lead_id for row in page.rows]
            if not (after := page.after):
                break

        assert len(listed) == len({*listed}) == 200

    def test_a_leads_page_and_its_form_show_whatever_the_lead_holds(self, browser, full):
        for number in range(1, 201) if full else (11, 61, 124, 132, *range(151, 167), *range(180, 201)):
            assert browser.get("leads.show", lead_id=lead(number)).status_code == 200, number
            if full or number > 180:
                assert browser.get("leads.edit", lead_id=lead(number)).status_code == 200, number

    def test_words_outside_our_lists_are_shown_as_they_stand(self, browser):
        said = browser.get("leads.show", lead_id=lead(197)).said()

        assert "Penthouse" in said
        assert "speaks Russian" in said

    def test_the_other_pages_come_too(self, browser, mariam):
        assert browser.get("home.show").status_code == 200
        for number in (190, 193, 197):
            phone = value("SELECT phone FROM leads WHERE lead_id = %s", lead(number))
            assert browser.get("front_desk.show", phone=phone).status_code == 200
        for number in range(1, 8):
            assert browser.get("leads.index", owner=agent(number)).status_code == 200
        huda = may_sign_in(a_user("Huda Al Falasi", Role.AGENT, agent_id=agent(1)))
        assert Browser(current_app).sign_in(huda).get("home.show").status_code == 200


class TestWork:
    def test_a_lead_is_captured_and_given_to_somebody_below_the_cap(self, mariam):
        new = a_capture(by=mariam, property_type=PropertyType.APARTMENT, budget_max=Decimal(3_000_000))

        assert new.created
        assert new.assignment.agent_id not in (agent(1), agent(2))
        assert score_is_explained(new.lead.lead_id)

    def test_somebody_who_called_long_ago_is_the_same_persons_new_lead(self, mariam):
        again = a_capture("+971552000181", Source.BAYUT, by=mariam)

        assert again.created
        assert owner(again.lead) == agent(5)

    def test_a_lead_that_the_cap_left_without_an_owner_gets_one_and_its_follow_ups_go_along(self, mariam):
        assignments.assign(lead(6), by=mariam, agent_id=agent(4))
        activities.log(lead(46), by=mariam, type=ActivityType.CALL)

        for lead_id in (lead(6), lead(46)):
            ((agent_id,),) = sql("SELECT agent_id FROM lead_assignments WHERE lead_id = %s", lead_id)
            calendars = sql(
                "SELECT agent_id FROM follow_up_tasks WHERE lead_id = %s AND status <> 'completed'", lead_id
            )
            assert agent_id not in (agent(1), agent(2))
            assert [row.agent_id for row in calendars] == [agent_id] * 2
            assert score_is_explained(lead_id)

    @pytest.mark.parametrize("number", [180, 184, 185, 186, 187, 189, 190, 191, 192, 193, 195, 196, 197, 198, 199, 200])
    def test_an_odd_lead_is_worked_to_the_deal(self, mariam, number):
        lead_id = lead(number)
        activities.log(lead_id, by=mariam, type=ActivityType.VIEWING, follow_up=self.some_day(number))
        while (status := the_lead(lead_id).status) != Status.CONVERTED:
            deal = Deal(DealType.SALE, Decimal(1_000_000)) if status.forward == Status.CONVERTED else None
            pipeline.move(lead_id, by=mariam, status_from=status, status=status.forward, deal=deal)

        assert score_is_explained(lead_id)
        assert value("SELECT count(*) FROM follow_up_tasks WHERE lead_id = %s AND status <> 'completed'", lead_id) == 0

    @pytest.mark.parametrize("number", [181, 186, 194, 198, 199])
    def test_an_odd_lead_is_amended_and_scored_anew(self, mariam, number):
        found = the_lead(lead(number))
        details = Details("+971501234567", found.source_type, "Layla", budget_max=Decimal(12_000_000))
        leads.amend(lead(number), details, by=mariam, version=found.version)

        assert score_is_explained(lead(number))
        assert (
            value(
                "SELECT sum(counted) FROM score_lines WHERE lead_id = %s AND rule_name = 'Score brought along'",
                lead(number),
            )
            == 0
        )

    def test_clashing_follow_ups_are_done_moved_and_handed_over_one_by_one(self, mariam):
        """The guard judges what is written, never the old row beside it."""
        whose = [lead(2), lead(4), lead(8)]
        rows = sql("SELECT lead_id, task_id FROM follow_up_tasks WHERE lead_id = ANY (%s)", whose)
        clashing = {row.lead_id: row.task_id for row in rows}
        tasks.complete(clashing[lead(2)], by=mariam)
        tasks.reschedule(clashing[lead(4)], by=mariam, due_date=now() + timedelta(days=700))
        assignments.assign(lead(8), by=mariam, agent_id=agent(4), reason="Speaks French")

        assert value("SELECT agent_id FROM follow_up_tasks WHERE task_id = %s", clashing[lead(8)]) == agent(4)

    def test_the_jobs_do_their_work(self, mariam, caplog):
        for name in JOBS:
            JOBS[name].work()

        assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
        assert value("SELECT count(*) FROM follow_up_tasks WHERE status = 'pending' AND due_date < now()") == 0
        assert value("SELECT count(*) FROM score_lines WHERE reason = 'silence'") > 50

    def test_after_all_this_the_doctor_finds_nothing_wrong(self, mariam):
        assert [finding for finding in doctor.examine() if not finding.kept] == []

    @staticmethod
    def some_day(number: int) -> FollowUp:
        return FollowUp(TaskType.CALL, now() + timedelta(days=100 + number))


class TestBack:
    def test_it_goes_down_to_the_seed_and_up_again(self, taken_over):
        flask_migrate.downgrade(revision=migrator.LAST_OF_THE_SEED)
        flask_migrate.upgrade()

        assert catalogue.read(taken_over.url) == catalogue.golden()


def the_lead(lead_id: UUID) -> Lead:
    db.session.rollback()
    return db.session.get_one(Lead, lead_id, populate_existing=True)


def score_is_explained(lead_id: UUID) -> bool:
    """Whether the lines of a lead add up to its score."""
    score = value("SELECT score FROM leads WHERE lead_id = %s", lead_id)
    return score == value("SELECT sum(counted) FROM score_lines WHERE lead_id = %s", lead_id)
