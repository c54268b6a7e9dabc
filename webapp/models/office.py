from sqlalchemy import CheckConstraint, SmallInteger, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model


class OfficeSettings(Model):
    """What is set for the whole office: one row, or none while nothing was changed yet."""

    __tablename__ = "office_settings"

    is_the_one: Mapped[bool] = mapped_column(primary_key=True, server_default=true())
    name: Mapped[str | None] = mapped_column(String(80))
    """The company, as visitors know it."""
    phone: Mapped[str | None] = mapped_column(String(20))
    retention_months: Mapped[int | None] = mapped_column(SmallInteger)
    check_in_turn: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        CheckConstraint("is_the_one", name="ck_office_settings_one"),
        CheckConstraint("retention_months BETWEEN 6 AND 120", name="ck_office_settings_retention"),
    )
