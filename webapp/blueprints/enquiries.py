"""Visits: adding one for somebody we know, and saying what became of a visitor."""

import re
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _

from webapp.forms.base import CreateForm
from webapp.forms.users import VisitForm
from webapp.responses import go_to
from webapp.services import enquiries, submissions
from webapp.vocabulary import Role, VisitStatus

bp = Blueprint("enquiries", __name__)

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@bp.post("/leads/<uuid:lead_id>/visits")
def add_visit(lead_id):
    form = CreateForm()
    form.demand()
    submissions.once(form.nonce.nonce, form.body | {"lead_id": [str(lead_id)]}, lambda: write(lead_id), by=g.actor)
    return go_to("leads.show", _("The owner has been told."), lead_id=lead_id)


def write(lead_id) -> dict:
    sent = request.form.get("enquiry_id", "")
    enquiry_id = UUID(sent) if AN_ID.fullmatch(sent) else None
    return {"visit_id": str(enquiries.add_visit(lead_id, by=g.actor, enquiry_id=enquiry_id).visit_id)}


@bp.post("/visits/<uuid:visit_id>/status")
def mark_visit(visit_id):
    form = VisitForm()
    form.demand()
    visit = enquiries.mark_visit(visit_id, by=g.actor, status=form.status.data)
    if g.actor.role != Role.RECEPTIONIST and visit.status == VisitStatus.RECEIVED:
        return go_to("leads.show", _("Reception knows that you are on your way."), lead_id=visit.lead_id)
    return redirect(url_for("home.show"), 303)
