"""Who is the same person, and who is not."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.users import EmptyForm
from webapp.responses import go_to
from webapp.services import people

bp = Blueprint("people", __name__)


@bp.post("/leads/<uuid:lead_id>/difference/<uuid:other_id>")
def tell_apart(lead_id, other_id):
    EmptyForm().demand()
    people.tell_apart(lead_id, other_id, by=g.actor)
    return go_to("leads.show", _("Noted: not the same person."), lead_id=lead_id)
