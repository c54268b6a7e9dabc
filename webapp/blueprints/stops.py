"""How a person may be contacted: who asked not to be, and who lifted that."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.consents import ConsentForm
from webapp.forms.stops import LiftForm, StopForm
from webapp.responses import go_to, respond
from webapp.services import stops, submissions

bp = Blueprint("stops", __name__, url_prefix="/leads/<uuid:lead_id>/stops")


@bp.get("")
def show(lead_id):
    return shown(lead_id)


@bp.post("")
def add(lead_id):
    form = StopForm()
    if form.validate_on_submit():
        with form.refusals():
            submissions.once(
                form.nonce.nonce, form.body | {"lead_id": [str(lead_id)]}, lambda: write(form, lead_id), by=g.actor
            )
            return go_to("leads.show", _("Noted: do not contact."), lead_id=lead_id)
    return shown(lead_id, form.status_code, stop_form=form)


@bp.post("/<uuid:stop_id>/lifting")
def lift(lead_id, stop_id):
    form = LiftForm()
    if form.validate_on_submit():
        with form.refusals():
            stops.lift(lead_id, stop_id, by=g.actor, reason=form.reason.data)
            return go_to("stops.show", _("Lifted: they may be contacted again."), lead_id=lead_id)
    return shown(lead_id, form.status_code, lift_form=form, lifting=stop_id)


def write(form: StopForm, lead_id) -> dict:
    stop_id = stops.add(lead_id, by=g.actor, channel=form.channel.data, reason=form.reason.data, note=form.note.data)
    return {"stop_id": str(stop_id)}


def shown(lead_id, status: int = 200, **forms):
    """The page of how somebody may be contacted; a form that was refused stands in its place."""
    forms = {
        "stop_form": StopForm(formdata=None),
        "lift_form": LiftForm(formdata=None),
        "lifting": None,
        "empty_lift": LiftForm(formdata=None),
        "consent_form": ConsentForm(formdata=None),
    } | forms
    contact = stops.show(lead_id, by=g.actor)
    return respond("stops/show.html", status=status, contact=contact, lead=contact.lead, **forms)
