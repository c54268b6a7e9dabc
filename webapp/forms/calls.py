from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Form

from webapp import clock, formatting
from webapp.forms.fields import DayField, RowIdField, WordsField
from webapp.vocabulary import CallResult

DAY = timedelta(days=1)
USUAL = 30
"""So many days are shown while nobody asks for others."""


class CallsForm(Form):
    """Which calls of the register are wanted, as an address holds it; what it cannot read is ignored."""

    begins = DayField(_("From"), name="from")
    ends = DayField(_("Until"), name="to")
    agent = RowIdField(_("Agent"))
    result = WordsField(_("Result of the call"), CallResult)

    @property
    def first(self):
        """The first day, as the moment it begins."""
        return self.begins.data or (self.ends.data or clock.today()) - (USUAL - 1) * DAY

    @property
    def narrowed(self) -> dict[str, Any]:
        """Which calls are wanted, as the reader takes it."""
        return {
            "since": self.first,
            "until": self.ends.data + DAY if self.ends.data else None,
            "agent_id": self.agent.data,
            "result": self.result.data[0] if self.result.data else None,
        }

    @property
    def is_backwards(self) -> bool:
        return bool(self.ends.data and self.first > self.ends.data)

    @property
    def query(self) -> dict[str, Any]:
        """What is asked, as an address holds it: without what is empty or not understood."""
        days = {field.name: formatting.iso_day(field.data) for field in (self.begins, self.ends) if field.data}
        said = {"agent": str(self.agent.data)} if self.agent.data else {}
        return days | said | ({"result": self.result.data[0].value} if self.result.data else {})
