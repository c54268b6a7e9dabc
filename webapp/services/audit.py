"""Who did what, in the same transaction as the deed."""

from uuid import UUID

from sqlalchemy import text

from webapp.database import rate_limits
from webapp.extensions import db
from webapp.models import AuditEntry
from webapp.services.access import Actor
from webapp.transaction import transactional

ONE_BY_ONE, AN_HOUR = 60, 3600

# One statement: it counts the denial and, while they are few, adds its line. So a flood grows a number, not a table.
DENIAL = text(f"""
    WITH counted AS ({rate_limits.COUNT.text})
    INSERT INTO audit_entries (verb, actor_id, actor_name, subject_id, after)
    SELECT 'denied', :actor_id, :actor_name, :subject_id,
           jsonb_build_object('endpoint', :endpoint ::text, 'status', :status ::int, 'nth', hits)
    FROM counted WHERE hits <= :one_by_one OR hits::text ~ '^10+$'
""")


def record(
    verb: str,
    *,
    by: Actor,
    lead_id: UUID | None = None,
    subject_id: UUID | None = None,
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    """Add an entry: what was done ("leads.capture"), to what, and what changed."""
    db.session.add(
        AuditEntry(
            verb=verb,
            actor_id=by.user_id,
            actor_name=by.name,
            lead_id=lead_id,
            subject_id=subject_id,
            before=before,
            after=after,
        )
    )


@transactional
def deny(*, by: Actor, endpoint: str, status: int, subject_id: UUID | None = None) -> None:
    """Keep that somebody was refused, on the guard's behalf: a role that may not, or a row that is not theirs.

    The first 60 of a user in an hour one by one, then the 100th, the 1,000th, ...: `nth` says how many there were.
    """
    db.session.execute(
        DENIAL,
        {
            "key": f"denied/{by.user_id}",
            "amount": 1,
            "expiry": AN_HOUR,
            "actor_id": by.user_id,
            "actor_name": by.name,
            "subject_id": subject_id,
            "endpoint": endpoint,
            "status": status,
            "one_by_one": ONE_BY_ONE,
        },
    )
