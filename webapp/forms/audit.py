from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import Form, StringField

from webapp import cleaning, formatting
from webapp.forms.fields import DayField, WordsField
from webapp.vocabulary import Verb

DAY = timedelta(days=1)
ITSELF = "itself"
"""In the address: what nobody signed in did."""
MOST = 2**63 - 1


class NumberField(StringField):
    """A lead of a URL by its number, with or without its #, or None; what cannot be read is ignored."""

    data: int | None

    def process_formdata(self, valuelist):
        try:
            self.data = cleaning.whole("".join(valuelist).strip().removeprefix("#"), lowest=1, highest=MOST)
        except ValueError:
            self.data = None


class AuditForm(Form):
    """What the audit is narrowed to, as an address holds it; what it cannot read is ignored."""

    who = StringField(_("Who"))
    verb = WordsField(_("What was done"), Verb)
    lead = NumberField(_("Number of the lead"))
    begins = DayField(_("From"), name="from")
    ends = DayField(_("Until"), name="to")
    after = StringField("")

    @property
    def user_id(self) -> UUID | None:
        try:
            return UUID(self.who.data or "")
        except ValueError:
            return None

    @property
    def by_itself(self) -> bool:
        return self.who.data == ITSELF

    @property
    def narrowed(self) -> dict[str, Any]:
        """Which entries are wanted, as the reader takes it."""
        return {
            "who": self.user_id,
            "by_itself": self.by_itself,
            "verbs": self.verb.data or (),
            "number": self.lead.data,
            "since": self.begins.data,
            "until": self.ends.data + DAY if self.ends.data else None,
        }

    @property
    def is_backwards(self) -> bool:
        return bool(self.begins.data and self.ends.data and self.begins.data > self.ends.data)

    @property
    def query(self) -> dict[str, Any]:
        """What is asked, as an address holds it: without what is empty or not understood."""
        days = {field.name: formatting.iso_day(field.data) for field in (self.begins, self.ends) if field.data}
        said: dict[str, Any] = {
            "who": ITSELF if self.by_itself else str(self.user_id or ""),
            "verb": [word.value for word in self.verb.data or ()],
            "lead": str(self.lead.data or ""),
        }
        return {name: value for name, value in (said | days).items() if value}
