"""`flask --app wsgi db ...` as people run it: processes of their own, which can be watched and killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from alembic.script import ScriptDirectory

import webapp
from config import ROOT
from webapp.extensions import db

REVISIONS = [script.revision for script in ScriptDirectory(ROOT / "migrations").walk_revisions()][::-1]
LAST_OF_THE_SEED = "j12k13l14m15n16"
STEP = "Running upgrade"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    said: str

    @property
    def steps(self) -> int:
        return self.said.count(STEP)


def start(url: str, *words: str) -> subprocess.Popen:
    """The command, running: `start(url, "upgrade")`."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", *words],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen) -> Ended:
    """Waits for it."""
    said, _ = process.communicate(timeout=120)
    return Ended(process.returncode, said)


def run(url: str, *words: str) -> Ended:
    return end(start(url, *words))


def kill_at_step(url: str, number: int) -> int:
    """An upgrade, killed as soon as it says that it begins its step of this number; its exit code."""
    process, begun = start(url, "upgrade"), 0
    for line in process.stdout:
        begun += STEP in line
        if begun == number:
            process.kill()
            break
    return end(process).code


@contextmanager
def migrating(url: str) -> Iterator[None]:
    """An app on this database, for flask_migrate's commands in this process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url)
        app = webapp.create_app(SQLALCHEMY_DATABASE_URI=url)
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
