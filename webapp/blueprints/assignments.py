"""Giving a lead to an agent by hand."""

from flask import Blueprint, g
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.blueprints.leads import lead_page
from webapp.forms.assignments import AssignmentForm
from webapp.responses import go_back
from webapp.services import access, handovers
from webapp.services.handovers import Wish

bp = Blueprint("assignments", __name__)


@bp.post("/leads/<uuid:lead_id>/assignment")
def assign(lead_id):
    form = AssignmentForm()
    if form.validate_on_submit():
        with form.refusals():
            wish = Wish(form.agent_id.data, form.reason.data)
            taken = handovers.assign(lead_id, wish, by=g.actor, owner_from=form.owner_from.data)
            return go_back("leads.show", said(taken.assigned), handover=taken.handover_id, lead_id=lead_id)
    return lead_page(lead_id, form.status_code, assignment_form=form)


def said(assigned) -> str:
    name = access.agent(assigned.assignment.agent_id).full_name
    if not assigned.moved:
        return _("%(name)s owns this lead now.", name=name)
    return ngettext(
        "%(name)s owns this lead now. %(num)s follow-up moved to a free slot.",
        "%(name)s owns this lead now. %(num)s follow-ups moved to free slots.",
        len(assigned.moved),
        name=name,
    )
