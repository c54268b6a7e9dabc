"""Lists as files."""

from uuid import UUID

from flask import Blueprint, g, request

from webapp import clock, spreadsheets
from webapp.errors import Missing
from webapp.forms.bulk import ExportForm
from webapp.forms.filters import FilterForm
from webapp.responses import go_to, respond, send
from webapp.services import access, exports

bp = Blueprint("exports", __name__)


@bp.post("/leads/export")
def take():
    """The list that the address says, as a file; a long one is made meanwhile, on a page of its own."""
    form = ExportForm()
    form.demand()
    asked, kind = FilterForm(request.args), form.format.data
    later = exports.take(asked.filters(), by=g.actor, kind=kind, query=asked.query)
    if later:
        return go_to("exports.show", export_id=later.export_id)
    rows = exports.rows(asked.filters(), by=g.actor, order=asked.order, most=exports.AT_ONCE)
    return send(spreadsheets.PIECES[kind](rows), kind, "leads", clock.now())


@bp.get("/exports/<uuid:export_id>")
def show(export_id: UUID):
    """Whether the file is made; asks again by itself until it is."""
    return respond("exports/show.html", "exports/_export.html", export=access.export(export_id, by=g.actor))


@bp.get("/exports/<uuid:export_id>/file")
def fetch(export_id: UUID):
    export = access.export(export_id, by=g.actor)
    if export.made_at is None:
        raise Missing
    return send(exports.file(export_id, by=g.actor), export.format, "leads", export.made_at)
