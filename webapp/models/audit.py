from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Moment


class AuditEntry(Model):
    """Who did what to which thing when. The app's database role may add and read, never change or remove."""

    __tablename__ = "audit_entries"

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    happened_at: Mapped[Moment] = mapped_column(server_default=text("clock_timestamp()"))
    verb: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str | None] = mapped_column(String(200))
    lead_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    before: Mapped[dict | None] = mapped_column(JSONB)
    after: Mapped[dict | None] = mapped_column(JSONB)

    __table_args__ = (
        Index("ix_audit_entries_lead_id_happened_at", "lead_id", "happened_at"),
        Index("ix_audit_entries_actor_id_happened_at", "actor_id", "happened_at"),
        Index("ix_audit_entries_happened_at", "happened_at", "entry_id"),
        Index("ix_audit_entries_verb_happened_at", "verb", "happened_at"),
    )
