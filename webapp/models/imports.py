from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, Texts, one_of
from webapp.vocabulary import FileKind, ImportRowState, ImportState, Source

if TYPE_CHECKING:
    from webapp.models.leads import Lead

UNDER_WAY = "state IN ('checking', 'running', 'undoing')"


class Import(Model):
    """A file of leads that somebody uploaded: what its columns mean and how far its import is.

    `columns` has a word of LeadColumn, or nothing, for each heading; `hash` is the file's, so that it comes once.
    """

    __tablename__ = "imports"

    import_id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[FileKind] = mapped_column(OneOf(FileKind, 10))
    hash: Mapped[bytes]
    size: Mapped[int]
    headings: Mapped[Texts]
    sample: Mapped[list] = mapped_column(JSONB)
    columns: Mapped[list | None] = mapped_column(JSONB(none_as_null=True))
    source_type: Mapped[Source | None] = mapped_column(OneOf(Source))
    state: Mapped[ImportState] = mapped_column(OneOf(ImportState, 20), server_default=ImportState.UPLOADED)
    why: Mapped[str | None] = mapped_column(Text)
    uploaded_at: Mapped[Created]
    started_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    undone_at: Mapped[Moment | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    forgotten_at: Mapped[Moment | None]

    __table_args__ = (
        Index("ux_imports_hash", "hash", unique=True, postgresql_where=text("state NOT IN ('undoing', 'undone')")),
        Index("ix_imports_waiting", "uploaded_at", postgresql_where=text(UNDER_WAY)),
        Index("ix_imports_newest", text("uploaded_at DESC"), "import_id"),
        CheckConstraint(one_of(FileKind, "format"), name="ck_import_format"),
        CheckConstraint(one_of(ImportState, "state"), name="ck_import_state"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_import_source_type"),
    )

    @property
    def is_under_way(self) -> bool:
        """Whether the worker still has something to do for it."""
        return self.state in (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class ImportPart(Model):
    """A part of the file, in its order; kept until the import begins."""

    __tablename__ = "import_parts"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.import_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bytes: Mapped[bytes]


class ImportRow(Model):
    """One row of the file by its number there: its cells, what is wrong with it, and what became of it.

    `wrong` is a list of [place of the column or nothing, sentence]. The cells are forgotten after a month.
    """

    __tablename__ = "import_rows"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.import_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[Texts]
    state: Mapped[ImportRowState] = mapped_column(OneOf(ImportRowState, 20))
    wrong: Mapped[list | None] = mapped_column(JSONB(none_as_null=True))
    phone: Mapped[str | None] = mapped_column(String(20))
    source_type: Mapped[Source | None] = mapped_column(OneOf(Source))
    came_at: Mapped[Moment | None]
    fingerprint: Mapped[bytes | None]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id", ondelete="SET NULL"), index=True)
    enquiry_id: Mapped[UUID | None] = mapped_column(ForeignKey("enquiries.enquiry_id", ondelete="SET NULL"), index=True)
    why: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[Moment | None]

    lead: Mapped["Lead | None"] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_import_rows_state", "import_id", "state", "number"),
        Index("ix_import_rows_phone", "import_id", "phone"),
        Index(
            "ix_import_rows_fingerprint",
            "fingerprint",
            postgresql_where=text("state IN ('created', 'attached')"),
        ),
        CheckConstraint(one_of(ImportRowState, "state"), name="ck_import_row_state"),
        CheckConstraint(one_of(Source, "source_type"), name="ck_import_row_source_type"),
    )
