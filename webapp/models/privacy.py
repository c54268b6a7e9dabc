from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Key, Moment


class KeptSale(Model):
    """Who bought, of a closed sale whose buyer was erased: the law wants it for five years. No list or search reads it.

    `number` is the lead's that was sold to, `lead_id` that lead, or the one that it is part of.
    """

    __tablename__ = "kept_sales"

    kept_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(BigInteger)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(255))
    nationality: Mapped[str | None] = mapped_column(String(50))
    sold_at: Mapped[Moment]
    kept_until: Mapped[Moment]

    __table_args__ = (
        Index("ix_kept_sales_kept_until", "kept_until"),
        CheckConstraint("kept_until >= sold_at + interval '5 years'", name="ck_kept_sale_five_years"),
    )
