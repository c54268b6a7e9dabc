"""Signing in and out."""

from flask import Blueprint, g, redirect, request, session, url_for

from webapp.forms.users import EmptyForm, SignInForm
from webapp.responses import go_to, only_here, respond
from webapp.services import users
from webapp.vocabulary import Interface

bp = Blueprint("sessions", __name__)


@bp.get("/login")
def new():
    if g.actor:
        return redirect(url_for("home.show"))
    return respond("sessions/new.html", form=SignInForm())


@bp.post("/login")
def create():
    form = SignInForm()
    if form.validate_on_submit():
        with form.refusals():
            token = users.sign_in(form.email.data, form.password.data or "", address=request.remote_addr or "")
            session.clear()
            session["token"] = token
            return redirect(only_here(request.args.get("next")) or url_for("home.show"), 303)
    return respond("sessions/new.html", status=form.status_code, form=form)


@bp.post("/logout")
def end():
    EmptyForm().demand()
    users.sign_out(session["token"])
    session.clear()
    response = go_to("sessions.new")
    # What this person typed and did not send is not for whoever sits here next.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@bp.get("/language/<language>")
def speak(language):
    """The login page in another language, kept in a cookie until somebody signs in."""
    response = redirect(only_here(request.args.get("next")) or url_for("sessions.new"))
    if language in list(Interface):
        response.set_cookie("language", language, max_age=31_536_000, samesite="Lax", httponly=True)
    return response
