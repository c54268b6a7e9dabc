from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from webapp.clock import DUBAI
from webapp.vocabulary import View

A_DAY = timedelta(days=1)
AGENDA_DAYS = 7


@dataclass(frozen=True)
class Span:
    """The Dubai days of one view around `day`: weeks begin on Monday, a month is shown in whole weeks."""

    view: View
    day: date

    @property
    def first(self) -> date:
        start = self.day.replace(day=1) if self.view == View.MONTH else self.day
        return monday(start) if self.view in (View.MONTH, View.WEEK) else start

    @property
    def last(self) -> date:
        if self.view == View.MONTH:
            return monday(self.after - A_DAY) + 6 * A_DAY
        return self.first + {View.WEEK: 6, View.DAY: 0, View.AGENDA: AGENDA_DAYS - 1}[self.view] * A_DAY

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return midnight(self.first)

    @property
    def middle(self) -> datetime:
        """A moment of the day that was asked for: in a month's weeks there are days of others."""
        return midnight(self.day)

    @property
    def final(self) -> datetime:
        """The start of the last day."""
        return midnight(self.last)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + A_DAY)

    @property
    def before(self) -> date:
        """A day of the span that one turns back to."""
        if self.view == View.MONTH:
            return (self.day.replace(day=1) - A_DAY).replace(day=1)
        return self.day - self.days * A_DAY

    @property
    def after(self) -> date:
        """A day of the span that one turns on to."""
        if self.view == View.MONTH:
            return (self.day.replace(day=28) + 4 * A_DAY).replace(day=1)
        return self.day + self.days * A_DAY


def monday(day: date) -> date:
    """The first day of its week."""
    return day - day.weekday() * A_DAY


def midnight(day: date) -> datetime:
    """The start of a Dubai day."""
    return datetime.combine(day, time(), DUBAI)


def dates(start: datetime, end: datetime) -> list[date]:
    """The Dubai days from one midnight to another, without that one."""
    first = start.astimezone(DUBAI).date()
    return [first + number * A_DAY for number in range((end - start) // A_DAY)]
