"""The doors of the portals and the keys to what they hold: the admin's secrets go in and never come out."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.connections import ConnectionForm, KeyForm
from webapp.forms.users import EmptyForm
from webapp.responses import base_url, go_to, respond
from webapp.services import connections

bp = Blueprint("connections", __name__)


@bp.get("/connections")
def index():
    return listed()


@bp.post("/connections/<portal>")
def change(portal):
    named, form = connections.named(portal), ConnectionForm()
    if form.validate_on_submit():
        with form.refusals():
            connections.change(named, by=g.actor, secret=form.secret.data, is_enabled=form.is_enabled.data)
            return go_to("connections.index", _("Saved."))
    return listed(named, form=form)


@bp.post("/connections/<portal>/key")
def set_key(portal):
    named, form = connections.named(portal), KeyForm()
    if form.validate_on_submit():
        with form.refusals():
            connections.set_key(
                named,
                by=g.actor,
                api_key=form.api_key.data,
                api_secret=form.api_secret.data,
                is_pulled=form.is_pulled.data,
            )
            return go_to("connections.index", _("Saved."))
    return listed(named, key_form=form)


@bp.post("/connections/<portal>/address")
def readdress(portal):
    EmptyForm().demand()
    connections.readdress(connections.named(portal), by=g.actor)
    return go_to("connections.index", _("It has a new address: tell the portal."))


def listed(refused=None, *, form=None, key_form=None):
    """The page of all portals; the form that was refused stands in its place."""
    every, came_back = connections.every(), form or key_form
    forms = {state.portal: ConnectionForm(formdata=None, is_enabled=state.is_enabled) for state in every}
    key_forms = {
        state.portal: KeyForm(formdata=None, is_pulled=state.fetching.is_on) for state in every if state.fetching
    }
    return respond(
        "connections/index.html",
        status=came_back.status_code if came_back else 200,
        states=every,
        forms=forms | ({refused: form} if form else {}),
        key_forms=key_forms | ({refused: key_form} if key_form else {}),
        base=base_url(),
        empty_form=EmptyForm(formdata=None),
    )
