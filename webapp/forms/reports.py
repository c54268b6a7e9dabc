"""What a report is asked for, as an address holds it."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from webapp import clock, formatting
from webapp.forms.fields import RowIdField, WholeNumberField, WordsField
from webapp.forms.parts import PartForm
from webapp.forms.period import PeriodForm
from webapp.vocabulary import CAP, NEAR_CAP, Outcome, Period, PropertyType, Source, Wait


class ReportForm(PartForm, PeriodForm):
    """Period, source, agent, property type and least number, where the report asks for them; what it cannot read is
    ignored.
    """

    source = WordsField(_("Source"), Source)
    agent = RowIdField(_("Agent"))
    property_type = WordsField(_("Property type"), PropertyType)
    at_least = WholeNumberField(_("Active leads from"), 1, CAP)
    wait = WordsField(_("Pause"), Wait)
    outcome = WordsField(_("Outcome"), Outcome)

    def __init__(self, formdata, asks: tuple[str, ...], usual: Period):
        super().__init__(formdata)
        self.asks, self.usual = asks, usual
        for field in (self.source, self.agent, self.property_type, self.at_least):
            if field.name not in asks:
                field.data = None

    @property
    def period(self) -> Period | None:
        if self.date_range.name not in self.asks:
            return None
        return super().period or self.usual

    @property
    def narrowed(self) -> dict[str, Any]:
        """What the report is of."""
        return self.span | {
            "source_type": self.source.data[0] if self.source.data else None,
            "agent_id": self.agent.data,
            "property_type": self.property_type.data[0] if self.property_type.data else None,
            "at_least": self.at_least.data or NEAR_CAP,
        }

    @property
    def pauses(self) -> dict[str, Any]:
        """Which activities are asked for."""
        return {
            "wait": self.wait.data[0] if self.wait.data else None,
            "is_positive": Outcome.POSITIVE in (self.outcome.data or ()),
        }

    def said(self, agents) -> list[str]:
        """What is asked, in words: the days, and what narrows it."""
        first, last = self.days
        said = []
        if self.date_range.name not in self.asks:
            said.append(str(_("As of now")))
        elif first or last:
            ends = (
                formatting.days(first, last or clock.today())
                if first
                else gettext("until %(day)s", day=formatting.day(last))
            )
            said.append(ends)
        else:
            said.append(str(_("All time")))
        said += [str(field.data[0].label) for field in (self.source, self.property_type) if field.data]
        return said + [agent.full_name for agent in agents if agent.agent_id == self.agent.data]

    @property
    def query(self) -> dict[str, Any]:
        """What is asked, as an address holds it: without what is empty, usual or not understood."""
        said = {"date_range": self.period.value} if self.period and self.period != self.usual else {}
        said |= {field.name: field.data[0].value for field in (self.source, self.property_type) if field.data}
        said |= {"agent": str(self.agent.data)} if self.agent.data else {}
        least = self.at_least.data
        return said | self.typed_days | ({"at_least": str(least)} if least and least != NEAR_CAP else {})
