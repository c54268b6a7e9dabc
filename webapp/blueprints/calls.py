"""The call register: who called whom, what came of it, as a list and as a file."""

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _

from webapp import clock, spreadsheets
from webapp.errors import Invalid
from webapp.forms.calls import CallsForm
from webapp.responses import respond, send
from webapp.services import agents, calls, exports
from webapp.services.calls import Filters
from webapp.vocabulary import FileKind

bp = Blueprint("calls", __name__)


@bp.get("/calls")
def index():
    form = CallsForm(request.args)
    filters = Filters(**form.narrowed)
    return respond(
        "calls/index.html",
        "calls/_call_list.html",
        form=form,
        found=calls.page(filters),
        count=calls.count(filters),
        at_once=calls.AT_ONCE,
        agents=agents.everyone(chosen=form.agent.data),
    )


@bp.get("/calls.<kind>")
def fetch(kind: str):
    """The calls that the address says as a file, the newest first; who took it away is kept."""
    as_file = next((word for word in FileKind if word == kind), None) or abort(404)
    form = CallsForm(request.args)
    filters = Filters(**form.narrowed)
    count = calls.count(filters)
    if not count:
        raise Invalid(_("There is nothing to export. Change the filters."))
    if count > calls.AT_ONCE:
        raise Invalid(_("More than %(most)s calls do not fit. Choose fewer days.", most=f"{calls.AT_ONCE:,}"))
    exports.put_calls_on_record(count, by=g.actor, kind=as_file, query=form.query)
    return send(spreadsheets.PIECES[as_file](calls.rows(filters)), as_file, "calls", clock.today())
