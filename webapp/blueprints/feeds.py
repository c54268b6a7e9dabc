"""One's own calendar in the programs of one's phone and desk: its private address, and what is read there."""

from flask import Blueprint, Response, g, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp import calendar_file
from webapp.blueprints.users import account_page
from webapp.calendar_file import Entry
from webapp.forms.users import EmptyForm
from webapp.responses import base_url, go_to
from webapp.services import feeds

bp = Blueprint("feeds", __name__)


@bp.get("/feeds/<token>.ics")
def show(token):
    """Who asks is a program without a session: the address alone says whose calendar it is."""
    told = feeds.of(token, request.remote_addr or "")
    with force_locale(told.language):
        name = _("Follow-ups of %(name)s", name=told.name)
        body = calendar_file.written(name, [entry(task) for task in told.tasks])
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/account/feed")
def make():
    """The address is in this answer alone: nowhere is it kept, and a reload makes another one."""
    EmptyForm().demand()
    token = feeds.make(by=g.actor)
    return account_page(feed=base_url() + url_for("feeds.show", token=token))


@bp.post("/account/feed/revocation")
def revoke():
    EmptyForm().demand()
    feeds.revoke(by=g.actor)
    return go_to("users.account", _("The address of your calendar works no more."))


def entry(task) -> Entry:
    """What leaves the office of a follow-up: with whom, of which lead and where it is. Numbers stay."""
    lead = task.lead
    return Entry(
        uid=str(task.task_id),
        at=task.due_date,
        summary=f"{task.type.label}: {lead.name}",
        description=_("Lead #%(number)s", number=lead.number),
        url=base_url() + url_for("leads.show", lead_id=task.lead_id),
        changed_at=max(task.updated_at or lead.updated_at, lead.updated_at),
        changes=task.revision,
    )
