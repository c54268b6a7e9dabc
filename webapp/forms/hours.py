import re
from datetime import date, time

from flask_babel import lazy_gettext as _
from wtforms import Field
from wtforms.widgets import TextArea

from webapp import cleaning
from webapp.forms.base import Form
from webapp.forms.fields import TypedField
from webapp.services.hours import Hours, Span, Special

SPAN = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*(?:[-–—]|to|الى|إلى)\s*(\d{1,2})(?:[:.](\d\d))?")
LINE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:\s*(?:[-–—]|to|الى|إلى)\s*(\d{4}-\d\d-\d\d))?\s+"
    r"(?:(\d{1,2}[:.]\d\d\s*[-–—]\s*\d{1,2}[:.]\d\d)\s+)?(\S.*)"
)
LONGEST_NAME, MOST_LETTERS = 80, 20_000
LTR = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}


class SpanField(TypedField):
    """The hours of a day, 09:00-18:00; None when empty."""

    def __init__(self, label, **kwargs):
        super().__init__(label, render_kw=LTR | {"placeholder": _("day off"), "maxlength": 20}, **kwargs)

    def parse(self, typed):
        return span(cleaning.latin_digits(typed).strip())


class SpecialDaysField(Field):
    """The days that are different, one a line: 2026-12-02 to 2026-12-03 National Day, with hours before the name."""

    widget = TextArea()

    def __init__(self, label, **kwargs):
        shown = LTR | {"rows": 14, "maxlength": MOST_LETTERS, "dir": "auto"}
        super().__init__(label, render_kw=shown, **kwargs)
        self.typed = ""

    def process_formdata(self, valuelist):
        self.typed, self.data = valuelist[0] if valuelist else "", []
        lines = cleaning.text(self.typed, longest=MOST_LETTERS, lines=True) or ""
        self.data = [self.line(line.strip()) for line in lines.split("\n") if line.strip()]

    def line(self, typed: str) -> Special:
        found = LINE.fullmatch(cleaning.latin_digits(typed))
        try:
            if found and len(found[4]) <= LONGEST_NAME:
                begins, ends = date.fromisoformat(found[1]), date.fromisoformat(found[2] or found[1])
                if begins <= ends:
                    return Special(begins, ends, found[4], span(found[3]) if found[3] else None)
        except ValueError:
            pass
        raise ValueError(_("Write each line as 2026-12-02 to 2026-12-03 National Day: %(line)s", line=typed[:60]))

    def _value(self):
        return self.typed or "\n".join(str(one) for one in self.data or [])


def span(typed: str) -> Span:
    """The hours that were typed."""
    found = SPAN.fullmatch(typed)
    try:
        if found:
            opens, closes = (time(int(found[n]), int(found[n + 1] or 0)) for n in (1, 3))
            if opens < closes:
                return Span(opens, closes)
    except ValueError:
        pass
    raise ValueError(_("Write the hours as 09:00-18:00."))


class HoursForm(Form):
    """The week of the office, and its days that are different."""

    day_1 = SpanField(_("Monday"))
    day_2 = SpanField(_("Tuesday"))
    day_3 = SpanField(_("Wednesday"))
    day_4 = SpanField(_("Thursday"))
    day_5 = SpanField(_("Friday"))
    day_6 = SpanField(_("Saturday"))
    day_7 = SpanField(_("Sunday"))
    special = SpecialDaysField(_("Days that are different"))

    @property
    def days(self) -> list[SpanField]:
        """The fields of the week, Monday first."""
        return [self[f"day_{day}"] for day in range(1, 8)]

    @property
    def week(self) -> dict[int, Span]:
        """The hours by weekday, of the days that are worked."""
        return {day: field.data for day, field in enumerate(self.days, start=1) if field.data}

    @classmethod
    def of(cls, found: Hours) -> "HoursForm":
        """The form as it shows what holds."""
        week = {f"day_{day}": span for day, span in found.week.items()}
        return cls(formdata=None, special=found.special, **week)
