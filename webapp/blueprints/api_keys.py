"""Keys for programs that bring leads: made, shown once, revoked."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.api_keys import ApiKeyForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import api_keys

bp = Blueprint("api_keys", __name__, url_prefix="/api-keys")


@bp.get("")
def index():
    return listed(ApiKeyForm(formdata=None))


@bp.post("")
def add():
    form = ApiKeyForm()
    if form.validate_on_submit():
        with form.refusals():
            made = api_keys.add(form.name.data, by=g.actor)
            return listed(ApiKeyForm(formdata=None), made=made)
    return listed(form, form.status_code)


@bp.post("/<uuid:key_id>/revocation")
def revoke(key_id):
    EmptyForm().demand()
    key = api_keys.revoke(key_id, by=g.actor)
    return go_to("api_keys.index", _("The key of %(name)s works no more.", name=key.name))


def listed(form: ApiKeyForm, status: int = 200, made: api_keys.Made | None = None):
    response = respond(
        "api_keys/index.html",
        status=status,
        keys=api_keys.everyone(),
        form=form,
        made=made,
        empty_form=EmptyForm(formdata=None),
    )
    if made:
        response.headers["Cache-Control"] = "no-store"
    return response
