"""Backups: one file that says itself whether it is whole, written and read by PostgreSQL's own programs.

A file is pg_dump's custom format, which pg_restore alone can read too, and behind it the checksum of all before.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.database import client
from webapp.database.client import Trouble
from webapp.database.engine import APP_ROLE, MAY_TAKE_ON

SEAL = b"\nsha256:%s\n"
SEAL_LENGTH = len(SEAL % (b"0" * 64))
AT_ONCE = 1 << 20

# Who is signed in is not restored: sessions that ended since would be open again. Login counters are unlogged.
LEFT_OUT = ("--exclude-table-data=public.sessions", "--no-unlogged-table-data")

HAS_TABLES = """
    SELECT EXISTS (
        SELECT FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))
"""
# A role belongs to the whole server, so no backup of a database holds it.
ENSURE_ROLE = f"""
    DO $$
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} NOLOGIN;
        END IF;
        IF NOT pg_has_role(current_user, '{APP_ROLE}', {MAY_TAKE_ON}) THEN
            EXECUTE format('GRANT {APP_ROLE} TO %I', current_user);
        END IF;
    END $$;
"""
# They name the owner they are for; whoever restores is another one, perhaps.
DEFAULT_PRIVILEGES = re.compile(r'^ALTER DEFAULT PRIVILEGES FOR ROLE ("[^"]*"|\S+) (.*;)$', re.MULTILINE)


@dataclass(frozen=True)
class Backup:
    """A whole backup."""

    file: Path
    size: int
    sha256: str


def make(url: str, file: Path, *, force: bool = False, snapshot: str | None = None) -> Backup:
    """Write the database to `file`: whole, on the disk and checked when this returns; else nothing is left there.

    An existing file is replaced only with `force`, and only by a whole one. `snapshot` is one that an open
    transaction has exported; without it the moment of the backup's start counts.
    """
    file = file.absolute()
    _refuse_existing(file, force)
    programs = client.programs_for(client.version(url))
    words = [programs / "pg_dump", "--format=custom", "--lock-wait-timeout=60s", *LEFT_OUT, *client.target(url)]
    words += [f"--snapshot={snapshot}"] if snapshot else []
    with _in_words(file, "written"), _unfinished(file) as part:
        client.run(words, f"There is no backup in {file}", stdout=part, env=client.environment(url))
        sha256 = _seal(part)
        _contents(programs, Path(part.name))
        _refuse_existing(file, force)
        os.replace(part.name, file)
        _sync(file.parent)
        return Backup(file, part.tell(), sha256)


def check(file: Path) -> Backup:
    """The backup, if it is whole and the programs that are here can read it; else `Trouble`."""
    file = file.absolute()
    with _in_words(file, "read"), open(file, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            raise Trouble(f"{file} is empty: take another backup.")
        sha256 = _checksum(stream, size - SEAL_LENGTH)
        seal = stream.read()
    if not re.fullmatch(SEAL % rb"[0-9a-f]{64}", seal):
        raise Trouble(f"{file} is cut short, or no backup of the lead desk: take another one.")
    if seal != SEAL % sha256.encode():
        raise Trouble(f"{file} is damaged, its checksum does not fit: take another backup.")
    _contents(client.newest_programs(), file)
    return Backup(file, size, sha256)


def restore(url: str, file: Path) -> Backup:
    """Fill an empty database from a backup, in one transaction: everything is there when this returns, or nothing.

    The app's role is made where the server has none; everything belongs to whoever restores.
    """
    backup = check(file)
    programs = client.newest_programs(client.version(url))
    with client.connected(url) as owner:
        if owner.execute(HAS_TABLES).fetchone() != (False,):
            raise Trouble(f"The database {owner.info.dbname} is not empty: restore into a new one.")
    contents = [line for line in _contents(programs, backup.file).splitlines() if " DEFAULT ACL " not in line]
    schema = client.run([programs / "pg_restore", "--schema-only", "--file=-", backup.file], "Nothing was restored")
    defaults = "\n".join(f"ALTER DEFAULT PRIVILEGES {what}" for _role, what in DEFAULT_PRIVILEGES.findall(schema))
    with tempfile.NamedTemporaryFile("w", suffix=".contents") as chosen:
        chosen.write("\n".join(contents))
        chosen.flush()
        script = [programs / "pg_restore", "--no-owner", f"--use-list={chosen.name}", "--file=-", backup.file]
        _replay(url, programs / "psql", script, before=ENSURE_ROLE if APP_ROLE in schema else "", after=defaults)
    with client.connected(url) as owner:
        owner.execute("ANALYZE")
    return backup


def _replay(url: str, psql: Path, script: list[object], *, before: str, after: str) -> None:
    """What pg_restore writes, and something before and after it, as one transaction.

    Only the COMMIT at the end keeps it: a script that ends too soon, however that comes, leaves nothing.
    """
    words = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", *client.target(url)]
    env = client.environment(url)
    with (
        tempfile.TemporaryFile() as read,
        tempfile.TemporaryFile() as said,
        _started(script, stdout=subprocess.PIPE, stderr=read, env=env) as reader,
        _started(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=env) as writer,
    ):
        assert writer.stdin and reader.stdout
        with contextlib.suppress(BrokenPipeError), writer.stdin as stdin, reader.stdout as stdout:
            stdin.write(f"BEGIN;{before}".encode())
            _hand_over(stdout, stdin)
            if reader.wait() == 0:
                stdin.write(f"{after}\nCOMMIT;\n".encode())
        for process, output in ((writer, said), (reader, read)):
            if process.wait():
                output.seek(0)
                why = client.reason(process, output.read().decode(errors="replace"))
                raise Trouble(f"Nothing was restored ({why}).")


def _hand_over(script: IO[bytes], psql: IO[bytes]) -> None:
    """The whole script but the one setting in its head that servers before 17 do not know."""
    for line in script:
        if not line.startswith(b"SET transaction_timeout"):
            psql.write(line)
        if line.startswith(b"SET row_security"):
            break
    shutil.copyfileobj(script, psql, AT_ONCE)


@contextlib.contextmanager
def _started(words: list[object], **options) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([str(word) for word in words], **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _contents(programs: Path, file: Path) -> str:
    """What pg_restore finds in a backup."""
    return client.run([programs / "pg_restore", "--list", file], f"{file} cannot be read")


@contextlib.contextmanager
def _unfinished(file: Path) -> Iterator[IO[bytes]]:
    """A file beside the one that is to be, only for ourselves; gone where the block does not end well."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", suffix=".part", delete=False) as part:
        try:
            yield part
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _seal(part: IO[bytes]) -> str:
    """Put the checksum behind what was written, and all of it on the disk."""
    sha256 = _checksum(part, part.seek(0, os.SEEK_END))
    part.write(SEAL % sha256.encode())
    part.flush()
    os.fsync(part.fileno())
    return sha256


def _checksum(stream: IO[bytes], size: int) -> str:
    """Of the first `size` bytes; the stream stands behind them afterwards."""
    digest = hashlib.sha256()
    stream.seek(0)
    while size > 0 and (chunk := stream.read(min(size, AT_ONCE))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_existing(file: Path, force: bool) -> None:
    if file.exists() and not force:
        raise Trouble(f"{file} is there already: give another name, or --force to replace it.")


@contextlib.contextmanager
def _in_words(file: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Trouble(f"The disk that holds {file} is full: make room, or choose another place.") from error
        raise Trouble(f"{file} cannot be {done} ({error.strerror}): choose another place or file.") from error
