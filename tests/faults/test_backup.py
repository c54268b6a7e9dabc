"""Backups under load and what comes back of them; damaged files, missing room, programs that die half way."""

import hashlib
import os
import re
import resource
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql as identifiers
from sqlalchemy import make_url, text

from bench import office
from config import ROOT
from tests.conftest import connection
from tests.database import catalogue
from tests.factories import a_phone, a_user, an_agent, value
from tests.factories import sql as rows
from tests.production import eventually
from tests.web.browser import PASSWORD, Browser
from webapp import create_app, demo
from webapp.database import backup, client, embedded
from webapp.database.engine import APP_ROLE
from webapp.extensions import db
from webapp.services import activities, doctor, health, leads, pipeline
from webapp.services.access import SYSTEM, Actor
from webapp.services.backups import BACKUP
from webapp.services.leads import Details, Origin
from webapp.services.users import passwords
from webapp.vocabulary import ActivityType, LostReason, Role, Source, Status

NOT_RESTORED = {"sessions", "rate_counters"}
OWNER = "desk"
WRITERS = 3

TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")
SEQUENCES = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"


class TestRestore:
    @pytest.mark.row("R1")
    def test_a_backup_under_load_comes_back_in_an_empty_cluster_and_nothing_differs(self, app, tmp_path, full, figure):
        size = 100_000 if full else 150
        if full:
            office.generate(size)
        else:
            demo.seed(leads=size, agents=12, seed=42, as_of=None)
        an_agent("Yousef Haddad")
        mariam = a_user("Mariam Saleh", Role.MANAGER, password_hash=passwords.hash(PASSWORD))
        Browser(app).sign_in(mariam)
        file = tmp_path / "desk.backup"
        with writers(app) as written, connection(address(app)) as hand:
            eventually(lambda: len(written) >= WRITERS, "writers at work")
            hand.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            (snapshot,) = hand.execute("SELECT pg_export_snapshot()").fetchone()
            known, numbers, before = contents(hand), sequences(hand), len(written)
            backup.make(address(app), file, snapshot=snapshot)
            numbers_after = sequences(hand)
            eventually(lambda: len(written) > before, "writes beside the backup")
            assert doctor.examine() == []
        assert known["sessions"][0] == 1

        with empty_cluster() as url:
            began = time.monotonic()
            said = flask(url, "restore", str(file))
            took = time.monotonic() - began
            assert said.returncode == 0, said.stdout + said.stderr
            assert f"Restored: {known['leads'][0]:,} leads" in said.stdout
            assert f"{len(doctor.CHECKS)} checks: nothing is wrong." in said.stdout

            with connection(url) as hand:
                after_numbers = sequences(hand)
                assert hand.execute("DELETE FROM audit_entries WHERE verb = 'backups.restore'").rowcount == 1
                restored = contents(hand)
            differing = {table for table in known if restored[table] != known[table]}
            assert differing <= NOT_RESTORED
            assert all(restored[table][0] == 0 for table in NOT_RESTORED)
            assert schema(url) == schema(address(app))
            # No snapshot holds a sequence: it is read at some moment of the backup. The restore is an audit entry.
            numbers_after["audit_entries_entry_id_seq"] += 1
            for name, number in after_numbers.items():
                assert numbers[name] <= number <= numbers_after[name], name
            assert_works(url, mariam)
        figure("R1", "differences", len(differing - NOT_RESTORED))
        figure("R1", f"restore of {size:,} leads, s", took)

    def test_what_ends_half_way_leaves_nothing(self, whole, empty_app, tmp_path, monkeypatch):
        programs = client.newest_programs()
        for program in client.PROGRAMS:
            (tmp_path / program).symlink_to(programs / program)
        (tmp_path / "pg_restore").unlink()
        script(
            tmp_path / "pg_restore",
            f'case "$*" in *--use-list*) {programs}/pg_restore "$@" | head -c 150000; exit 1;; esac',
            f'exec {programs}/pg_restore "$@"',
        )
        monkeypatch.setenv("PG_BIN", str(tmp_path))

        code, said = run(empty_app, "restore", str(whole))

        assert (code, said.count("\n")) == (2, 1)
        assert "Nothing was restored" in said
        assert tables(empty_app) == []

    def test_a_database_that_is_not_empty_is_left_alone(self, whole, app):
        leads.capture(Details("0501234567", Source.WALK_IN), Origin(), by=SYSTEM)

        code, said = run(app, "restore", str(whole))

        assert code == 2
        assert "is not empty: restore into a new one." in said
        assert value("SELECT count(*) FROM leads") == 1

    def test_a_backup_of_another_revision_comes_back_and_asks_for_the_upgrade(self, app, empty_app, tmp_path):
        revision = value("SELECT version_num FROM alembic_version")
        rows("UPDATE alembic_version SET version_num = 'another'")
        try:
            backup.make(address(app), tmp_path / "old.backup")
        finally:
            rows("UPDATE alembic_version SET version_num = %s", revision)

        code, said = run(empty_app, "restore", str(tmp_path / "old.backup"))

        assert code == 0
        assert "db upgrade" in said


class TestDamage:
    @pytest.mark.row("R2")
    def test_every_damaged_file_is_refused_and_nothing_is_restored(self, whole, empty_app, tmp_path, figure):
        content = whole.read_bytes()
        middle = len(content) // 2
        damaged = {
            "is cut short": content[:middle],
            "is damaged": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "is empty": b"",
            "was made by a newer PostgreSQL": of_a_newer_version(content),
        }
        for complaint, bytes_left in damaged.items():
            file = tmp_path / "damaged.backup"
            file.write_bytes(bytes_left)
            for words in (("restore", "--check"), ("restore",)):
                code, said = run(empty_app, *words, str(file))
                assert (code, said.count("\n")) == (2, 1), said
                assert complaint in said
        assert tables(empty_app) == []
        figure("R2", "damaged backups refused, of 4", len(damaged))

    def test_a_file_of_something_else_is_refused(self, empty_app, tmp_path):
        (tmp_path / "notes.txt").write_text("nothing")

        code, said = run(empty_app, "restore", str(tmp_path / "notes.txt"))

        assert code == 2
        assert "no backup of the lead desk" in said

    def test_a_whole_file_is_said_to_be_whole(self, whole, empty_app):
        code, said = run(empty_app, "restore", "--check", str(whole))

        assert code == 0
        assert "is whole" in said
        assert tables(empty_app) == []

    def test_a_file_that_is_not_there(self, empty_app, tmp_path):
        code, said = run(empty_app, "restore", str(tmp_path / "nothing"))

        assert code == 2
        assert "cannot be read (No such file or directory)" in said


@pytest.mark.usefixtures("app")
class TestBackup:
    def test_it_is_for_its_owner_only_and_health_counts_its_age(self, app, tmp_path):
        assert health.look().backup is None

        code, said = run(app, "backup", str(tmp_path / "desk.backup"))

        assert code == 0, said
        assert stat.S_IMODE((tmp_path / "desk.backup").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["desk.backup"]
        assert health.look().backup < 60
        (entry,) = rows("SELECT verb, actor_id, after FROM audit_entries")
        assert (entry.verb, entry.actor_id) == ("backups.make", BACKUP.user_id)
        assert entry.after["sha256"] in said

    def test_a_file_that_is_there_already_is_kept_unless_forced(self, app, tmp_path):
        file = tmp_path / "desk.backup"
        file.write_text("precious")

        code, said = run(app, "backup", str(file))

        assert (code, file.read_text()) == (2, "precious")
        assert "is there already" in said
        assert run(app, "backup", "--force", str(file))[0] == 0
        assert run(app, "restore", "--check", str(file))[0] == 0

    @pytest.mark.row("R3")
    @pytest.mark.parametrize("place", ["nowhere", "/proc"])
    def test_no_right_to_write_there_is_a_sentence(self, app, tmp_path, place):
        code, said = run(app, "backup", str(tmp_path / place / "desk.backup"))

        assert (code, said.count("\n")) == (2, 1)
        assert "cannot be written" in said
        assert health.look().backup is None

    @pytest.mark.row("R3")
    def test_no_room_is_a_sentence_and_leaves_no_half_file(self, app, tmp_path):
        with no_more_than(8_192):
            code, said = run(app, "backup", str(tmp_path / "desk.backup"))

        assert (code, said.count("\n")) == (2, 1)
        assert list(tmp_path.iterdir()) == []
        assert health.look().backup is None

    def test_programs_older_than_the_server_are_refused(self, app, tmp_path, monkeypatch):
        for program in client.PROGRAMS:
            script(tmp_path / program, f"echo '{program} (PostgreSQL) 9.6.24'")
        monkeypatch.setenv("PG_BIN", str(tmp_path))

        code, said = run(app, "backup", str(tmp_path / "desk.backup"))

        assert code == 2
        assert "here are those of 9: install them, or set PG_BIN to their folder." in said

    def test_a_database_that_is_away_is_a_sentence(self, tmp_path):
        away = create_app(TESTING=True, SQLALCHEMY_DATABASE_URI="postgresql+psycopg://desk:secret@127.0.0.1:1/desk")

        code, said = run(away, "backup", str(tmp_path / "desk.backup"))

        assert (code, said.count("\n")) == (2, 1)
        assert "The database does not answer" in said
        assert "secret" not in said

    def test_no_program_is_told_the_password_on_its_command_line(self):
        url = "postgresql+psycopg://desk:secret@db.example/desk?sslmode=require"

        assert "secret" not in " ".join(client.target(url))
        assert "sslmode=require" in client.target(url)[-1]
        assert client.environment(url)["PGPASSWORD"] == "secret"


@pytest.fixture(scope="module")
def whole(template, tmp_path_factory) -> Path:
    """A backup of the database as the migrations left it."""
    return backup.make(template, tmp_path_factory.mktemp("backups") / "whole.backup").file


@pytest.fixture
def empty_app(empty_database):
    """The application on an empty database."""
    app = create_app(TESTING=True, SQLALCHEMY_DATABASE_URI=empty_database)
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def writers(app) -> Iterator[list]:
    """Enquiries come in, are answered and lost, until the block ends; one entry for each."""
    written: list = []
    failed: list[BaseException] = []
    over = threading.Event()

    def work():
        with app.app_context():
            try:
                while not over.is_set():
                    written.append(one_enquiry())
                    db.session.remove()
            except BaseException as error:  # shown by the test's own thread below
                failed.append(error)

    threads = [threading.Thread(target=work) for _writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failed, failed


def one_enquiry() -> UUID:
    """Its whole story, in three transactions."""
    lead_id = leads.capture(Details(a_phone(), Source.DUBIZZLE), Origin(), by=SYSTEM).lead.lead_id
    activities.log(lead_id, by=SYSTEM, type=ActivityType.CALL)
    pipeline.move(
        lead_id, by=SYSTEM, status_from=Status.CONTACTED, status=Status.LOST, lost_reason=LostReason.NO_ANSWER
    )
    return lead_id


@contextmanager
def empty_cluster() -> Iterator[str]:
    """An empty database of an ordinary owner, on a server that has never seen the lead desk."""
    with embedded.throwaway() as server:
        with connection(server.url("postgres")) as hand:
            hand.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{OWNER}'")
            hand.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")
        url = make_url(server.url(OWNER)).set(username=OWNER, password=OWNER)
        yield url.render_as_string(hide_password=False)


def contents(hand: psycopg.Connection) -> dict[str, tuple]:
    """How many rows each table has, and a checksum of them in whatever order."""
    names = [name for (name,) in hand.execute(TABLES)]
    return {
        name: hand.execute(
            identifiers.SQL("SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {} t").format(
                identifiers.Identifier(name)
            )
        ).fetchone()
        for name in names
    }


def schema(url: str) -> list[str]:
    """Everything but the rows, without casts: read back, PostgreSQL writes those of a CHECK at another place."""
    return [CASTS.sub("", line) for line in catalogue.read(url)]


def sequences(hand: psycopg.Connection) -> dict[str, int]:
    """The next number of each sequence."""
    names = [name for (name,) in hand.execute(SEQUENCES)]
    return {name: hand.execute(f"SELECT last_value + is_called::int FROM {name}").fetchone()[0] for name in names}


def assert_works(url: str, manager: Actor) -> None:
    """People sign in, see the leads and take new ones, and the app is again not the owner."""
    app = create_app(TESTING=True, SQLALCHEMY_DATABASE_URI=url)
    with app.app_context():
        browser = Browser(app).sign_in(manager)
        assert browser.get("leads.index").status_code == 200
        before = db.session.scalar(text("SELECT max(number) FROM leads"))
        db.session.rollback()
        assert browser.post("leads.capture", {"phone": "+971585550123", "source_type": "walk_in"}).status_code == 200
        captured = db.session.execute(text("SELECT number, phone FROM leads ORDER BY number DESC LIMIT 1")).one()
        assert captured.number > before
        assert captured.phone == "+971585550123"
        assert db.session.scalar(text("SELECT current_user::text")) == APP_ROLE
        db.session.remove()
        db.engine.dispose()


def flask(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command as people run it."""
    environment = os.environ | {"DATABASE_URL": url}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def run(app, *words: str) -> tuple[int, str]:
    """How a command of this app ends and what it prints; in an empty context, as the tests' app must not be there."""
    ended = Context().run(app.test_cli_runner().invoke, args=words)
    return ended.exit_code, ended.output


def address(app) -> str:
    return app.config["SQLALCHEMY_DATABASE_URI"]


def tables(app) -> list[str]:
    with connection(address(app)) as hand:
        return [name for (name,) in hand.execute(TABLES)]


def of_a_newer_version(content: bytes) -> bytes:
    """The same backup in a format of the future, with the checksum that belongs to it."""
    future = content[:6] + bytes([99]) + content[7 : -backup.SEAL_LENGTH]
    return future + backup.SEAL % hashlib.sha256(future).hexdigest().encode()


def script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)


@contextmanager
def no_more_than(size: int) -> Iterator[None]:
    """Files of this process and of those that it starts cannot grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
