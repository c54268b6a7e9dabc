"""When the jobs last had their turn and whether one failed: as far as the queue's tables know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from webapp.extensions import db
from webapp.vocabulary import JobName

QUIET_AFTER = timedelta(minutes=5)
"""Some jobs have a turn every minute: when nobody had one for so long, no worker is there."""

# What ended well is deleted and its turn forgets it; what failed stays.
TURNS = text("""
    SELECT name, to_timestamp(turn.defer_timestamp) AS at, job.status::text AS state, job.attempts,
           (SELECT max(e.at) FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
            WHERE j.task_name = name AND j.status = 'failed' AND e.type = 'failed') AS failed_at
    FROM unnest(CAST(:names AS text[])) WITH ORDINALITY AS known (name, place)
    LEFT JOIN LATERAL (
        SELECT defer_timestamp, job_id FROM procrastinate_periodic_defers
        WHERE task_name = name ORDER BY defer_timestamp DESC LIMIT 1) turn ON true
    LEFT JOIN procrastinate_jobs job ON job.id = turn.job_id
    ORDER BY place
""")


@dataclass(frozen=True)
class Turn:
    """A job's last turn: when it was due (None: never yet), what became of it, and when one last failed for good."""

    job: JobName
    at: datetime | None
    state: str | None
    attempts: int | None
    failed_at: datetime | None

    @property
    def is_failed(self) -> bool:
        return self.state in ("failed", "aborted", "cancelled")

    @property
    def is_tried_again(self) -> bool:
        """It broke off, and the queue will try it again."""
        return self.state == "todo" and bool(self.attempts)

    @property
    def is_under_way(self) -> bool:
        return self.state in ("todo", "doing") and not self.is_tried_again


def is_quiet(turns: list[Turn], *, now: datetime) -> bool:
    """Whether there were turns once, and none for so long that no worker can be there."""
    latest = max((turn.at for turn in turns if turn.at), default=None)
    return latest is not None and now - latest > QUIET_AFTER


def turns() -> list[Turn]:
    """The last turn of every job."""
    rows = db.session.execute(TURNS, {"names": [name.value for name in JobName]})
    return [Turn(JobName(row.name), row.at, row.state, row.attempts, row.failed_at) for row in rows]
