"""The bell."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for

from webapp.forms.users import EmptyForm, ReadForm
from webapp.policy import allows
from webapp.responses import go_to, respond
from webapp.services import notifications
from webapp.vocabulary import NoticeKind

bp = Blueprint("notifications", __name__, url_prefix="/notices")

MOST = 2**63 - 1
THINGS = {
    "enquiry_id": "enquiries.show",
    "handover_id": "handovers.show",
    "import_id": "imports.show",
    "export_id": "exports.show",
    "agent_id": "agents.show",
}
"""Where the things are shown that a notice may name among its facts."""
PAGES = {NoticeKind.PORTAL_TROUBLE: "desk.show", NoticeKind.PORTAL_QUIET: "desk.show"}


@bp.get("")
def index():
    return respond("notifications/index.html", notices=notifications.latest(by=g.actor), form=EmptyForm())


@bp.get("/<int:notice_id>")
def open(notice_id):
    """On to what the notice is about; once that is answered it is marked as read (`guard.mark_read`)."""
    notice = notifications.find(min(notice_id, MOST), by=g.actor)
    g.opened = notice.notice_id
    return redirect(address(notice))


def address(notice) -> str:
    """Where somebody sees what a notice is about; their leads, where it is no longer theirs to see."""
    facts, endpoint = notice.facts, PAGES.get(notice.kind)
    if endpoint and allows(g.actor.role, endpoint):
        return url_for(endpoint)
    if notice.lead and (notice.kind != NoticeKind.LEAD_TAKEN or g.actor.sees_all_leads):
        return url_for("leads.show", lead_id=notice.lead_id)
    for name, thing in THINGS.items():
        if facts.get(name):
            return url_for(thing, **{name: facts[name]})
    return url_for("leads.index", all="1") if allows(g.actor.role, "leads.index") else url_for("home.show")


@bp.get("/bell")
def bell():
    """204 while nothing is newer than `after` and as many are unread; else the bell, with what is new in a toast."""
    after = request.args.get("after", type=int, default=0)
    state = notifications.bell(by=g.actor)
    if state.newest == after:
        if request.args.get("unread", type=int, default=state.unread) == state.unread:
            return "", 204
        return render_template("notifications/_bell.html", state=state, fresh=[])
    fresh = [notice for notice in notifications.latest(by=g.actor, limit=3) if notice.notice_id > after]
    response = make_response(render_template("notifications/_bell.html", state=state, fresh=fresh))
    response.headers["HX-Trigger"] = "news"
    return response


@bp.post("/reading")
def read():
    form = ReadForm()
    form.demand()
    notifications.read(by=g.actor, up_to=form.up_to.data)
    return go_to("notifications.index")
