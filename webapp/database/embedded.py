"""The embedded PostgreSQL: one server for each DATA_DIR, shared by every process, owned by none.

It keeps running until someone stops it, so a command that ends never takes it from under the others.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from webapp.database import binaries, knock
from webapp.database.binaries import ServerTrouble

DATABASE = "lead_desk"
OWNER = "postgres"
SOCKET_PORT = 5432
LONGEST_SOCKET_PATH = 103
MAX_CONNECTIONS = 60
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def where(data_dir: Path) -> Path:
    """The cluster's folder: inside DATA_DIR, or below /var/tmp where root's account cannot get into it."""
    data_dir = Path(data_dir).resolve()
    inside = data_dir / "postgres"
    account = binaries.account_for(inside)
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    elsewhere = binaries.SHARED / f"lead-desk-data-{name}"
    # Only the way to the cluster's folder is looked at: another starter may be making the folder just now.
    if account is None or (binaries.reachable(data_dir, account) and not elsewhere.exists()):
        return inside
    if elsewhere.exists() and elsewhere.owner() not in ("root", *binaries.UNPRIVILEGED):
        raise ServerTrouble(f"{elsewhere} belongs to {elsewhere.owner()}: set DATA_DIR to another folder.")
    return elsewhere


def running_url(data_dir: Path) -> str:
    """SQLAlchemy's address of DATA_DIR's database; the server is started and the database made if need be."""
    server = Server(where(data_dir))
    server.start()
    server.ensure_database(DATABASE)
    return server.url(DATABASE)


@contextmanager
def throwaway(programs: Path | None = None) -> Iterator["Server"]:
    """A fresh server for tests, quick because it would not survive a power cut; destroyed afterwards."""
    roomy = Path(tempfile.gettempdir())
    if not binaries.reachable(roomy, binaries.account_for(roomy)):
        roomy = binaries.SHARED
    directory = Path(tempfile.mkdtemp(prefix="lead-desk-test-", dir=roomy))
    server = Server(directory, programs=programs, durable=False)
    try:
        server.start()
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(directory, ignore_errors=True)


class Server:
    """A PostgreSQL cluster in a folder of its own. Nothing outside the folder is created or changed."""

    def __init__(self, directory: Path, *, programs: Path | None = None, durable: bool = True):
        self.directory = Path(directory).resolve()
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.durable = durable
        self._given_programs = programs

    def start(self) -> None:
        """The server is up and answers when this returns, whoever else starts it at the same time."""
        with self._alone():
            if self._settled_state() != "ready":
                self._boot()

    def stop(self, mode: str = "fast") -> None:
        """The server is down when this returns; `mode` is smart, fast or immediate."""
        if self.data.exists():
            with self._alone():
                self._halt(mode)

    def stop_if_unused(self) -> bool:
        """Stop the server unless somebody is connected; says whether it is down."""
        if not self.data.exists():
            return True
        with self._alone():
            if self.is_alive() and self.others_connected():
                return False
            self._halt("fast")
            return True

    def is_alive(self) -> bool:
        """Whether the server takes connections."""
        return self._state() == "ready"

    def others_connected(self) -> bool:
        """Whether any client is connected."""
        clients = self._sql(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return clients != "0"

    def ensure_database(self, name: str) -> None:
        """The database is there when this returns."""
        with self._alone():
            if not self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
                self._sql(f'CREATE DATABASE "{name}"')

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database of this server."""
        host = quote(self._host, safe="")
        return f"postgresql+psycopg://{OWNER}:{self._password()}@/{database}?host={host}&port={self._port()}"

    def pid(self) -> int | None:
        """The postmaster's process id, as far as it is written down."""
        lines = self._pid_file()
        return int(lines[0]) if lines else None

    @cached_property
    def _account(self):
        return binaries.account_for(self.directory)

    @cached_property
    def _programs(self) -> Path:
        return binaries.usable_by(self._account, self._given_programs or binaries.find())

    @cached_property
    def _host(self) -> str:
        fits = len(os.fsencode(self.directory)) + len(f"/.s.PGSQL.{SOCKET_PORT}") <= LONGEST_SOCKET_PATH
        return str(self.directory) if fits else "127.0.0.1"

    @property
    def _on_socket(self) -> bool:
        return self._host.startswith("/")

    def _port(self) -> int:
        lines = self._pid_file()
        return int(lines[3]) if len(lines) > 3 else SOCKET_PORT

    def _password(self) -> str:
        return (self.directory / "password").read_text()

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _state(self) -> str:
        """What the postmaster says of itself (starting, ready, stopping), or down."""
        lines = self._pid_file()
        if not lines or not self._is_postmaster(int(lines[0])):
            return "down"
        return lines[7].strip() if len(lines) > 7 else "starting"

    def _is_postmaster(self, pid: int) -> bool:
        # pg_ctl believes any live process with the recorded id: a zombie nobody reaped, or a stranger that
        # got the id after a restart of the container. A zombie has no command line.
        if not Path("/proc/self").exists():
            return self._run("pg_ctl", "-D", self.data, "status").returncode == 0
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return b"\0-D\0" + os.fsencode(self.data) + b"\0" in command

    def _settled_state(self) -> str:
        for _ in range(1200):
            state = self._state()
            if state == "down" or (state == "ready" and self._answers()):
                return state
            time.sleep(0.1)
        raise ServerTrouble(f"PostgreSQL has been {state} for two minutes: {self.log} says why.")

    def _answers(self) -> bool:
        # A postmaster that was just killed stays in the process table, and its socket open, for a moment.
        return knock.answered(self._host, self._port(), within=10)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts, stops or prepares the server; every OSError is put into words."""
        try:
            self._prepare_directory()
            lock = os.open(self.directory / "lock", os.O_RDONLY | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise ServerTrouble(self._sentence(error)) from error

    def _sentence(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return f"The disk that holds {self.directory} is full: make room and start again."
        return (
            f"PostgreSQL cannot use {error.filename or self.directory} ({error.strerror}): "
            "give DATA_DIR a folder that is yours."
        )

    def _prepare_directory(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account and self.directory.stat().st_uid == 0:
            os.chown(self.directory, self._account.pw_uid, self._account.pw_gid)
        if not binaries.reachable(self.directory, self._account):
            raise ServerTrouble(
                f"{self._account.pw_name} cannot get into {self.directory}: set DATA_DIR to another folder."
            )

    def _boot(self) -> None:
        self._forget_impostor()
        if not self.data.exists() or not any(self.data.iterdir()):
            self._initialise()
        self._check_version()
        for attempt in range(5):
            known = self.log.stat().st_size if self.log.exists() else 0
            options = ("-w", "-t", 120, "-l", self.log, "-o", self._options())
            if self._run("pg_ctl", "-D", self.data, *options, "start").returncode == 0:
                return
            # The children of a killed postmaster hold its shared memory for a moment.
            time.sleep(0.2 * 2**attempt)
        self._give_up("start", self.log.read_text(errors="replace")[known:] if self.log.exists() else "")

    def _forget_impostor(self) -> None:
        # PostgreSQL itself forgets a dead process, but not a zombie or a stranger that has its id.
        pid = self.pid()
        if pid is not None and Path(f"/proc/{pid}").exists():
            for stale in (self.data / "postmaster.pid", *self.directory.glob(".s.PGSQL.*.lock")):
                stale.unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that none is ever half made."""
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._write_password()
        words = ["-E", "UTF8", "-U", OWNER, "-A", "scram-sha-256"]
        words += ["--pwfile", str(self.directory / "password"), *self._locale()]
        if not self.durable:
            words.append("--no-sync")
        made = self._run("initdb", "-D", unfinished, *words)
        if made.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            self._give_up("make its files", made.stdout)
        unfinished.rename(self.data)

    def _write_password(self) -> None:
        path = self.directory / "password"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(16))
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _locale(self) -> list[str]:
        # The same code-point order and Unicode case on every version, without ICU.
        if self._major() >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _major(self) -> int:
        said = self._run("postgres", "--version").stdout
        found = re.search(r"\(PostgreSQL\) (\d+)", said)
        if found is None:
            raise ServerTrouble(f"The PostgreSQL in {self._programs} does not run here ({said.strip()}).")
        return int(found[1])

    def _check_version(self) -> None:
        kept = (self.data / "PG_VERSION").read_text().strip()
        if kept != str(self._major()):
            raise ServerTrouble(
                f"{self.data} was made by PostgreSQL {kept}, and {self._major()} is installed: set PG_BIN to "
                f"the programs of {kept}, or move {self.directory} away to begin with an empty database."
            )

    def _options(self) -> str:
        settings = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": MAX_CONNECTIONS}
        if self._on_socket:
            settings |= {"port": SOCKET_PORT, "listen_addresses": ""}
            settings |= {"unix_socket_directories": f'"{self.directory}"'}
        else:
            settings |= {"port": self._free_port(), "listen_addresses": self._host}
            settings |= {"unix_socket_directories": ""}
        if not self.durable:
            settings |= CARELESS
        return " ".join(f"-c {name}={shlex.quote(str(value))}" for name, value in settings.items())

    def _free_port(self) -> int:
        """The port of the last time where it is free, so that addresses in use stay good; else another."""
        kept = self.directory / "port"
        for port in (int(kept.read_text()) if kept.exists() else 0, 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self._host, port))
                except OSError:
                    continue
                kept.write_text(str(probe.getsockname()[1]))
                return probe.getsockname()[1]
        raise ServerTrouble("No free port on 127.0.0.1 for PostgreSQL: set DATA_DIR to a shorter path.")

    def _halt(self, mode: str) -> None:
        if self._state() == "down":
            return
        stopped = self._run("pg_ctl", "-D", self.data, "-w", "-t", 60, "-m", mode, "stop")
        if stopped.returncode and self._state() != "down":
            self._give_up("stop", stopped.stdout)

    def _sql(self, statement: str) -> str:
        to = ("-h", self._host, "-p", self._port(), "-U", OWNER, "-d", "postgres")
        asked = self._run("psql", "-XAtwq", *to, "-c", statement, PGPASSWORD=self._password())
        if asked.returncode:
            self._give_up("answer", asked.stdout)
        return asked.stdout.strip()

    def _run(self, program: str, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        who = self._account
        as_account = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
        try:
            return subprocess.run(
                [self._programs / program, *map(str, words)],
                cwd=self.directory,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                **as_account,
            )
        except FileNotFoundError as error:
            raise ServerTrouble(
                f"There is no {program} in {self._programs}: set PG_BIN to the programs of a PostgreSQL, "
                "or DATABASE_URL to a server."
            ) from error

    def _give_up(self, what: str, said: str) -> None:
        if "No space left on device" in said:
            raise ServerTrouble(f"The disk that holds {self.directory} is full: make room and start again.")
        if "could not look up effective user ID" in said:
            raise ServerTrouble("This user id has no account, which PostgreSQL needs: set DATABASE_URL to a server.")
        lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|ERROR|error:", line)]
        reason = (lines or said.split("\n") or [""])[0].strip()
        raise ServerTrouble(f"PostgreSQL could not {what} ({reason}): {self.log} says more.")
