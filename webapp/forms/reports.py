"""What a report is asked for, as an address holds it."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from webapp import clock, formatting
from webapp.forms.fields import RowIdField, WholeNumberField, WordsField
from webapp.forms.filters import address_of
from webapp.forms.period import PeriodForm
from webapp.services import reports
from webapp.services.leads import Filters
from webapp.services.reports import Pauses, Report, Scope
from webapp.vocabulary import CAP, Outcome, Period, PropertyType, Source, Wait


class ReportForm(PeriodForm):
    """Period, source, agent, property type and least number, where the report asks for them; what it cannot read is
    ignored.
    """

    source = WordsField(_("Source"), Source)
    agent = RowIdField(_("Agent"))
    property_type = WordsField(_("Property type"), PropertyType)
    at_least = WholeNumberField(_("Active leads from"), 1, CAP)
    wait = WordsField(_("Pause"), Wait)
    outcome = WordsField(_("Outcome"), Outcome)

    def __init__(self, formdata, report: Report):
        super().__init__(formdata)
        self.report = report
        for name in ({"source", "agent", "property_type", "at_least"} - {*report.filters}) & {*self._fields}:
            self[name].data = None

    @property
    def period(self) -> Period | None:
        if reports.PERIOD not in self.report.filters:
            return None
        return super().period or self.report.period

    @property
    def scope(self) -> Scope:
        """What the report is of."""
        return Scope(
            **self.span,
            source_type=self.source.data[0] if self.source.data else None,
            agent_id=self.agent.data,
            property_type=self.property_type.data[0] if self.property_type.data else None,
            at_least=self.at_least.data or reports.NEAR_CAP,
        )

    @property
    def pauses(self) -> Pauses:
        """Which of the activities are asked for."""
        return Pauses(self.wait.data[0] if self.wait.data else None, Outcome.POSITIVE in (self.outcome.data or ()))

    def address_of(self, opens: Filters | Pauses) -> str:
        """Where what is behind a number is listed."""
        if isinstance(opens, Filters):
            return address_of(opens)
        said = {"wait": opens.wait, "outcome": Outcome.POSITIVE if opens.is_positive else None}
        return url_for("reports.activities", **self.query, **{name: str(word) for name, word in said.items() if word})

    def said(self, agents) -> list[str]:
        """What is asked, in words: the days, and what narrows it."""
        first, last = self.days
        said = []
        if reports.PERIOD not in self.report.filters:
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
        said = {"date_range": self.period.value} if self.period and self.period != self.report.period else {}
        said |= {field.name: field.data[0].value for field in (self.source, self.property_type) if field.data}
        said |= {"agent": str(self.agent.data)} if self.agent.data else {}
        least = self.at_least.data
        return said | self.typed_days | ({"at_least": str(least)} if least and least != reports.NEAR_CAP else {})
