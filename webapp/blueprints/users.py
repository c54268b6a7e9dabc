"""Somebody's own account."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.forms.users import EmptyForm, PreferencesForm
from webapp.responses import go_to, respond
from webapp.services import users

bp = Blueprint("users", __name__)


@bp.get("/account")
def account():
    form = PreferencesForm(language=g.actor.language, theme=g.actor.theme)
    return respond("users/account.html", form=form, empty_form=EmptyForm())


@bp.post("/account")
def prefer():
    form = PreferencesForm()
    if form.validate_on_submit():
        users.prefer(by=g.actor, language=form.language.data, theme=form.theme.data)
        return go_to("users.account", _("Saved."))
    return respond("users/account.html", status=form.status_code, form=form, empty_form=EmptyForm())
