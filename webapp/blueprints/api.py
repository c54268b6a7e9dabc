"""For programs: capture a lead, and the description of it all. No cookie is read here; a key is asked for."""

from uuid import UUID

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _

from webapp import openapi, problems
from webapp.errors import Invalid, Refused
from webapp.extensions import csrf
from webapp.forms import api as forms
from webapp.services import api, api_keys, leads, suggestions

bp = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)

LONGEST_KEY = 255


@bp.errorhandler(Refused)
def refuse(error: Refused):
    return problems.of(error, forms.PLACES)


@bp.get("/openapi.json")
def describe():
    return jsonify(openapi.DESCRIPTION)


@bp.post("/leads/capture")
def capture():
    found = api_keys.holder(token(), request.remote_addr or "")
    if found is None:
        refused = problems.problem(401, _("Send a valid API key as Authorization: Bearer KEY."))
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    key, actor = found
    if request.mimetype != "application/json":
        return problems.problem(415, _("Send application/json."))
    form = forms.read(request.get_data())
    answer = api.capture(
        form.details(form.source_type.data),
        form.origin(),
        key=key,
        idempotency_key=idempotency_key(),
        body=request.get_data(),
        by=actor,
    )
    if answer.status == 409:
        sentence = _("This phone came from this source less than 24 hours ago.")
        return problems.problem(409, sentence, code="duplicate_lead", **answer.body)
    return jsonify(answer.body | {"suggested_properties": suggested(answer.body["lead_id"], actor)}), answer.status


def token() -> str:
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    return sent.strip() if kind.lower() == "bearer" else ""


def idempotency_key() -> str | None:
    sent = request.headers.get("Idempotency-Key")
    if sent is not None and not (0 < len(sent) <= LONGEST_KEY and sent.isascii() and sent.isprintable()):
        raise Invalid(_("An Idempotency-Key has 1 to 255 printable ASCII characters."), code="validation_error")
    return sent


def suggested(lead_id: str, actor) -> list[dict]:
    """Properties that leads like this one wanted (R11): read after the commit, not kept with the answer."""
    lead = leads.as_captured(UUID(lead_id), by=actor)
    return [
        {
            "property_id": str(found.property_id),
            "reference": found.listing.reference if found.listing else None,
            "title": found.listing.title if found.listing else None,
        }
        for found in suggestions.for_lead(lead)
    ]
