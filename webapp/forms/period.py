"""The period that figures and reports are of, as an address holds it."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form

from webapp import clock, formatting
from webapp.forms.fields import DayField, WordsField
from webapp.vocabulary import Period

DAY = timedelta(days=1)


class PeriodForm(Form):
    """From when to when; what it cannot read is ignored."""

    date_range = WordsField(_("Came in"), Period)
    begins = DayField(_("From"), name="from")
    ends = DayField(_("Until"), name="to")

    @property
    def period(self) -> Period | None:
        return self.date_range.data[0] if self.date_range.data else None

    @property
    def days(self) -> tuple[datetime | None, datetime | None]:
        """The first and the last day asked for as the moments they start; None is no end."""
        if self.period == Period.CUSTOM:
            return self.begins.data, self.ends.data
        return (clock.today() - self.period.days * DAY if self.period else None), None

    @property
    def is_backwards(self) -> bool:
        first, last = self.days
        return bool(first and last and first > last)

    @property
    def span(self) -> dict[str, datetime | None]:
        """From the first moment (inclusive) to the last (exclusive)."""
        first, last = self.days
        return {"begins": first, "ends": last + DAY if last else None}

    @property
    def typed_days(self) -> dict[str, Any]:
        """The days of a period of one's own, as an address holds them."""
        if self.period != Period.CUSTOM:
            return {}
        return {field.name: formatting.iso_day(field.data) for field in (self.begins, self.ends) if field.data}
