"""When the office works."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.hours import HoursForm
from webapp.responses import go_to, respond
from webapp.services import hours

bp = Blueprint("hours", __name__)


@bp.get("/office/hours")
def show():
    return shown(HoursForm.of(hours.hours()))


@bp.post("/office/hours")
def change():
    form = HoursForm()
    if form.validate_on_submit():
        with form.refusals():
            hours.change(by=g.actor, week=form.week, special=form.special.data)
            return go_to("hours.show", _("Saved. Working time is counted by these hours from now on."))
    return shown(form, form.status_code)


def shown(form: HoursForm, status: int = 200):
    return respond("hours/show.html", status=status, form=form)
