"""Lists as files."""

from flask import Blueprint, Response, g, request, stream_with_context

from webapp import clock, spreadsheets
from webapp.forms.bulk import ExportForm
from webapp.forms.filters import FilterForm
from webapp.services import exports
from webapp.vocabulary import FileKind

bp = Blueprint("exports", __name__)

MADE_BY = {
    FileKind.CSV: (spreadsheets.csv_pieces, "text/csv; charset=utf-8"),
    FileKind.XLSX: (
        spreadsheets.xlsx_pieces,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@bp.post("/leads/export")
def take():
    """The list that the address says, as a file; while it is sent, it is read."""
    form = ExportForm()
    form.demand()
    asked = FilterForm(request.args)
    exports.take(asked.filters(), by=g.actor, kind=form.format.data)
    pieces, mimetype = MADE_BY[form.format.data]
    rows = exports.rows(asked.filters(), by=g.actor, order=asked.order)
    name = f"leads-{clock.today():%Y-%m-%d}.{form.format.data}"
    response = Response(stream_with_context(pieces(rows)), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
