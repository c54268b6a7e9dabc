"""What the admin sets for the whole office."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.office import CallsForm, OfficeForm
from webapp.responses import go_to, respond
from webapp.services import office

bp = Blueprint("office", __name__)


@bp.get("/office")
def show():
    return shown()


@bp.post("/office")
def change():
    form = OfficeForm()
    if form.validate_on_submit():
        with form.refusals():
            office.change(
                by=g.actor,
                name=form.name.data,
                phone=form.phone.data,
                retention_months=form.retention_months.data,
            )
            return go_to("office.show", _("Saved."))
    return shown(form.status_code, form=form)


@bp.post("/office/calls")
def limit_calls():
    form = CallsForm()
    if form.validate_on_submit():
        with form.refusals():
            office.limit_calls(
                by=g.actor,
                calls_from=form.calls_from.data,
                calls_until=form.calls_until.data,
                unanswered_a_day=form.unanswered_a_day.data,
                unanswered_a_week=form.unanswered_a_week.data,
                guard_blocks=form.guard_blocks.data,
            )
            return go_to("office.show", _("Saved."))
    return shown(form.status_code, calls_form=form)


def shown(status: int = 200, **forms):
    """The page with what is set now; a form that was refused stands in its place."""
    settings = office.settings()
    told = {name: getattr(settings, name) or "" for name in ("name", "phone")}
    calls = {name: getattr(settings, name) for name in office.CALLS}
    forms = {
        "form": OfficeForm(formdata=None, retention_months=settings.retention_months, **told),
        "calls_form": CallsForm(formdata=None, **calls),
    } | forms
    return respond("office/show.html", status=status, **forms)
