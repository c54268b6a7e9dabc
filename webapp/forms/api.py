"""JSON in; the same typed values out, and the same sentences, as from the pages' forms."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn

import wtforms
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp.errors import Invalid, Refused
from webapp.forms.fields import LongTextField, RowField, TextField, WordField
from webapp.forms.leads import DetailsFields
from webapp.services.leads import Origin
from webapp.vocabulary import Channel, Source

LEAD, ORIGIN = "lead_data", "source_details"
NUMBERS, LISTS, TRUTHS = ("budget_min", "budget_max", "bedrooms"), ("preferred_areas",), ("consent",)
DEEPEST = 20


class CaptureForm(DetailsFields, wtforms.Form):
    """A lead as a program brings it."""

    source_type = WordField("", Source)
    message = LongTextField("", 2000)
    campaign_id = TextField("", 100)
    utm_source = TextField("", 100)
    referrer_agent_id = RowField("", blank="")
    property_id = RowField("", blank="")

    def origin(self) -> Origin:
        return Origin(
            channel=Channel.API,
            message=self.message.data,
            campaign_id=self.campaign_id.data or None,
            utm_source=self.utm_source.data or None,
            referrer_agent_id=self.referrer_agent_id.data,
            property_id=self.property_id.data,
        )


PLACES = {"source_type": "source_type"} | {
    name: f"{ORIGIN if name in ('campaign_id', 'utm_source', 'referrer_agent_id', 'property_id') else LEAD}.{name}"
    for name in CaptureForm()._fields
    if name != "source_type"
}
"""Where in the JSON each field stands."""


def read(body: bytes) -> CaptureForm:
    """The form that a JSON body fills, all of it understood; else `Refused` with what is wrong by its place."""
    sent, wrong = _flattened(_parsed(body))
    form = CaptureForm(sent)
    form.validate()
    wrong = {PLACES[name]: " ".join(map(str, errors)) for name, errors in form.errors.items()} | wrong
    if wrong:
        raise Invalid(_("Some fields cannot be right."), code="validation_error", errors=wrong)
    return form


def _parsed(body: bytes) -> dict:
    try:
        parsed = json.loads(body.decode(), parse_float=Decimal, parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise Refused(_("The body is not JSON in UTF-8."), code="malformed") from None
    if not isinstance(parsed, dict):
        raise Invalid(_("The body must be a JSON object."), code="validation_error")
    return parsed


def _flattened(body: dict) -> tuple[MultiDict, dict[str, str]]:
    """The values as a form would send them, and what has another type than it must have."""
    sent: MultiDict = MultiDict()
    wrong: dict[str, str] = {}
    parts: dict[str, Mapping] = {"": body}
    for part in (LEAD, ORIGIN):
        found = body.get(part)
        if found is None and part == ORIGIN:
            found = {}
        if not isinstance(found, Mapping):
            wrong[part] = _("This must be an object.")
            found = {}
        parts[part] = found
    for name, place in PLACES.items():
        value = parts[place.rpartition(".")[0]].get(name)
        if value is None:
            continue
        texts = _texts(name, value)
        if texts is None:
            wrong[place] = _("This has another type than it must have.")
        else:
            sent.setlist(name, texts)
    return sent, wrong


def _texts(name: str, value: object) -> list[str] | None:
    if name in TRUTHS:
        return (["y"] if value else []) if isinstance(value, bool) else None
    if name in LISTS:
        return list(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else None
    if name in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        number = Decimal(value)
        return [f"{number:f}"] if abs(number.adjusted()) < DEEPEST else None
    return [value] if isinstance(value, str) else None


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)
