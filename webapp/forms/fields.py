"""Our kinds of fields: each takes what people type, keeps it when refused, and gives a typed value."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.widgets import FileInput, TextInput

from webapp import cleaning, clock

AREA_SEPARATORS = re.compile(r"[,،;\n]")
LONGEST_AREA, MOST_AREAS = 100, 20
MOST_STATES = 999_999_999
NUMBER = {"dir": "ltr", "autocomplete": "off"}


def _with(attributes: dict, kwargs: dict) -> dict:
    """Keyword arguments of a field with HTML attributes that a form may still override."""
    return kwargs | {"render_kw": attributes | kwargs.get("render_kw", {})}


class TextField(StringField):
    """One line of clean text; empty means ""."""

    lines = False

    def __init__(self, label, longest: int, **kwargs):
        attributes = {"maxlength": longest, "autocomplete": "off", "dir": "auto"}
        super().__init__(label, **_with(attributes, kwargs))
        self.longest = longest

    def process_formdata(self, valuelist):
        self.data = valuelist[0] if valuelist else ""
        self.data = cleaning.text(self.data, longest=self.longest, lines=self.lines)


class LongTextField(TextField, TextAreaField):
    """Several lines of clean text."""

    widget = TextAreaField.widget
    lines = True


class EmailField(TextField):
    """An e-mail address, checked for syntax only; None when empty."""

    def __init__(self, label, **kwargs):
        super().__init__(label, 255, **_with({"type": "email", "dir": "ltr"}, kwargs))

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if not self.data:
            self.data = None
            return
        try:
            self.data = validate_email(self.data, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValueError(_("That is not an e-mail address.")) from None

    def _value(self):
        return self.data or ""


class TypedField(Field):
    """Shows what was typed for as long as it could not be understood."""

    widget = TextInput()
    typed = ""
    data: Any

    def process_formdata(self, valuelist):
        self.typed = valuelist[0] if valuelist else ""
        self.data = None
        if self.typed.strip():
            self.data = self.parse(self.typed)

    def _value(self):
        return self.typed or self.show(self.data)

    def show(self, data) -> str:
        return "" if data is None else str(data)


class OwnWordsField(TypedField):
    """One of our words or somebody's own, clean; None when empty."""

    def __init__(self, label, longest: int, **kwargs):
        super().__init__(label, **kwargs)
        self.longest = longest

    def parse(self, typed):
        return cleaning.text(typed, longest=self.longest)


class MoneyField(TypedField):
    """An amount in AED as Decimal, or None."""

    def __init__(self, label, **kwargs):
        super().__init__(label, **_with(NUMBER | {"inputmode": "decimal"}, kwargs))

    def parse(self, typed):
        return cleaning.money(typed)

    def show(self, data):
        return "" if data is None else f"{data.normalize():f}"


class WholeNumberField(TypedField):
    """A whole number between two others, or None."""

    def __init__(self, label, lowest: int, highest: int, **kwargs):
        super().__init__(label, **_with(NUMBER | {"inputmode": "numeric"}, kwargs))
        self.lowest, self.highest = lowest, highest

    def parse(self, typed):
        return cleaning.whole(typed, lowest=self.lowest, highest=self.highest)


class ClockField(TypedField):
    """A time of the day in Dubai, 09:00 or 9:00 or 0900; None when empty."""

    def __init__(self, label, **kwargs):
        super().__init__(label, **_with(NUMBER | {"inputmode": "numeric", "maxlength": 5}, kwargs))

    def parse(self, typed):
        found = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})", cleaning.latin_digits(typed).strip())
        try:
            return time(int(found[1]), int(found[2])) if found else time(99)
        except ValueError:
            raise ValueError(_("Write a time such as 15:30.")) from None

    def show(self, data):
        return f"{data:%H:%M}" if data else ""


class StateField(HiddenField):
    """The number of the state that somebody saw; what is no number is 0, which nothing is at."""

    def process_formdata(self, valuelist):
        try:
            self.data = cleaning.whole("".join(valuelist), lowest=0, highest=MOST_STATES)
        except ValueError:
            self.data = 0


class KeyField(HiddenField):
    """The id of a row that the form is about; what is no id is None."""

    data: UUID | None

    def process_formdata(self, valuelist):
        self.data = None
        with suppress(ValueError):
            self.data = UUID("".join(valuelist))

    def _value(self):
        return str(self.data or "")


class MomentField(TypedField):
    """A moment in Dubai: YYYY-MM-DDTHH:MM, or a date here and its time in `<name>_time`; None when empty.

    A free slot that was offered and taken comes as `<name>_offered` and wins.
    """

    def process(self, formdata, *args, **kwargs):
        self.time_typed = (formdata.get(f"{self.name}_time") or "").strip() if formdata else ""
        self.offered = formdata.get(f"{self.name}_offered") if formdata else None
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist):
        super().process_formdata([self.offered] if self.offered else valuelist)
        if self.time_typed and not self.typed.strip():
            raise ValueError(_("Say when."))

    def parse(self, typed):
        date, _sep, time = cleaning.latin_digits(typed).strip().partition("T")
        time = time or cleaning.latin_digits(self.time_typed)
        if not time:
            raise ValueError(_("Say at what time."))
        if re.fullmatch(r"\d{1,2}[:.]?\d{2}", time):
            time = f"{time[:-2].rstrip(':.'):0>2}:{time[-2:]}"
        try:
            return clock.from_local(f"{date}T{time}")
        except ValueError:
            raise ValueError(_("Write the date and a time such as 15:30.")) from None

    @property
    def date_value(self) -> str:
        if self.typed:
            return self.typed.partition("T")[0]
        return self.data.astimezone(clock.DUBAI).strftime("%Y-%m-%d") if self.data else ""

    @property
    def time_value(self) -> str:
        if self.typed or self.time_typed:
            return self.typed.partition("T")[2] or self.time_typed
        return self.data.astimezone(clock.DUBAI).strftime("%H:%M") if self.data else ""


class PastField(TypedField):
    """A moment in Dubai that is over, as files write it: 2026-03-31 15:30, 31/03/2026, the day before the month."""

    FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
    TIMES = ("", " %H:%M", " %H:%M:%S")
    EARLIEST = 2000

    def parse(self, typed):
        plain = cleaning.latin_digits(typed).strip().replace("T", " ").removesuffix(" 00:00:00")
        for form in (day + at for day in self.FORMS for at in self.TIMES):
            with suppress(ValueError):
                local = datetime.strptime(plain, form).replace(tzinfo=clock.DUBAI)
                return self.past(local)
        raise ValueError(_("Write a moment that is over as 2026-03-31, with or without its time: 2026-03-31 15:30."))

    def past(self, local: datetime) -> datetime:
        if local.year < self.EARLIEST or local > clock.now():
            raise ValueError
        return local.astimezone(UTC)


class DateField(TypedField):
    """A day, YYYY-MM-DD, or None."""

    def __init__(self, label, **kwargs):
        super().__init__(label, **_with({"type": "date"}, kwargs))

    def parse(self, typed):
        try:
            return date.fromisoformat(cleaning.latin_digits(typed).strip())
        except ValueError:
            raise ValueError(_("Write the date as 2027-03-31.")) from None


class DayField(StringField):
    """A Dubai day of a URL as the moment it starts, or None; what cannot be read is ignored."""

    def process_formdata(self, valuelist):
        self.data = None
        with suppress(ValueError):
            self.data = clock.from_local(f"{valuelist[0]}T00:00") if valuelist else None


class SlotField(StringField):
    """A moment of a URL, YYYY-MM-DDTHH:MM in Dubai, or None; what cannot be read is ignored."""

    def process_formdata(self, valuelist):
        self.data = None
        with suppress(ValueError):
            self.data = clock.from_local(valuelist[0]) if valuelist else None


class RowIdField(StringField):
    """A row of a URL by its UUID, or None; what cannot be read is ignored."""

    def process_formdata(self, valuelist):
        self.data = None
        with suppress(ValueError):
            self.data = UUID(valuelist[0]) if valuelist else None


class WordField(SelectField):
    """A choice from one of our vocabularies; the blank one, where there is one, means None."""

    def __init__(self, label, words, blank=None, **kwargs):
        choices = [SelectChoice(word.value, word.label) for word in words]
        if blank is not None:
            choices.insert(self.blank_at(choices), SelectChoice("", blank))
        super().__init__(label, choices=choices, coerce=lambda value: words(value) if value else None, **kwargs)
        self.blank = blank

    def blank_at(self, choices):
        return 0

    def process_data(self, value):
        self.data = value

    def process_formdata(self, valuelist):
        self.data = None
        if valuelist and valuelist[0]:
            try:
                self.data = self.coerce(valuelist[0])
            except ValueError:
                raise ValueError(_("Choose one of the list.")) from None

    def pre_validate(self, form):
        if self.data is None and self.blank is None and not self.errors:
            raise ValidationError(_("Choose one."))

    def iter_choices(self):
        for choice in self.choices:
            yield Choice(choice.value, choice.label, choice.value == (self.data or ""), {})


class WordRadioField(WordField):
    """A choice from a vocabulary as radio buttons, the blank one last."""

    def blank_at(self, choices):
        return len(choices)


class WordsField(SelectMultipleField):
    """Any number of words of a vocabulary; unknown ones are ignored (they come from a URL)."""

    repeats = True

    def __init__(self, label, words, **kwargs):
        super().__init__(label, choices=[SelectChoice(word.value, word.label) for word in words], **kwargs)
        self.words = words

    def process_formdata(self, valuelist):
        known = {word.value for word in self.words}
        self.data = tuple(self.words(value) for value in dict.fromkeys(valuelist) if value in known)

    def pre_validate(self, form):
        """Nothing unknown is left."""


class RowField(SelectField):
    """A choice of a row by its UUID; blank means None."""

    def __init__(self, label, blank, **kwargs):
        super().__init__(label, choices=[SelectChoice("", blank)], **kwargs)
        self.blank = blank

    def offer(self, rows) -> None:
        """Add (uuid, label) pairs to choose from."""
        rest = (SelectChoice(str(row_id), label) for row_id, label in rows)
        self.choices = [SelectChoice("", self.blank), *rest]

    def shortened(self):
        """The field with nothing to choose but what is chosen."""
        self.choices = [choice for choice in self.choices if choice.value in ("", str(self.data))]
        return self

    def process_formdata(self, valuelist):
        self.data = None
        if valuelist and valuelist[0]:
            try:
                self.data = UUID(valuelist[0])
            except ValueError:
                raise ValueError(_("Choose one of the list.")) from None

    def pre_validate(self, form):
        """Whether the row is there is the service's to say."""

    def iter_choices(self):
        for choice in self.choices:
            yield Choice(choice.value, choice.label, choice.value == str(self.data or ""), {})


class FileField(Field):
    """One file of a form, with its plain name; it is asked for until there is one."""

    widget = FileInput()

    def process_formdata(self, valuelist):
        """A file is no text."""

    def process(self, formdata, *args, **kwargs):
        super().process(formdata, *args, **kwargs)
        sent = request.files.getlist(self.name) if formdata is not None else []
        self.data: Any = sent[0] if len(sent) == 1 and sent[0].filename else None

    def pre_validate(self, form):
        if self.data is None:
            raise ValidationError(_("Choose a file."))

    @property
    def file_name(self) -> str:
        """As it may be shown: without folders, and nothing that cannot be seen."""
        last = re.split(r"[/\\]", self.data.filename)[-1]
        return cleaning.visible(last)[:200] or "?"


class ColumnsField(SelectMultipleField):
    """What the columns of a file hold, in their order: a word of the vocabulary, or nothing for what is left out."""

    repeats = True

    def __init__(self, label, words, **kwargs):
        super().__init__(label, choices=[SelectChoice(word.value, word.label) for word in words], **kwargs)
        self.words = words

    def process_formdata(self, valuelist):
        try:
            self.data = [self.words(value) if value else None for value in valuelist]
        except ValueError:
            self.data = []
            raise ValueError(_("Choose one of the list.")) from None

    def pre_validate(self, form):
        """Whether they fit is the service's to say."""


class AreasField(Field):
    """Areas as typed: repeated fields, each with one or several names between commas."""

    widget = TextInput()
    repeats = True

    def process_formdata(self, valuelist):
        typed = [part for value in valuelist for part in AREA_SEPARATORS.split(value)]
        self.data = [part.strip() for part in typed if part.strip()]
        if len(self.data) > MOST_AREAS:
            raise ValueError(_("At most %(count)s areas.", count=MOST_AREAS))
        self.data = [cleaning.text(area, longest=LONGEST_AREA) for area in self.data]

    def process_data(self, value):
        self.data = list(value or ())

    def _value(self):
        return ", ".join(self.data or [])
