"""PostgreSQL's own programs for backups: which of those that are here to run, and how to tell them the database."""

import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from webapp.database import binaries

PROGRAMS = ("pg_dump", "pg_restore", "psql")


class Trouble(Exception):
    """Why there is no backup, or no restore: one sentence that says what to do."""


def run(words: list[object], failure: str, *, stdout=subprocess.PIPE, env: dict[str, str] | None = None) -> str:
    """What a program prints; where it fails, `failure` says what that means and the program why."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=env or environment(),
        text=True,
        errors="replace",
    )
    if done.returncode:
        if "No space left on device" in done.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if "unsupported version" in done.stderr:
            raise Trouble(
                f"{failure}, as it was made by a newer PostgreSQL than the programs in {Path(str(words[0])).parent}: "
                "set PG_BIN to newer ones."
            )
        raise Trouble(f"{failure} ({reason(done, done.stderr)}).")
    return done.stdout


def reason(process: subprocess.Popen | subprocess.CompletedProcess, said: str) -> str:
    """The first complaint of a program, without its place in a script."""
    found = re.search(r"(?:error|ERROR|FATAL):\s*(.+)", said)
    if found:
        return re.sub(r"^.*(ERROR|FATAL):\s*", "", found[1]).strip().rstrip(".")
    if process.returncode < 0:
        return f"it was ended by {signal.Signals(-process.returncode).name}"
    return said.strip() or f"it ended with {process.returncode}"


def programs_for(server: int) -> Path:
    """The folder of the programs of the server's own version, else of the next one: what they write is read longest."""
    found = {version: folder for version, folder in _installed().items() if version >= server}
    return found[min(found)] if found else _none_for(server)


def newest_programs(server: int = 0) -> Path:
    """The folder of the programs that read most."""
    found = _installed()
    return found[max(found)] if found and max(found) >= server else _none_for(server)


def _none_for(server: int) -> Path:
    have = " and ".join(str(version) for version in sorted(_installed())) or "none"
    raise Trouble(
        f"{', '.join(PROGRAMS)} of PostgreSQL {server or ''} or newer are needed, and here are those of {have}: "
        "install them, or set PG_BIN to their folder."
    )


def _installed() -> dict[int, Path]:
    """The versions whose programs are here, each with their folder: PG_BIN alone, or all that are found."""
    found: dict[int, Path] = {}
    for folder in _folders():
        if all((folder / program).exists() for program in PROGRAMS):
            said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True).stdout
            if version := re.search(r"\(PostgreSQL\) (\d+)", said):
                found.setdefault(int(version[1]), folder)
    return found


def _folders() -> Iterator[Path]:
    if given := os.environ.get("PG_BIN"):
        yield Path(given).absolute()
        return
    with contextlib.suppress(binaries.ServerTrouble):
        yield binaries.find()
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent


def version(url: str) -> int:
    """The server's major version."""
    with connected(url) as owner:
        return owner.info.server_version // 10_000


def connected(url: str) -> psycopg.Connection:
    """The owner at the database; every statement is a transaction of its own."""
    try:
        return psycopg.connect(_address(url), autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        why = str(error).strip().splitlines()[-1]
        raise Trouble(f"The database does not answer ({why}): check DATABASE_URL.") from error


def target(url: str) -> list[str]:
    """The database for the command line of a program, where no password may be seen."""
    without = {name: value for name, value in conninfo_to_dict(_address(url)).items() if name != "password"}
    return ["--no-password", f"--dbname={make_conninfo('', **without)}"]


def environment(url: str | None = None) -> dict[str, str]:
    """Messages in English, and the password, if any; PGPASSFILE and the like go through."""
    password = conninfo_to_dict(_address(url)).get("password") if url else None
    given = {"PGPASSWORD": str(password)} if password else {}
    return {**os.environ, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10", **given}


def _address(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
