"""A person's data: what is held of them, in one file, and erased."""

from flask import Blueprint, Response, g, stream_with_context
from flask_babel import gettext as _

from webapp import clock, spreadsheets
from webapp.forms.privacy import ErasureForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import privacy
from webapp.vocabulary import FileKind

bp = Blueprint("privacy", __name__, url_prefix="/leads/<uuid:lead_id>/privacy")


@bp.get("")
def show(lead_id):
    return shown(lead_id, ErasureForm(formdata=None))


@bp.post("/export")
def export(lead_id):
    EmptyForm().demand()
    lines = privacy.export(lead_id, by=g.actor)
    pieces = spreadsheets.xlsx_pieces(lines)
    response = Response(stream_with_context(pieces), mimetype=spreadsheets.MIMETYPES[FileKind.XLSX])
    name = f"person-{clock.now().astimezone(clock.DUBAI):%Y-%m-%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/erasure")
def erase(lead_id):
    form = ErasureForm()
    if form.validate_on_submit():
        with form.refusals():
            privacy.erase(lead_id, by=g.actor, reason=form.reason.data, digits=form.digits.data)
            return go_to("privacy.show", _("Erased. The same number is a new person from now on."), lead_id=lead_id)
    return shown(lead_id, form, form.status_code)


def shown(lead_id, form: ErasureForm, status: int = 200):
    """The page of all that is held; a form that was refused stands in its place."""
    return respond(
        "privacy/show.html",
        status=status,
        held=privacy.held(lead_id, by=g.actor),
        form=form,
        empty_form=EmptyForm(formdata=None),
    )
