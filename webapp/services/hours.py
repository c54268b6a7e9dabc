"""When the office works: its week, the days that are different, and how long of a wait was working time.

All of it holds for the past too: a wait is measured by the hours as they are now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from flask_babel import gettext as _
from sqlalchemy import Date, Time, cast, delete, func, insert, select

from webapp import clock
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import SpecialHours, WorkingDay, WorkingHours
from webapp.services import audit, office
from webapp.services.access import Actor
from webapp.transaction import transactional

FIRST_YEAR, LAST_YEAR = 2010, 2039
MOST_SPECIAL = 200


@dataclass(frozen=True, order=True)
class Span:
    """From when to when of a day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


@dataclass(frozen=True, order=True)
class Special:
    """Days, the last one included, that are off or have other hours; a day that the week has off stays off."""

    begins: date
    ends: date
    name: str
    span: Span | None = None

    def __str__(self) -> str:
        days = f"{self.begins}" if self.begins == self.ends else f"{self.begins} to {self.ends}"
        return f"{days} {self.span} {self.name}" if self.span else f"{days} {self.name}"


@dataclass(frozen=True)
class Hours:
    """The office's hours: by weekday (1 is Monday) those that are worked, and the days that are different."""

    week: dict[int, Span]
    special: list[Special]


def hours() -> Hours:
    """The hours as they are now, the days that are different in their order."""
    week = db.session.scalars(select(WorkingHours).order_by(WorkingHours.weekday))
    special = db.session.scalars(select(SpecialHours).order_by(SpecialHours.begins, SpecialHours.name))
    return Hours(
        {row.weekday: Span(row.opens, row.closes) for row in week},
        [
            Special(row.begins, row.ends, row.name, Span(row.opens, row.closes) if row.opens and row.closes else None)
            for row in special
        ],
    )


@transactional
def change(*, by: Actor, week: dict[int, Span], special: Sequence[Special]) -> None:
    """Set the week and all days that are different; what is measured by them changes with it."""
    if len(special) > MOST_SPECIAL:
        raise Invalid(_("At most %(count)s lines.", count=MOST_SPECIAL), field="special")
    if wrong := next((one for one in special if not FIRST_YEAR <= one.begins.year <= one.ends.year <= LAST_YEAR), None):
        raise Invalid(
            _("From %(first)s to %(last)s: %(line)s", first=FIRST_YEAR, last=LAST_YEAR, line=wrong), field="special"
        )
    if len({(one.begins, one.name) for one in special}) < len(special):
        raise Invalid(_("Two lines have the same first day and name."), field="special")
    office.held()  # one change at a time
    before = hours()
    after = Hours(dict(sorted(week.items())), sorted(special, key=lambda one: (one.begins, one.name)))
    if after.week != before.week:
        db.session.execute(delete(WorkingHours))
        rows = [{"weekday": day, "opens": span.opens, "closes": span.closes} for day, span in after.week.items()]
        if rows:
            db.session.execute(insert(WorkingHours), rows)
    if after.special != before.special:
        db.session.execute(delete(SpecialHours))
        if after.special:
            db.session.execute(insert(SpecialHours), [_row(one) for one in after.special])
    audit.record("hours.change", by=by, before=_told(before), after=_told(after))


def worked_until(day: type[WorkingDay], moment):
    """All that was worked until a moment, of the row of its day: the difference of two is the working time between."""
    at = cast(_local(moment), Time)
    return day.worked_before + func.least(func.greatest(at - day.opens, _NOTHING), day.closes - day.opens)


def is_day_of(day: type[WorkingDay], moment):
    """That a row of the calendar is the Dubai day of a moment."""
    return day.day == cast(_local(moment), Date)


_NOTHING = func.make_interval()


def _local(moment):
    return func.timezone(str(clock.DUBAI), moment)


def _row(one: Special) -> dict:
    opens, closes = (one.span.opens, one.span.closes) if one.span else (None, None)
    return {"name": one.name, "begins": one.begins, "ends": one.ends, "opens": opens, "closes": closes}


def _told(found: Hours) -> dict:
    week = {f"day_{day}": str(found.week.get(day, "")) for day in range(1, 8)}
    return week | {"special": [str(one) for one in found.special]}
