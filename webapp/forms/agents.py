"""What is asked of agents: whose figures for when, and which to choose one of."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from wtforms import StringField

from webapp import formatting
from webapp.forms.fields import RowIdField, WordsField
from webapp.forms.parts import PartForm
from webapp.forms.period import PeriodForm
from webapp.vocabulary import Source, Standing


class FiguresForm(PeriodForm):
    """Period, standing and source of an agent's figures; what it cannot read is ignored."""

    status = WordsField(_("Status"), Standing)
    source = WordsField(_("Source"), Source)

    @property
    def narrowed(self) -> dict[str, Any]:
        """What the agent's leads are narrowed to."""
        return self.span | {
            "source_type": self.source.data[0] if self.source.data else None,
            "standing": self.status.data[0] if self.status.data else None,
        }

    @property
    def query(self) -> dict[str, Any]:
        """What is asked, as an address holds it: without what is empty or not understood."""
        said = {field.name: field.data[0].value for field in (self.date_range, self.status, self.source) if field.data}
        return said | self.typed_days

    def leads(self, owner: UUID | None, **more) -> str:
        """Where the leads behind a number are listed: the agent's that came in in the period from the source.

        `owner` is None for an agent's own, who see no others. What more narrows them wins; None takes a filter away.
        """
        first, last = (day and formatting.iso_day(day) for day in self.days)
        source = self.source.data[0].value if self.source.data else None
        asked = {"owner": owner, "created_from": first, "created_to": last, "source_type": source} | more
        query: dict[str, Any] = {name: value for name, value in asked.items() if value}
        return url_for("leads.index", **query or {"all": 1})

    def listed(self, owner: UUID | None, **more) -> str:
        """The same with the chosen standing."""
        statuses = [status.value for status in self.status.data[0].statuses] if self.status.data else None
        return self.leads(owner, **{"status": statuses} | more)

    def deals(self, owner: UUID | None) -> str:
        """The leads behind the deals of the period, whenever they came in."""
        first, last = (day and formatting.iso_day(day) for day in self.days)
        made = (
            {"converted_from": first, "converted_to": last} if first or last else {"status": Standing.CONVERTED.value}
        )
        return self.leads(owner, created_from=None, created_to=None, **made)


class ChoicesForm(PartForm):
    """Which agents are asked for, to choose one: but for whom, and whether with the number of leads they hold."""

    but = RowIdField()
    load = StringField()
