"""The filters of a list of leads, as an address holds them."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from wtforms import Form, StringField

from webapp import areas, clock, formatting
from webapp.forms.fields import DayField, MoneyField, WholeNumberField, WordsField
from webapp.services.leads import Filters
from webapp.vocabulary import (
    Attention,
    Fit,
    LastContact,
    LeadOrder,
    LostBecause,
    NextStep,
    PropertyType,
    Source,
    Status,
    Wait,
    WantedType,
)

WEEK = timedelta(days=7)


class FilterForm(Form):
    """The list's filters as the URL holds them; what it cannot read is ignored."""

    q = StringField(_("Name, phone, e-mail or #number"))
    status = WordsField(_("Status"), Status)
    source_type = WordsField(_("Source"), Source)
    property_type = WordsField(_("Property type"), WantedType)
    area = StringField(_("Area"))
    owner = StringField(_("Owner"))
    score_min = WholeNumberField(_("Score from"), 0, 100)
    score_max = WholeNumberField(_("Score up to"), 0, 100)
    budget_min = MoneyField(_("Budget from, AED"))
    budget_max = MoneyField(_("Budget up to, AED"))
    created_from = DayField(_("Came in from"))
    created_to = DayField(_("Came in until"))
    contacted_from = DayField(_("Contacted from"))
    converted_from = DayField(_("Converted from"))
    converted_to = DayField(_("Converted until"))
    last_contact = WordsField(_("Last contact"), LastContact)
    first_answer = WordsField(_("First answer"), Wait)
    fit = WordsField(_("Specialisation"), Fit)
    reached = WordsField(_("Has reached"), Status)
    lost_because = WordsField(_("Lost because"), LostBecause)
    next_step = WordsField(_("Next step"), NextStep)
    attention = WordsField(_("Needs a manager"), Attention)
    sort = WordsField(_("Sort"), LeadOrder)

    def filters(self) -> Filters:
        contact, step = _first(self.last_contact), _first(self.next_step)
        wanted = self.property_type.data or ()
        today = clock.today()
        since = {LastContact.TODAY: today, LastContact.WEEK: today - WEEK}.get(contact, self.contacted_from.data)
        return Filters(
            q=_typed(self.q),
            status=self.status.data or (),
            source_type=self.source_type.data or (),
            property_type=tuple(PropertyType(word) for word in wanted if word != WantedType.NONE),
            no_property_type=WantedType.NONE in wanted,
            area=areas.canonical(_typed(self.area)),
            owner=_owner(self.owner.data),
            unassigned=self.owner.data == "none",
            score_min=self.score_min.data,
            score_max=self.score_max.data,
            budget_min=self.budget_min.data,
            budget_max=self.budget_max.data,
            created_from=self.created_from.data,
            created_to=_end(self.created_to),
            contacted_from=since,
            contacted_to=today - WEEK if contact == LastContact.SILENT else None,
            converted_from=self.converted_from.data,
            converted_to=_end(self.converted_to),
            never_contacted=contact == LastContact.NEVER,
            answered_by_owner=contact == LastContact.ANSWERED,
            first_answer=self.first_answer.data or (),
            fit=_first(self.fit),
            reached=_first(self.reached),
            lost_because=self.lost_because.data or (),
            overdue=step == NextStep.OVERDUE,
            no_next_step=step == NextStep.NONE,
            attention=_first(self.attention),
        )

    @property
    def order(self) -> LeadOrder:
        return _first(self.sort) or LeadOrder.NEWEST

    @property
    def query(self) -> dict[str, list[str]]:
        """What is asked, as an address holds it: without what is empty, not understood or usual."""
        said = {field.name: _said(field) for field in self}
        if self.owner.data != "none" and _owner(self.owner.data) is None:
            said["owner"] = []
        if self.order == LeadOrder.NEWEST:
            said["sort"] = []
        return {name: values for name, values in said.items() if values}

    @property
    def listed(self) -> str:
        """The filters alone, as one value of another address."""
        return urlencode({name: values for name, values in self.query.items() if name != "sort"}, doseq=True)

    def address(self, endpoint: str, **more: str) -> str:
        """Where this list, or something else for the same leads, is found. A list without a filter says so: all."""
        values: dict = {**self.query, **more}
        if endpoint == "leads.index" and not values:
            values = {"all": "1"}
        return url_for(endpoint, **values)

    def chips(self, owners: dict[str, str]) -> list[tuple[str, dict]]:
        """Each filter in words, with the address of the list without it; `owners` are names by id."""
        asked = {name: values for name, values in self.query.items() if name != "sort"}
        return [
            (self._words(self[name], owners), {other: kept for other, kept in self.query.items() if other != name})
            for name in asked
        ]

    def _words(self, field, owners: dict[str, str]) -> str:
        if isinstance(field, WordsField):
            words = ", ".join(str(word.label) for word in field.data)
            return (
                f"{field.label.text}: {words}" if field.name in ("first_answer", "reached", "lost_because") else words
            )
        if field.name == "owner":
            return str(_("nobody’s") if field.data == "none" else owners.get(field.data, field.data))
        if isinstance(field, DayField):
            return f"{field.label.text} {formatting.day(field.data)}"
        if isinstance(field, MoneyField):
            return f"{field.label.text} {formatting.short_aed(field.data)}"
        return f"“{field.data}”" if field.name == "q" else f"{field.label.text} {field.data}"


def address_of(filters: Filters) -> str:
    """Where these very leads are listed; the inverse of what a form makes of an address."""
    contact = (
        LastContact.NEVER if filters.never_contacted else LastContact.ANSWERED if filters.answered_by_owner else ""
    )
    step = NextStep.OVERDUE if filters.overdue else NextStep.NONE if filters.no_next_step else ""
    asked = {
        "q": filters.q,
        "status": filters.status,
        "source_type": filters.source_type,
        "property_type": (*filters.property_type, *([WantedType.NONE] if filters.no_property_type else [])),
        "area": filters.area,
        "owner": "none" if filters.unassigned else filters.owner,
        "score_min": filters.score_min,
        "score_max": filters.score_max,
        "budget_min": filters.budget_min,
        "budget_max": filters.budget_max,
        "created_from": _day(filters.created_from),
        "created_to": _day(filters.created_to, last=True),
        "contacted_from": _day(filters.contacted_from),
        "converted_from": _day(filters.converted_from),
        "converted_to": _day(filters.converted_to, last=True),
        "last_contact": contact,
        "first_answer": filters.first_answer,
        "fit": filters.fit,
        "reached": filters.reached,
        "lost_because": filters.lost_because,
        "next_step": step,
    }
    said: dict[str, Any] = {
        name: [str(word) for word in value] if isinstance(value, tuple) else str(value)
        for name, value in asked.items()
        if value not in (None, "", ())
    }
    return url_for("leads.index", **(said or {"all": "1"}))


def _day(moment: datetime | None, *, last: bool = False) -> str:
    """The Dubai day that begins then, or the last one before."""
    return formatting.iso_day(moment - timedelta(days=last)) if moment else ""


def _said(field) -> list[str]:
    if isinstance(field, WordsField):
        return [str(word) for word in field.data or ()]
    if type(field) is StringField:
        return [_typed(field)] if _typed(field) else []
    return [str(value) for value in field.raw_data or () if value.strip() and field.data is not None]


def _end(field) -> datetime | None:
    """Until the end of the day."""
    return field.data + timedelta(days=1) if field.data else None


def _first(field):
    return field.data[0] if field.data else None


def _typed(field) -> str:
    return (field.data or "").replace("\x00", "").strip()[:100]


def _owner(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
