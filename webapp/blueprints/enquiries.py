"""Enquiries: the list, one of them, what somebody does with one that waits; and visits."""

import re
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _

from webapp.forms.base import CreateForm
from webapp.forms.enquiries import AttachForm, CloseForm, EnquiryFilterForm, PhoneForm
from webapp.forms.users import EmptyForm, VisitForm
from webapp.responses import go_to, respond
from webapp.services import enquiries, submissions
from webapp.vocabulary import EnquiryState, Role, VisitStatus

bp = Blueprint("enquiries", __name__)

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@bp.get("/enquiries")
def index():
    form = EnquiryFilterForm(request.args)
    found = enquiries.page(form.filters, by=g.actor, after=form.after.data)
    return respond("enquiries/index.html", "enquiries/_enquiry_list.html", found=found, form=form)


@bp.get("/enquiries/<uuid:enquiry_id>")
def show(enquiry_id):
    return shown(enquiry_id)


@bp.post("/enquiries/<uuid:enquiry_id>/retrial")
def retry(enquiry_id):
    EmptyForm().demand()
    return become(enquiries.retry(enquiry_id, by=g.actor))


@bp.post("/enquiries/<uuid:enquiry_id>/phone")
def add_phone(enquiry_id):
    form = PhoneForm()
    if form.validate_on_submit():
        with form.refusals():
            return become(enquiries.add_phone(enquiry_id, by=g.actor, phone=form.phone.data))
    return shown(enquiry_id, phone_form=form)


@bp.post("/enquiries/<uuid:enquiry_id>/lead")
def attach(enquiry_id):
    form = AttachForm()
    if form.validate_on_submit():
        with form.refusals():
            lead = enquiries.attach(enquiry_id, by=g.actor, number=form.number.data)
            return go_to("leads.show", _("The enquiry is on this lead."), lead_id=lead.lead_id)
    return shown(enquiry_id, attach_form=form)


@bp.post("/enquiries/<uuid:enquiry_id>/broker")
def mark_broker(enquiry_id):
    EmptyForm().demand()
    enquiries.mark_broker(enquiry_id, by=g.actor)
    return go_to("enquiries.show", _("Set aside as a broker's. It counts nowhere."), enquiry_id=enquiry_id)


@bp.post("/enquiries/<uuid:enquiry_id>/closing")
def close(enquiry_id):
    form = CloseForm()
    if form.validate_on_submit():
        with form.refusals():
            enquiries.close(enquiry_id, by=g.actor, note=form.note.data)
            return go_to("enquiries.show", _("Closed without a lead."), enquiry_id=enquiry_id)
    return shown(enquiry_id, close_form=form)


@bp.post("/enquiries/<uuid:enquiry_id>/review")
def bring_back(enquiry_id):
    EmptyForm().demand()
    back = enquiries.bring_back(enquiry_id, by=g.actor)
    if back.stays is None:
        return become(back.enquiry)
    sentences = [_("The lead is back."), *(back.stays or [_("All of it is as it was.")])]
    return go_to("enquiries.show", " ".join(sentences), enquiry_id=enquiry_id)


def shown(enquiry_id, **refused):
    """The page of an enquiry; a form that was refused stands in its place."""
    forms = {
        "phone_form": PhoneForm(formdata=None),
        "attach_form": AttachForm(formdata=None),
        "close_form": CloseForm(formdata=None),
    }
    status = next((form.status_code for form in refused.values()), 200)
    return respond(
        "enquiries/show.html",
        "enquiries/_enquiry.html",
        status=status,
        shown=enquiries.shown(enquiry_id, by=g.actor),
        empty_form=EmptyForm(formdata=None),
        **forms | refused,
    )


def become(enquiry):
    """To what the enquiry is now: its lead for whoever may open it, else its own page."""
    said = {
        EnquiryState.CAPTURED: _("It is a lead now."),
        EnquiryState.ATTACHED: _("It belongs to a lead that was here already."),
        EnquiryState.NEEDS_REVIEW: _(
            "It still waits for somebody: %(why)s.", why=enquiry.why.label if enquiry.why else ""
        ),
    }
    return go_to("enquiries.show", said.get(enquiry.state), enquiry_id=enquiry.enquiry_id)


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
