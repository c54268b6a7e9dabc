"""What the database remembers of its backups (docs/operations.md)."""

from uuid import UUID

from sqlalchemy import text

from webapp.extensions import db
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import Role

TOO_OLD = 26 * 3600

# An actor of its own, so that the audit's index finds its last deed however long the audit is.
BACKUP = Actor(user_id=UUID("00000000-0000-4000-8000-00000000bac0"), name="Backup", role=Role.ADMIN)

COUNTS = text("""
    SELECT (SELECT count(*) FROM leads) AS leads, (SELECT count(*) FROM lead_activities) AS activities,
           (SELECT count(*) FROM follow_up_tasks) AS "follow-ups", (SELECT count(*) FROM agents) AS agents,
           (SELECT count(*) FROM users) AS users
""")


@transactional
def record_made(*, by: Actor, file: str, size: int, sha256: str) -> None:
    """A backup was made and is whole: health counts its age from now on."""
    audit.record("backups.make", by=by, after={"file": file, "size": size, "sha256": sha256})


@transactional
def record_restored(*, by: Actor, file: str, sha256: str) -> None:
    """This database came out of that backup."""
    audit.record("backups.restore", by=by, after={"file": file, "sha256": sha256})


def counts() -> dict[str, int]:
    """How much of what the database holds, for people to compare."""
    rows = db.session.execute(COUNTS).mappings().one()
    return dict(rows)
