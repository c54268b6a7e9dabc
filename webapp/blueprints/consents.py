"""What somebody agreed to, and what they withdrew."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.consents import ConsentForm
from webapp.responses import go_to
from webapp.services import consents, submissions

bp = Blueprint("consents", __name__)


@bp.post("/leads/<uuid:lead_id>/consents")
def record(lead_id):
    form = ConsentForm()
    form.demand()
    submissions.once(
        form.nonce.nonce, form.body | {"lead_id": [str(lead_id)]}, lambda: write(form, lead_id), by=g.actor
    )
    said = _("Noted: they agree.") if form.is_given.data else _("Noted: they withdrew it.")
    return go_to("leads.show", said, lead_id=lead_id)


def write(form: ConsentForm, lead_id) -> dict:
    consent = consents.record(
        lead_id,
        by=g.actor,
        purpose=form.purpose.data,
        channel=form.channel.data,
        is_given=form.is_given.data,
        how=form.how.data,
    )
    return {"is_given": consent.is_given}
