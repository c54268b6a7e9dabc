from datetime import date, time, timedelta

from sqlalchemy import CheckConstraint, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Key


class WorkingHours(Model):
    """From when to when the office works on a day of the week (1 is Monday); a day without a row is off."""

    __tablename__ = "working_hours"

    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    opens: Mapped[time]
    closes: Mapped[time]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="ck_working_hours_weekday"),
        CheckConstraint("opens < closes", name="ck_working_hours_span"),
    )


class SpecialHours(Model):
    """Days that are not as their week says: a holiday without hours, or other hours on the days that are worked."""

    __tablename__ = "special_hours"

    special_id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    begins: Mapped[date]
    ends: Mapped[date]
    opens: Mapped[time | None]
    closes: Mapped[time | None]

    __table_args__ = (
        Index("ux_special_hours_begins_name", "begins", "name", unique=True),
        CheckConstraint("begins <= ends", name="ck_special_hours_days"),
        CheckConstraint("num_nulls(opens, closes) = 2 OR opens < closes", name="ck_special_hours_span"),
    )


class WorkingDay(Model):
    """A day's hours, equal where it is off, and all that was worked before it; kept by trigger from 2010 to 2039."""

    __tablename__ = "working_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time]
    closes: Mapped[time]
    worked_before: Mapped[timedelta]
