"""One line of revisions, told in the schema document as it is."""

import subprocess
import sys

from alembic.script import ScriptDirectory

from tests.house.source import ROOT


def test_there_is_one_head_and_one_line():
    script = ScriptDirectory(str(ROOT / "migrations"))
    revisions = list(script.walk_revisions())

    assert len(script.get_heads()) == len(script.get_bases()) == 1
    assert not [revision for revision in revisions if revision.is_branch_point or revision.is_merge_point]


def test_the_schema_document_and_the_revisions_agree():
    check = [sys.executable, str(ROOT / "scripts" / "check_migration_docs.py")]
    done = subprocess.run(check, capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 0, done.stdout + done.stderr
