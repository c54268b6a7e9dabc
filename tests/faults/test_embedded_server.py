"""The embedded server under simultaneous starters, kills, half-finished starts and foreign files."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from webapp.database import binaries, embedded

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir():
    """A folder that the server's account can get into, and no server left in it."""
    place = tempfile.gettempdir()
    if not binaries.reachable(Path(place), binaries.account_for(Path(place))):
        place = binaries.SHARED
    directory = Path(tempfile.mkdtemp(prefix="lead-desk-fault-", dir=place))
    directory.chmod(0o755)
    yield directory
    destroy(embedded.Server(embedded.where(directory)))
    shutil.rmtree(directory, ignore_errors=True)


def destroy(server):
    server.stop("immediate")
    shutil.rmtree(server.directory, ignore_errors=True)


def started(data_dir):
    url = embedded.running_url(data_dir)
    return embedded.Server(embedded.where(data_dir)), url


def connect(url):
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def start_in_a_process(data_dir):
    program = f"from webapp.database import embedded; print(embedded.running_url({str(data_dir)!r}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestStart:
    def test_six_simultaneous_starters_get_one_server_and_one_url(self, data_dir):
        with ThreadPoolExecutor(6) as starters:
            urls = set(starters.map(start_in_a_process, [data_dir] * 6))
        assert len(urls) == 1
        log = (embedded.where(data_dir) / "log").read_text()
        assert log.count("database system is ready to accept connections") == 1

    def test_a_password_is_needed(self, data_dir):
        server, url = started(data_dir)
        with pytest.raises(psycopg.OperationalError, match="password"):
            connect(url.replace(server._password(), "guessed"))

    def test_the_session_speaks_utc_and_commits_reach_the_disk(self, data_dir):
        _, url = started(data_dir)
        with connect(url) as session:
            settings = "current_setting('timezone'), current_setting('fsync'), current_setting('max_connections')"
            assert session.execute(f"SELECT {settings}").fetchone() == ("UTC", "on", "60")

    def test_a_path_too_long_for_a_socket_is_served_over_tcp(self, data_dir):
        deep = data_dir / ("long" * 20) / "deep"
        server, url = started(deep)
        try:
            assert "host=127.0.0.1" in url
            with connect(url) as session:
                assert session.execute("SELECT 1").fetchone() == (1,)
            server.stop()
            assert embedded.running_url(deep) == url
        finally:
            destroy(server)


class TestSurvival:
    def test_data_survives_a_stop_and_a_start(self, data_dir):
        server, url = started(data_dir)
        with connect(url) as session:
            session.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        server.stop()
        assert not server.is_alive()
        assert embedded.running_url(data_dir) == url
        with connect(url) as session:
            assert session.execute("SELECT answer FROM kept").fetchone() == (42,)

    def test_every_acknowledged_commit_survives_a_killed_postmaster(self, data_dir):
        server, url = started(data_dir)
        with connect(url) as session:
            session.execute("CREATE TABLE kept (n int)")
            for n in range(200):
                session.execute("INSERT INTO kept VALUES (%s)", [n])
            os.kill(server.pid(), signal.SIGKILL)
        assert embedded.running_url(data_dir) == url
        with connect(url) as session:
            assert session.execute("SELECT count(*) FROM kept").fetchone() == (200,)

    def test_a_stranger_with_the_recorded_process_id_is_not_taken_for_the_server(self, data_dir):
        server, url = started(data_dir)
        recorded = (server.data / "postmaster.pid").read_text()
        server.stop()
        stranger = subprocess.Popen(["sleep", "60"])
        try:
            _, _, rest = recorded.partition("\n")
            (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{rest}")
            assert not server.is_alive()
            assert embedded.running_url(data_dir) == url
            assert server.pid() != stranger.pid
        finally:
            stranger.kill()
            stranger.wait()

    def test_a_zombie_postmaster_is_not_taken_for_the_server(self, data_dir):
        server, url = started(data_dir)
        recorded = (server.data / "postmaster.pid").read_text()
        server.stop()
        zombie = subprocess.Popen(["true"])
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        (server.data / "postmaster.pid").write_text(f"{zombie.pid}\n{recorded.partition(chr(10))[2]}")
        assert not server.is_alive()
        assert embedded.running_url(data_dir) == url
        zombie.wait()

    def test_a_half_finished_first_start_is_repaired(self, data_dir):
        unfinished = embedded.where(data_dir) / "data.unfinished"
        unfinished.mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18\n")
        (unfinished / "base").mkdir()
        server, _ = started(data_dir)
        assert server.is_alive()
        assert not unfinished.exists()


class TestRefusals:
    def test_another_version_s_data_is_left_alone_with_a_sentence(self, data_dir):
        server, _ = started(data_dir)
        server.stop()
        (server.data / "PG_VERSION").write_text("12\n")
        with pytest.raises(embedded.ServerTrouble, match=r"was made by PostgreSQL 12, .* set PG_BIN"):
            embedded.running_url(data_dir)

    def test_a_folder_without_programs_is_named(self, data_dir, monkeypatch):
        monkeypatch.setenv("PG_BIN", str(data_dir))
        with pytest.raises(embedded.ServerTrouble, match=r"PG_BIN is .* bin folder"):
            embedded.running_url(data_dir)

    def test_a_data_dir_that_is_a_file_is_named(self, data_dir):
        (data_dir / "taken").write_text("")
        with pytest.raises(embedded.ServerTrouble, match="give DATA_DIR a folder"):
            embedded.running_url(data_dir / "taken")


class TestPermissions:
    def test_nothing_outside_its_folder_is_changed(self, data_dir):
        home = data_dir / "home"
        home.mkdir(mode=0o700)
        before = modes(data_dir, home, *data_dir.parents)
        server, url = started(home / "instance")
        try:
            with connect(url) as session:
                assert session.execute("SELECT 1").fetchone() == (1,)
            assert modes(data_dir, home, *data_dir.parents) == before
            assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
        finally:
            destroy(server)

    def test_where_root_s_account_cannot_go_the_cluster_is_below_var_tmp(self, data_dir):
        home = data_dir / "home"
        home.mkdir(mode=0o700)
        own = home / "instance"
        assert embedded.where(own).parent == (binaries.SHARED if os.geteuid() == 0 else own)
        assert embedded.where(data_dir / "instance") == data_dir / "instance" / "postgres"

    def test_programs_below_a_closed_folder_are_copied_once(self, data_dir):
        closed = data_dir / "closed"
        closed.mkdir(mode=0o700)
        programs = binaries.find()
        package = programs.parents[1]
        hidden = closed / package.name / programs.parent.name / programs.name
        shutil.copytree(programs.parent, hidden.parent, symlinks=True)
        if (libraries := package.with_name(f"{package.name}.libs")).exists():
            shutil.copytree(libraries, closed / libraries.name)
        copy = binaries.usable_by(binaries.account_for(closed), hidden)
        assert copy == binaries.usable_by(binaries.account_for(closed), hidden)
        # Only root's server runs as another account, which cannot get in.
        assert (copy != hidden) == (os.geteuid() == 0)
        with embedded.throwaway(hidden) as server:
            assert server.is_alive()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


class TestStop:
    def test_the_server_is_stopped_only_when_nobody_else_is_connected(self, data_dir):
        server, url = started(data_dir)
        with connect(url):
            assert not server.stop_if_unused()
            assert server.is_alive()
        assert server.stop_if_unused()
        assert not server.is_alive()

    def test_stopping_what_never_ran_is_no_trouble_and_makes_nothing(self, data_dir):
        server = embedded.Server(data_dir / "never")
        server.stop()
        assert server.stop_if_unused()
        assert not server.directory.exists()


class TestThrowaway:
    def test_nothing_is_left_of_it(self):
        with embedded.throwaway() as server:
            assert server.is_alive()
            pid = server.pid()
        assert not server.directory.exists()
        assert not server._is_postmaster(pid)


def modes(*folders):
    return {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in folders}
