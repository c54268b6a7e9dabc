"""What is asked of agents: whose figures for when, and which to choose one of."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField, ValidationError

from webapp import areas, formatting
from webapp.forms.base import CreateForm
from webapp.forms.base import Form as WritingForm
from webapp.forms.fields import AreasField, DateField, EmailField, RowIdField, TextField, WordsField
from webapp.forms.parts import PartForm
from webapp.forms.period import PeriodForm
from webapp.services.agents import Profile
from webapp.vocabulary import AgentOrder, PropertyType, Source, SpokenLanguage, Standing, Team


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


class LoadsForm(PartForm):
    """Which agents the workload shows and in which order, as the URL holds it; what it cannot read is ignored."""

    show = WordsField(_("Show"), Team)
    language = WordsField(_("Language"), SpokenLanguage)
    type = WordsField(_("Property type"), PropertyType)
    area = StringField(_("Area"))
    sort = WordsField(_("Sort"), AgentOrder)

    @property
    def narrowed(self) -> dict[str, Any]:
        """What the agents are narrowed to."""
        return {
            "team": _first(self.show),
            "language": _first(self.language),
            "property_type": _first(self.type),
            "area": areas.canonical(_typed(self.area)),
        }

    @property
    def order(self) -> AgentOrder:
        return _first(self.sort) or AgentOrder.LOAD

    @property
    def query(self) -> dict[str, Any]:
        """What is asked, as an address holds it: without what is empty, not understood or usual."""
        words = (self.show, self.language, self.type, self.sort)
        said = {field.name: field.data[0].value for field in words if field.data}
        if self.order == AgentOrder.LOAD:
            said.pop("sort", None)
        return said | ({"area": _typed(self.area)} if _typed(self.area) else {})


class ProfileFields:
    """Who an agent is and what they know."""

    full_name = TextField(_("Name"), 200)
    arabic_name = TextField(_("Name in Arabic"), 200, render_kw={"lang": "ar"})
    email = EmailField(_("Work e-mail"))
    phone = TextField(_("Phone number"), 60, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})
    language_skills = WordsField(_("Languages"), SpokenLanguage)
    specialization_property_type = WordsField(_("Property types"), PropertyType)
    specialization_areas = AreasField(_("Areas"))
    broker_number = TextField(_("Broker number"), 20, render_kw={"dir": "ltr"})
    broker_number_expires_on = DateField(_("Valid until"))

    def validate_full_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Say what they are called."))

    def validate_email(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Give their e-mail address."))

    @property
    def profile(self) -> Profile:
        return Profile(
            full_name=self.full_name.data,
            email=self.email.data,
            phone=self.phone.data,
            types=self.specialization_property_type.data or (),
            areas=self.specialization_areas.data or (),
            languages=self.language_skills.data or (),
            arabic_name=self.arabic_name.data,
            broker_number=self.broker_number.data,
            broker_number_expires_on=self.broker_number_expires_on.data,
        )


class AgentForm(ProfileFields, CreateForm):
    """Add an agent."""


class AmendAgentForm(ProfileFields, WritingForm):
    """Change what is known of an agent."""


class DutyForm(WritingForm):
    """On duty, or off: for good, or until a day."""

    on_duty = BooleanField()
    off_duty_until = DateField(_("First day back"))


class LeaveForm(WritingForm):
    """An agent leaves, or comes back: only a button."""


def _first(field):
    return field.data[0] if field.data else None


def _typed(field) -> str:
    return (field.data or "").replace("\x00", "").strip()[:100]
