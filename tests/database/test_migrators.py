"""Migrators that meet each other, a lock or their end (rows G3, G4), and a server on another revision (G5)."""

import json
import shutil
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import make_url

from config import ROOT
from tests.conftest import connection, new_database
from tests.database import catalogue, migrator
from tests.database.migrator import REVISIONS
from tests.factories import a_lead
from tests.production import Answer, Visitor, eventually, running_office, somebody
from tests.web.browser import Browser
from webapp.vocabulary import Role

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'alter table%'
"""
REHEARSAL = '''"""A release to come: one step that touches three tables."""

from alembic import op

revision = "rehearsal"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE TABLE rehearsal (note TEXT)")
    op.execute("ALTER TABLE agents ADD rehearsal TEXT")
    op.execute("ALTER TABLE leads ADD rehearsal TEXT")


def downgrade():
    op.execute("ALTER TABLE leads DROP rehearsal")
    op.execute("ALTER TABLE agents DROP rehearsal")
    op.execute("DROP TABLE rehearsal")
'''


@pytest.fixture
def release(tmp_path) -> Path:
    """The migrations of a release to come, with one revision more."""
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations" / "versions" / "rehearsal.py").write_text(REHEARSAL.format(head=REVISIONS[-1]))
    return tmp_path / "migrations"


@contextmanager
def held(url: str, table: str):
    """A long report has read this table, and its transaction is open."""
    with connection(url) as reader, reader.transaction():
        reader.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        yield


def revision(url: str) -> str:
    with connection(url) as owner:
        ((found,),) = owner.execute("SELECT version_num FROM alembic_version")
    return found


@pytest.mark.row("G4")
class TestTogether:
    def test_one_of_five_does_the_work_and_all_end_well(self, empty_database, figure):
        crowd = [migrator.start(empty_database, "upgrade") for _ in range(5)]
        ended = [migrator.end(process) for process in crowd]

        assert [one.code for one in ended] == [0] * 5, ended
        assert sorted(one.steps for one in ended) == [0, 0, 0, 0, len(REVISIONS)]
        assert catalogue.read(empty_database) == catalogue.golden()
        figure("G4", "migrators of 5 that ran the steps", sum(one.steps > 0 for one in ended))


@pytest.mark.row("G4")
class TestKilled:
    def test_the_next_one_goes_on_wherever_it_was_killed(self, empty_database, full, figure):
        """One killed migrator after the other, until one comes through."""
        codes = [migrator.kill_at_step(empty_database, 2 if full else 9)]
        while codes[-1] == -signal.SIGKILL:
            codes.append(migrator.kill_at_step(empty_database, 2 if full else 9))

        assert codes[-1] == 0
        assert len(codes) > 2
        assert catalogue.read(empty_database) == catalogue.golden()
        figure("G4", "migrators killed on the way from nothing to head", len(codes) - 1)
        figure("G4", "repairs by hand that they needed", len(set(codes) - {0, -signal.SIGKILL}))

    def test_a_step_that_was_half_done_leaves_nothing_behind(self, server_url, template, release):
        """It has made a table and changed another one when it is killed, waiting for the third."""
        with new_database(server_url, template=make_url(template).database) as url:
            with connection(url) as owner, held(url, "leads"):
                process = migrator.start(url, "upgrade", "--directory", str(release))
                eventually(lambda: owner.execute(WAITING).fetchone() == (1,), "the migrator waits for the table")
                process.kill()
                migrator.end(process)
            eventually(lambda: catalogue.read(url) == catalogue.golden(), "the server has undone the step")
            assert revision(url) == REVISIONS[-1]

            assert migrator.run(url, "upgrade", "--directory", str(release)).code == 0
            assert "column leads.rehearsal: text" in catalogue.read(url)


@pytest.fixture
def office(server_url, template, tmp_path):
    """The production server with a manager signed in."""
    with running_office(server_url, template, tmp_path) as office, office.app.app_context():
        a_lead(first_name="Layla")
        yield office, Visitor(office).sign_in(somebody("Mariam Saleh", Role.MANAGER))


@contextmanager
def traffic(visitor: Visitor, answers: list[Answer], tabs: int):
    """The visitor looks at the leads in so many tabs at once, again and again."""
    over = threading.Event()

    def look():
        while not over.is_set():
            answers.append(visitor.get("/leads?all=1"))

    looking = [threading.Thread(target=look) for _ in range(tabs)]
    for tab in looking:
        tab.start()
    try:
        yield
    finally:
        over.set()
        for tab in looking:
            tab.join()


def p99(answers: list[Answer]) -> float:
    return sorted(answer.took for answer in answers)[int(0.99 * len(answers))]


@pytest.mark.row("G3", "G5")
class TestBlocked:
    def test_it_gives_up_and_the_office_works_on(self, office, release, full, figure):
        office, visitor = office
        schema = catalogue.read(office.database)
        quiet, meanwhile = [visitor.get("/leads?all=1") for _ in range(100 if full else 20)], []
        with held(office.database, "leads"), traffic(visitor, meanwhile, tabs=4 if full else 2):
            ended = migrator.run(office.database, "upgrade", "--directory", str(release))

        assert ended.code == 1
        assert "Another session holds a lock that the migration needs. The step was undone" in ended.said
        assert "Traceback" not in ended.said
        assert (catalogue.read(office.database), revision(office.database)) == (schema, REVISIONS[-1])
        assert {one.status for one in quiet} == {200}
        assert {one.status for one in meanwhile} <= {200, 503}
        assert all(one.headers["Retry-After"] for one in meanwhile if one.status == 503)
        assert visitor.get("/leads?all=1").status == 200
        figure(
            "G3", "objects left behind by a migration that gave up", len({*catalogue.read(office.database)} ^ {*schema})
        )
        figure("G3", "p99 of a page before it (s)", p99(quiet))
        figure("G3", "p99 of a page while it waited (s)", p99(meanwhile))
        figure("G3", "longest page while it waited (s)", max(one.took for one in meanwhile))

        assert json.loads(visitor.get("/readyz").text)["revision"] is True
        assert migrator.run(office.database, "upgrade", "--directory", str(release)).code == 0
        assert visitor.get("/leads?all=1").status == 200
        ready = visitor.get("/readyz")
        assert (ready.status, json.loads(ready.text)["revision"]) == (503, False)

    def test_a_statement_that_takes_too_long_is_undone(self, server_url, template, release):
        slow = release / "versions" / "rehearsal.py"
        slow.write_text(slow.read_text().replace("ADD rehearsal TEXT", "ADD rehearsal TEXT; SELECT pg_sleep(60)"))
        with new_database(server_url, template=make_url(template).database) as url:
            ended = migrator.run(url, "upgrade", "-x", "statement_timeout=100ms", "--directory", str(release))

            assert ended.code == 1
            assert "A statement of the migration took longer than it may" in ended.said
            assert "Traceback" not in ended.said
            assert (catalogue.read(url), revision(url)) == (catalogue.read(template), REVISIONS[-1])


@pytest.mark.row("G5")
class TestReadiness:
    def test_a_server_is_not_ready_on_another_revision(self, server_url, template, tmp_path):
        with new_database(server_url, template=make_url(template).database) as url, connection(url) as owner:
            owner.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
            with migrator.migrating(url):
                browser = Browser(current_app)
                assert browser.get("health.ready").status_code == 200
                owner.execute("UPDATE alembic_version SET version_num = %s", [REVISIONS[-2]])
                answer = browser.get("health.ready")

        assert (answer.status_code, answer.response.json["revision"]) == (503, False)
