"""Who did what, in the same transaction as the deed."""

from uuid import UUID

from webapp.extensions import db
from webapp.models import AuditEntry
from webapp.services.access import Actor


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
