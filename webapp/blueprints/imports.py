"""Files of leads: uploaded, their columns chosen, rehearsed, imported, undone; and the file of what was refused."""

from flask import Blueprint, Response, g, request, stream_with_context
from flask_babel import gettext as _

from webapp import spreadsheets
from webapp.forms.imports import ChooseForm, LinesForm, UploadForm, read_row
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import imports
from webapp.vocabulary import FileKind, ImportRowState, ImportState, LeadColumn

bp = Blueprint("imports", __name__, url_prefix="/imports")

TELLING = (
    ImportRowState.KEPT,
    ImportRowState.REFUSED,
    ImportRowState.NEW,
    ImportRowState.CREATED,
    ImportRowState.REPEAT,
    ImportRowState.ATTACHED,
)


@bp.get("")
def index():
    return listed(UploadForm(formdata=None))


@bp.post("")
def upload():
    form = UploadForm()
    if form.validate_on_submit():
        with form.refusals():
            found = imports.upload(form.file.data.stream, form.file.file_name, by=g.actor)
            told = None if found.is_new else _("This very file is here already. This is what has become of it.")
            return go_to("imports.show", told, import_id=found.import_id)
    return listed(form, form.status_code)


@bp.get("/<uuid:import_id>")
def show(import_id):
    """How far it is; asks again by itself while the worker is at it."""
    return shown(import_id)


@bp.post("/<uuid:import_id>/columns")
def choose(import_id):
    form = ChooseForm()
    if form.validate_on_submit():
        with form.refusals():
            imports.choose(import_id, form.columns.data, form.source_type.data, read_row, by=g.actor)
            return go_to("imports.show", import_id=import_id)
    return shown(import_id, form)


@bp.post("/<uuid:import_id>/start")
def start(import_id):
    EmptyForm().demand()
    imports.start(import_id, read_row, by=g.actor)
    return go_to("imports.show", import_id=import_id)


@bp.post("/<uuid:import_id>/undo")
def undo(import_id):
    EmptyForm().demand()
    imports.undo(import_id, by=g.actor)
    return go_to("imports.show", import_id=import_id)


@bp.post("/<uuid:import_id>/removal")
def discard(import_id):
    EmptyForm().demand()
    imports.discard(import_id, by=g.actor)
    return go_to("imports.index", _("The file is forgotten. Nothing of it was imported."))


@bp.get("/<uuid:import_id>/refused.csv")
def fetch(import_id):
    """The rows that could not be imported, to be corrected and uploaded again."""
    rows = imports.refused_rows(import_id, by=g.actor)
    response = Response(
        stream_with_context(spreadsheets.csv_pieces(rows)), mimetype=spreadsheets.MIMETYPES[FileKind.CSV]
    )
    response.headers["Content-Disposition"] = 'attachment; filename="not-imported.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def listed(form: UploadForm, status: int = 200):
    return respond("imports/index.html", status=status, files=imports.listed(by=g.actor), form=form)


def shown(import_id, form: ChooseForm | None = None):
    asked = LinesForm(request.args)
    shown = imports.shown(import_id, by=g.actor)
    found = shown.found
    is_asked = found.state == ImportState.UPLOADED or (found.state == ImportState.CHECKED and asked.change.data)
    if form is None and is_asked:
        form = proposed(found)
    state = asked.show.data[0] if asked.show.data else telling(shown)
    return respond(
        "imports/show.html",
        "imports/_import.html",
        status=form.status_code if form and form.is_submitted() else 200,
        shown=shown,
        form=form,
        state=state,
        lines=[] if found.is_under_way or form else imports.lines(import_id, state, by=g.actor, after=asked.first),
        empty_form=EmptyForm(formdata=None),
    )


def proposed(found) -> ChooseForm:
    """What was chosen for this file, else what its headings say."""
    if found.columns:
        columns, source_type = [LeadColumn(word) if word else None for word in found.columns], found.source_type
    else:
        guess = imports.guessed(found.headings)
        columns, source_type = guess.columns, guess.source_type
    return ChooseForm(formdata=None, data={"columns": columns, "source_type": source_type})


def telling(shown: imports.Shown) -> ImportRowState:
    """What to look at first: what did not go as wished, else what went."""
    return next((state for state in TELLING if shown.counts[state]), ImportRowState.NEW)
