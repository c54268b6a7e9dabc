"""The reports: which there are, each as a page, and its tables as a file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, g, request, url_for
from flask_babel import get_locale

from webapp import charts, clock, spreadsheets
from webapp.forms.filters import address_of
from webapp.forms.reports import ReportForm
from webapp.responses import fills, respond
from webapp.services import agents, exports, reports
from webapp.services.leads import Filters
from webapp.services.reports import Kind, Line, Pauses, Reading, Report, Scope
from webapp.vocabulary import FileKind, Interface, Outcome, Period

bp = Blueprint("reports", __name__, url_prefix="/reports")

MOST_DRAWN, A_PAGE = 16, 50
SAID = "said"
"""In the address: with what the reports say."""


@bp.get("")
def index():
    """At once what there is; what each of them says comes in an answer of its own, which takes longer."""
    said = None
    if fills("report-answers") or SAID in request.args:
        keys = reports.keys(Scope(begins=clock.today() - timedelta(days=Period.MONTH.days)), by=g.actor)
        said = {slug: reports.headline(slug, reading) for slug, reading in keys.items()}
    return respond(
        "reports/index.html",
        "reports/_report_answers.html",
        overviews=reports.OVERVIEWS,
        reports=reports.REPORTS,
        said=said,
    )


@bp.get("/<slug>")
def show(slug: str):
    report = _named(slug)
    form = _form(report)
    readings = report.read(Scope(**form.narrowed), by=g.actor)
    response = respond(
        "reports/show.html",
        "reports/_report.html",
        report=report,
        number=reports.REPORTS.index(report) + 1 if report in reports.REPORTS else None,
        form=form,
        readings=readings,
        agents=agents.everyone(chosen=form.agent.data) if reports.AGENT in report.filters else [],
        address_of=partial(opened, form=form),
        drawn=drawn,
        said=reports.headline(slug, readings[0]),
        start=form.first,
        at_once=A_PAGE,
    )
    response.headers["HX-Push-Url"] = url_for("reports.show", slug=slug, **form.query)
    return response


@bp.get("/<slug>.<kind>")
def fetch(slug: str, kind: str):
    """The tables that the page shows, as a file; who took it away is kept."""
    report, as_file = _named(slug), next((word for word in FileKind if word == kind), None) or abort(404)
    form = _form(report)
    rows = [*reports.rows(report.read(Scope(**form.narrowed), by=g.actor))]
    exports.put_report_on_record(slug, by=g.actor, kind=as_file, query=form.query)
    response = Response(b"".join(spreadsheets.PIECES[as_file](rows)), mimetype=spreadsheets.MIMETYPES[as_file])
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{clock.today():%Y-%m-%d}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/follow-up-timing/activities")
def activities():
    """The activities behind a number of report 9."""
    report = _named("follow-up-timing")
    form = _form(report)
    return respond(
        "reports/activities.html",
        report=report,
        form=form,
        behind=reports.activities(Pauses(**form.pauses), Scope(**form.narrowed), by=g.actor),
        agents=agents.everyone(chosen=form.agent.data),
    )


def opened(opens: Filters | Pauses, form: ReportForm) -> str:
    """Where what is behind a number is listed."""
    if isinstance(opens, Filters):
        return address_of(opens)
    said = {"wait": opens.wait, "outcome": Outcome.POSITIVE if opens.is_positive else None}
    query: dict[str, Any] = form.query | {name: word.value for name, word in said.items() if word}
    return url_for("reports.activities", **query)


@dataclass(frozen=True)
class Drawn:
    """A table's chart, and the lines that it shows: bars that lie, and for a wide screen, of a few, bars that stand."""

    lines: list[Line]
    standing: charts.Chart | None
    lying: list[charts.Lying]
    kind: Kind
    whole: int
    part: int | None
    mean: Any


def drawn(reading: Reading) -> Drawn | None:
    """What a table says at a glance: the first of its lines, of months the last; None where that would be nothing."""
    table = reading.table
    if reading.is_empty or not table.chart:
        return None
    by_time = bool(reading.lines) and isinstance(reading.lines[0].names[0], datetime)
    lines = reading.lines[-MOST_DRAWN:] if by_time else reading.lines[:MOST_DRAWN]
    whole, part = table.index(table.chart), table.index(table.part) if table.part else None
    kind, backwards = table.columns[whole].kind, str(get_locale()) == Interface.ARABIC
    values = [line.cells[whole].value for line in lines]
    if not any(values):
        return None
    mean = reading.total.cells[whole].value if reading.total and kind == Kind.RATE and len(lines) > 1 else None
    parts = [line.cells[part].value for line in lines] if part is not None else None
    few = by_time or len(lines) <= charts.MOST_STANDING
    standing = charts.standing(values, parts, mean=mean, backwards=backwards) if few else None
    return Drawn(lines, standing, charts.lying(values, parts), kind, whole, part, mean if few else None)


def _form(report: Report) -> ReportForm:
    return ReportForm(request.args, report.filters, report.period)


def _named(slug: str) -> Report:
    return reports.BY_SLUG.get(slug) or abort(404)
