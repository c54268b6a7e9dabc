from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    any_,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, Texts
from webapp.models.leads import Lead
from webapp.vocabulary import Source

if TYPE_CHECKING:
    from webapp.models.users import User

STANDS = text("undone_at IS NULL")


class Merge(Model):
    """A lead that became part of another one. It left `leads`; `kept` is all that its undo needs (R2).

    `survivor_id` is the lead it is part of now: that goes on when the survivor is merged away itself. `phones` are all
    numbers of both, `source_type` and `captured_at` the later of their two captures: the earlier one stays the lead's.
    """

    __tablename__ = "merges"

    merge_id: Mapped[Key]
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"))
    absorbed_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    """Whose the lead was that is merged away."""
    phones: Mapped[Texts]
    source_type: Mapped[Source] = mapped_column(OneOf(Source))
    captured_at: Mapped[Moment]
    kept: Mapped[dict] = mapped_column(JSONB)
    merged_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    merged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    undone_at: Mapped[Moment | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    survivor: Mapped[Lead] = relationship(lazy="raise")
    merger: Mapped["User | None"] = relationship(lazy="raise", foreign_keys=merged_by)

    __table_args__ = (
        Index("ix_merges_survivor_id", "survivor_id", "merged_at"),
        Index("ux_merges_absorbed_id", "absorbed_id", unique=True, postgresql_where=STANDS),
        Index("ix_merges_phones", "phones", postgresql_using="gin", postgresql_where=STANDS),
    )


class Distinction(Model):
    """Two leads that look alike and, as somebody said, are not the same person."""

    __tablename__ = "distinctions"

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(
        ForeignKey("leads.lead_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[Created]

    __table_args__ = (CheckConstraint("lead_id < other_id", name="ck_distinction_order"),)


def reached_by(phone) -> ColumnElement[bool]:
    """The leads of this phone number, also where one that had it was merged into them; an erased person has none."""
    if not phone:
        return false()
    return or_(Lead.phone == phone, _part(Merge.phones.contains([phone])))


def took_in(phone: str, source: Source, since: ColumnElement, until: ColumnElement) -> ColumnElement[bool]:
    """The leads that a merge gave a capture of this phone from this source, later than `since`, before `until`."""
    captured = Merge.captured_at > since, Merge.captured_at < until
    return _part(Merge.phones.contains([phone]), Merge.source_type == source, *captured)


def _part(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    # As an array, so that the lead is found by its key beside the other condition's index.
    parts = select(Merge.survivor_id).where(*conditions, Merge.undone_at.is_(None))
    return Lead.lead_id == any_(func.array(parts.scalar_subquery()))
