"""Moving a lead along the status path."""

from flask import Blueprint, g, request
from flask_babel import gettext as _

from webapp.blueprints.leads import lead_page
from webapp.forms.pipeline import StatusForm
from webapp.responses import go_to, respond
from webapp.services import leads, listings, pipeline
from webapp.vocabulary import Status

bp = Blueprint("pipeline", __name__, url_prefix="/leads/<uuid:lead_id>/status")


@bp.get("")
def ask(lead_id):
    """The question that a final move is: converted or lost."""
    lead = leads.find(lead_id, by=g.actor)
    wanted = request.args.get("status")
    if wanted not in lead.status.moves:
        return lead_page(lead_id)
    return form_page(lead, StatusForm(status_from=lead.status, status=Status(wanted)))


@bp.post("")
def move(lead_id):
    form = StatusForm()
    if form.validate_on_submit():
        with form.refusals():
            lead = pipeline.move(
                lead_id,
                by=g.actor,
                status_from=form.status_from.data,
                status=form.status.data,
                notes=form.notes.data,
                lost_reason=form.lost_reason.data,
                deal=form.deal,
            )
            return go_to("leads.show", _("Now %(status)s.", status=lead.status.label), lead_id=lead_id)
    lead = leads.find(lead_id, by=g.actor)
    if form.status.data and form.status.data.is_closed and form.status.data in lead.status.moves:
        return form_page(lead, form, form.status_code)
    return lead_page(lead_id, form.status_code, problem=form.sentence)


def form_page(lead, form, status=200):
    known = listings.wanted_by(lead.lead_id) if form.status.data == Status.CONVERTED else []
    return respond("pipeline/ask.html", status=status, lead=lead, form=form, known=known)
