"""The doors of the portals: opened and closed by the admin, whose secrets go in and never come out."""

from flask import Blueprint, current_app, g, request
from flask_babel import gettext as _

from webapp.forms.connections import ConnectionForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import connections

bp = Blueprint("connections", __name__)


@bp.get("/connections")
def index():
    return listed(None, None)


@bp.post("/connections/<portal>")
def change(portal):
    named, form = connections.named(portal), ConnectionForm()
    if form.validate_on_submit():
        with form.refusals():
            connections.change(named, by=g.actor, secret=form.secret.data, is_enabled=form.is_enabled.data)
            return go_to("connections.index", _("Saved."))
    return listed(named, form)


@bp.post("/connections/<portal>/address")
def readdress(portal):
    EmptyForm().demand()
    connections.readdress(connections.named(portal), by=g.actor)
    return go_to("connections.index", _("It has a new address: tell the portal."))


def listed(refused, form):
    """The page of all doors; the form that was refused stands in its place."""
    every = connections.every()
    forms = {
        state.portal: form if state.portal == refused else ConnectionForm(formdata=None, is_enabled=state.is_enabled)
        for state in every
    }
    return respond(
        "connections/index.html",
        status=form.status_code if form else 200,
        states=every,
        forms=forms,
        base=current_app.config["BASE_URL"] or request.host_url.rstrip("/"),
        empty_form=EmptyForm(formdata=None),
    )
