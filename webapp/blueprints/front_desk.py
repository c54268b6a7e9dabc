"""The front desk: who is here?"""

from flask import Blueprint, render_template, request

from webapp import clock, phones
from webapp.forms.base import CreateForm
from webapp.forms.check_ins import KeyForm
from webapp.forms.leads import LeadForm
from webapp.forms.users import EmptyForm, VisitForm
from webapp.responses import respond
from webapp.services import agents, check_ins, enquiries, leads, people

bp = Blueprint("front_desk", __name__)

FEWEST_DIGITS = 7


@bp.get("/front-desk")
def show():
    asked = KeyForm(request.args).check_in.data
    if asked is None:
        return page(request.args.get("phone", "")[:60], typing="typing" in request.args)
    return greet(check_ins.find(asked))


def greet(enquiry):
    """The front desk with somebody who has checked in: who they are, or the form with what they have typed."""
    said = enquiry.extra or {}
    form = LeadForm(
        formdata=None,
        phone=enquiry.phone,
        first_name=said.get("first_name", ""),
        last_name=said.get("last_name", ""),
        message=enquiry.message or "",
        consent="consent" in said,
        enquiry_id=enquiry.enquiry_id,
    )
    return page(enquiry.phone, checked_in=form)


@bp.get("/front-desk/visitors")
def visitors():
    """204 while nothing has happened since `after`; else today's visitors anew."""
    desk = enquiries.front_desk(today=clock.today())
    if desk.stamp == request.args.get("after"):
        return "", 204
    return render_template(
        "front_desk/_visitors.html",
        desk=desk,
        visit_form=VisitForm(formdata=None),
        empty_form=EmptyForm(formdata=None),
    )


def page(
    typed: str,
    form: LeadForm | None = None,
    status: int = 200,
    typing: bool = False,
    checked_in: LeadForm | None = None,
):
    """The front desk with whoever this number is.

    `form` is a registration that was refused, `checked_in` one that whoever it is has begun.
    """
    e164 = phones.to_e164(typed)
    person = people.find(e164, today=clock.today()) if e164 and not form else None
    early = typing and len(phones.digits(typed)) < FEWEST_DIGITS
    refusal = leads.phone_refusal(typed) if typed.strip() and not e164 and not early else None
    if e164 and not person:
        form = form or checked_in or LeadForm(phone=typed)
        form.referrer_agent_id.offer((agent.agent_id, agent.full_name) for agent in agents.everyone())
    return respond(
        "front_desk/index.html",
        "front_desk/_visitor.html",
        status,
        typed=typed,
        e164=e164,
        person=person,
        refusal=refusal,
        form=form,
        enquiry_id=checked_in.enquiry_id.data if checked_in else None,
        visit_form=VisitForm(formdata=None),
        create_form=CreateForm(formdata=None),
        empty_form=EmptyForm(formdata=None),
        desk=enquiries.front_desk(today=clock.today()),
    )
