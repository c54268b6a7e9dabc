"""run.py refuses with one sentence that says what to do, and exit code 2."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import run
from webapp import launch

ROOT = Path(run.__file__).parent


def launched(command, **environment):
    return subprocess.run(
        [sys.executable, "-m", "webapp.launch", command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def refused(done):
    """The one sentence of a command that refused."""
    assert done.returncode == 2, done
    assert "Traceback" not in done.stdout + done.stderr
    (sentence,) = done.stderr.strip().splitlines()
    return sentence


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


class TestLaunch:
    def test_a_taken_port_is_named_with_another_to_try(self, server_url, tmp_path, taken_port):
        done = launched("run", DATABASE_URL=server_url, DATA_DIR=str(tmp_path), PORT=str(taken_port))
        assert f"Port {taken_port} on 127.0.0.1 is taken" in refused(done)
        assert f"PORT={taken_port + 1}" in refused(done)

    def test_a_second_one_on_the_same_data_dir_leaves_the_first_alone(self, server_url, tmp_path):
        with open(tmp_path / "run.lock", "w") as first:
            fcntl.flock(first, fcntl.LOCK_EX)
            done = launched("run", DATABASE_URL=server_url, DATA_DIR=str(tmp_path))
        assert f"Another run.py is at work in {tmp_path}" in refused(done)

    def test_a_database_that_does_not_answer_is_said_so(self, tmp_path, taken_port):
        silent = f"postgresql://nobody@127.0.0.1:{taken_port + 1}/none"
        done = launched("serve", DATABASE_URL=silent, DATA_DIR=str(tmp_path), PORT="8000")
        assert "The database of DATABASE_URL does not answer" in refused(done)

    @pytest.mark.parametrize("port", ["eight", "0", "70000"])
    def test_a_port_that_is_none(self, tmp_path, port):
        assert "set it to a number" in refused(launched("run", DATA_DIR=str(tmp_path), PORT=port))

    def test_a_data_dir_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").write_text("")
        done = launched("run", DATABASE_URL="", DATA_DIR=str(tmp_path / "file" / "below"))
        assert str(tmp_path / "file") in refused(done)

    def test_stopping_where_nothing_runs_is_no_trouble(self, tmp_path):
        done = launched("stop", DATA_DIR=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_server_that_ends_by_itself_ends_everything(self):
        commands = {"The worker": ["sleep", "60"], "The server": ["false"]}
        ends = pytest.raises(launch.Refused, match=r"The server ended by itself \(code 1\)")
        with ends, launch.children(commands) as running:
            running["The server"].wait()
            launch.watch(running, None)
        assert all(child.returncode is not None for child in running.values())


class TestBootstrap:
    @pytest.fixture
    def checkout(self, tmp_path, monkeypatch):
        """The folder of a run.py that was never started."""
        monkeypatch.setattr(run, "ROOT", tmp_path)
        monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
        monkeypatch.setattr(run, "PYTHON", tmp_path / ".venv" / "bin" / "python")
        monkeypatch.setattr(run.shutil, "which", lambda name: None)
        (tmp_path / "requirements.txt").write_text("")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def sentence(self, words, capsys):
        assert run.main(words) == 2
        (sentence,) = capsys.readouterr().err.strip().splitlines()
        return sentence

    def test_an_unknown_command_shows_the_known_ones(self, capsys):
        assert self.sentence(["fly"], capsys) == run.USAGE

    def test_an_old_python_is_told_what_it_lacks(self, monkeypatch, capsys):
        monkeypatch.setattr(run.sys, "version_info", (3, 10, 1))
        assert "Python 3.11 or newer is needed" in self.sentence([], capsys)

    def test_a_python_without_venv_is_told_what_to_install(self, checkout, monkeypatch, capsys):
        monkeypatch.setattr(run.sys, "executable", "false")
        assert "apt-get install python3-venv" in self.sentence([], capsys)

    def test_a_first_start_without_network_is_told_so(self, checkout, monkeypatch, capsys):
        monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        (checkout / "requirements.txt").write_text("a-package-nobody-has==1\n")
        assert "connect to the network" in self.sentence([], capsys)
        assert run.installed("requirements.txt") == ""

    def test_the_pins_are_installed_once_and_again_when_they_change(self, checkout, monkeypatch):
        run.environment("requirements.txt")
        monkeypatch.setattr(run, "install", lambda name: pytest.fail("installed again"))
        run.environment("requirements.txt")
        (checkout / "requirements.txt").write_text("# another pin\n")
        asked = []
        monkeypatch.setattr(run, "install", asked.append)
        run.environment("requirements.txt")
        assert asked == ["requirements.txt"]

    def test_no_browser_is_a_refusal_and_not_a_skip(self, monkeypatch, capsys):
        monkeypatch.setattr(run, "environment", lambda name: None)
        for way in ("find_browser", "debian_browser", "playwright_browser"):
            monkeypatch.setattr(run, way, lambda: None)
        assert "need a browser" in self.sentence(["test"], capsys)
