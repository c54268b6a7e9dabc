"""The reports: which there are, each as a page, and its tables as a file."""

from flask import Blueprint, Response, abort, g, request, url_for

from webapp import clock, spreadsheets
from webapp.forms.filters import address_of
from webapp.forms.reports import ReportForm
from webapp.responses import respond
from webapp.services import agents, exports, reports
from webapp.services.reports import Report
from webapp.vocabulary import FileKind

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("")
def index():
    return respond("reports/index.html", reports=reports.REPORTS)


@bp.get("/<slug>")
def show(slug: str):
    report = _named(slug)
    form = ReportForm(request.args, report)
    response = respond(
        "reports/show.html",
        "reports/_report.html",
        report=report,
        number=reports.REPORTS.index(report) + 1,
        form=form,
        readings=report.read(form.scope, by=g.actor),
        agents=agents.everyone() if reports.AGENT in report.filters else [],
        address_of=address_of,
    )
    response.headers["HX-Push-Url"] = url_for("reports.show", slug=slug, **form.query)
    return response


@bp.get("/<slug>.<any(csv, xlsx):kind>")
def fetch(slug: str, kind: str):
    """The tables that the page shows, as a file; who took it away is kept."""
    report = _named(slug)
    form, as_file = ReportForm(request.args, report), FileKind(kind)
    rows = [*reports.rows(report.read(form.scope, by=g.actor))]
    exports.put_report_on_record(slug, by=g.actor, kind=as_file, query=form.query)
    response = Response(b"".join(spreadsheets.PIECES[as_file](rows)), mimetype=spreadsheets.MIMETYPES[as_file])
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{clock.today():%Y-%m-%d}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _named(slug: str) -> Report:
    return reports.BY_SLUG.get(slug) or abort(404)
