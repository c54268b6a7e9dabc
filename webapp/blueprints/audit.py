"""Who did what to which lead when: the audit as a list and as a file."""

from flask import Blueprint, abort, g, request
from flask_babel import gettext as _

from webapp import clock, spreadsheets
from webapp.errors import Invalid
from webapp.forms.audit import AuditForm
from webapp.responses import respond, send
from webapp.services import audit_log, exports
from webapp.services.audit_log import Filters
from webapp.vocabulary import FileKind

bp = Blueprint("audit", __name__)


@bp.get("/audit")
def index():
    form = AuditForm(request.args)
    return respond(
        "audit/index.html",
        "audit/_entry_list.html",
        form=form,
        found=audit_log.page(Filters(**form.narrowed), after=form.after.data),
        readers=audit_log.readers(),
    )


@bp.get("/audit.<kind>")
def fetch(kind: str):
    """The entries that the address says as a file, the newest first; who took it away is kept."""
    as_file = next((word for word in FileKind if word == kind), None) or abort(404)
    form = AuditForm(request.args)
    filters = Filters(**form.narrowed)
    count = audit_log.count(filters)
    if not count:
        raise Invalid(_("There is nothing to export. Change the filters."))
    if count > audit_log.AT_ONCE:
        raise Invalid(_("More than %(most)s entries do not fit. Choose fewer days.", most=f"{audit_log.AT_ONCE:,}"))
    exports.put_audit_on_record(count, by=g.actor, kind=as_file, query=form.query)
    return send(spreadsheets.PIECES[as_file](audit_log.rows(filters)), as_file, "audit", clock.today())
