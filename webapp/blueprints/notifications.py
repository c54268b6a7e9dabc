"""The bell."""

from flask import Blueprint, g, make_response, render_template, request

from webapp.forms.users import EmptyForm, ReadForm
from webapp.responses import go_to, respond
from webapp.services import notifications

bp = Blueprint("notifications", __name__, url_prefix="/notices")


@bp.get("")
def index():
    return respond("notifications/index.html", notices=notifications.latest(by=g.actor), form=EmptyForm())


@bp.get("/bell")
def bell():
    """204 while nothing is newer than `after`; else the bell, with the newest notices said in a toast."""
    after = request.args.get("after", type=int, default=0)
    state = notifications.bell(by=g.actor)
    if state.newest == after:
        return "", 204
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
