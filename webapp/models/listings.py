from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Created, Key, OneOf, one_of
from webapp.vocabulary import PropertyType, Purpose


class Listing(Model):
    """A property that is or was on offer: what gives a `property_id` its name (R11)."""

    __tablename__ = "listings"

    property_id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(50), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    property_type: Mapped[PropertyType | None] = mapped_column(OneOf(PropertyType))
    area: Mapped[str | None] = mapped_column(String(100))
    purpose: Mapped[Purpose | None] = mapped_column(OneOf(Purpose, 20))
    price: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    permit: Mapped[str | None] = mapped_column(String(50))
    url: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Created]

    __table_args__ = (
        CheckConstraint(one_of(PropertyType, "property_type"), name="ck_listing_property_type"),
        CheckConstraint(one_of(Purpose, "purpose"), name="ck_listing_purpose"),
        CheckConstraint("price <> 'NaN' AND price > 0", name="ck_listing_price"),
    )
