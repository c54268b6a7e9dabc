"""Visitors check in by themselves: their page, the code that leads there, and what reception does with them."""

import io

import segno
from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from webapp.forms.check_ins import CheckInForm
from webapp.forms.users import EmptyForm
from webapp.responses import base_url, go_to, respond
from webapp.services import check_ins

bp = Blueprint("check_ins", __name__)


@bp.get("/check-in/<seal>")
def show(seal):
    return shown(seal, CheckInForm(formdata=None), is_done="done" in request.args)


@bp.post("/check-in/<seal>")
def arrive(seal):
    form = CheckInForm()
    if form.validate_on_submit():
        with form.refusals():
            if not form.is_a_machine:
                check_ins.arrive(seal, form.said, address=request.remote_addr or "")
            return go_to("check_ins.show", seal=seal, done=1)
    return shown(seal, form, form.status_code)


@bp.get("/front-desk/code")
def code():
    """The page that is printed and put up at reception."""
    return respond("check_ins/code.html", url=address(), empty_form=EmptyForm(formdata=None))


@bp.get("/front-desk/code.svg")
def draw():
    drawn = io.BytesIO()
    segno.make(address(), error="m").save(
        drawn, kind="svg", scale=8, border=2, xmldecl=False, svgclass="", lineclass=""
    )
    response = Response(drawn.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/front-desk/code")
def renew():
    EmptyForm().demand()
    check_ins.renew(by=g.actor)
    return go_to("check_ins.code", _("It has a new address: print it and put it up again."))


@bp.post("/check-ins/<uuid:enquiry_id>/dismissal")
def dismiss(enquiry_id):
    EmptyForm().demand()
    check_ins.dismiss(enquiry_id, by=g.actor)
    return go_to("front_desk.show", _("Set aside: nobody was here."))


def shown(seal: str, form: CheckInForm, status: int = 200, *, is_done: bool = False):
    company = check_ins.admit(seal).name
    return respond("check_ins/show.html", status=status, seal=seal, form=form, is_done=is_done, company=company)


def address() -> str:
    return base_url() + url_for("check_ins.show", seal=check_ins.seal())
