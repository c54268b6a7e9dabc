from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, one_of
from webapp.vocabulary import FileKind


class Export(Model):
    """A list too long to be sent at once, which the worker makes; `query` is the list's address. Kept for a day."""

    __tablename__ = "exports"

    export_id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    format: Mapped[FileKind] = mapped_column(OneOf(FileKind, 10))
    query: Mapped[dict] = mapped_column(JSONB)
    count: Mapped[int]
    asked_at: Mapped[Created]
    made_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]

    __table_args__ = (
        Index(
            "ux_exports_waiting",
            "user_id",
            unique=True,
            postgresql_where=text("made_at IS NULL AND failed_at IS NULL"),
        ),
        CheckConstraint(one_of(FileKind, "format"), name="ck_export_format"),
        CheckConstraint("count >= 0", name="ck_export_count"),
        CheckConstraint("made_at IS NULL OR failed_at IS NULL", name="ck_export_ended"),
    )


class ExportPart(Model):
    """A part of the file, in its order."""

    __tablename__ = "export_parts"

    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.export_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    bytes: Mapped[bytes]
