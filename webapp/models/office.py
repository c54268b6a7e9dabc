from datetime import time

from sqlalchemy import CheckConstraint, SmallInteger, String, Time, false, text, true
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

    # When and how often the contact guard lets people be called; `guard_blocks`: or only warns.
    calls_from: Mapped[time] = mapped_column(Time, server_default=text("'09:00'"))
    calls_until: Mapped[time] = mapped_column(Time, server_default=text("'18:00'"))
    unanswered_a_day: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    unanswered_a_week: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    guard_blocks: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        CheckConstraint("is_the_one", name="ck_office_settings_one"),
        CheckConstraint("retention_months BETWEEN 6 AND 120", name="ck_office_settings_retention"),
        CheckConstraint("calls_from < calls_until", name="ck_office_settings_hours"),
        CheckConstraint(
            "unanswered_a_day BETWEEN 1 AND 20 AND unanswered_a_week BETWEEN unanswered_a_day AND 50",
            name="ck_office_settings_calls",
        ),
    )
