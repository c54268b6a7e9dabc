"""What the admin sets for the whole office."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.office import OfficeForm
from webapp.responses import go_to, respond
from webapp.services import office

bp = Blueprint("office", __name__)


@bp.get("/office")
def show():
    settings = office.settings()
    told = {"phone": settings.phone or "", "retention_months": settings.retention_months}
    return shown(OfficeForm(formdata=None, name=settings.name or "", **told))


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
    return shown(form, form.status_code)


def shown(form: OfficeForm, status: int = 200):
    return respond("office/show.html", status=status, form=form)
