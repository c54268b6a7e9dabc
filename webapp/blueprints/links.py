"""Links by which somebody chooses a password, once: made by an admin, opened by whom they are for."""

from flask import Blueprint, current_app, g, redirect, session, url_for

from webapp.blueprints.users import user_page
from webapp.forms.users import ChosenPasswordForm, EmptyForm
from webapp.responses import respond
from webapp.services import links

bp = Blueprint("links", __name__)

GONE = 410


@bp.post("/users/<uuid:user_id>/link")
def make(user_id):
    """The link is in this answer alone: nowhere is it kept, and a reload makes another one."""
    EmptyForm().demand()
    token = links.make(user_id, by=g.actor)
    return user_page(user_id, link=current_app.config["BASE_URL"] + url_for("links.open", token=token))


@bp.get("/welcome/<token>")
def open(token):
    """The token goes into the signed session, so that it stands in no address, log or history from here on."""
    session["link"] = token
    return redirect(url_for("links.show"))


@bp.get("/welcome")
def show():
    return link_page(ChosenPasswordForm())


@bp.post("/welcome")
def choose():
    form = ChosenPasswordForm()
    if form.validate_on_submit():
        with form.refusals():
            token = links.choose(session.get("link", ""), form.password.data or "")
            session.clear()
            session["token"] = token
            return redirect(url_for("home.show"), 303)
    return link_page(form, form.status_code)


def link_page(form, status=200):
    user = links.whose(session.get("link", ""))
    if user is None:
        return respond("links/over.html", status=GONE)
    return respond("links/show.html", status=status, form=form, user=user)
