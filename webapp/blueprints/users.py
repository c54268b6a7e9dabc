"""The people of the office for admins; for everybody their own account."""

from flask import Blueprint, current_app, g, session
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.forms.users import EmptyForm, InvitationForm, MailForm, PasswordForm, PreferencesForm, UserForm
from webapp.responses import go_to, respond
from webapp.services import agents, feeds, notifications, submissions, users

bp = Blueprint("users", __name__)


@bp.get("/users")
def index():
    return respond("users/index.html", people=users.everyone())


@bp.get("/users/new")
def new():
    return respond("users/new.html", form=with_agents(InvitationForm()))


@bp.post("/users")
def invite():
    form = InvitationForm()
    if form.validate_on_submit():
        with form.refusals(agent="agent_id"):
            made = submissions.once(form.nonce.nonce, form.body, lambda: invited(form), by=g.actor)
            return go_to("users.show", _("Invited. Make the link now and pass it on."), user_id=made["user_id"])
    return respond("users/new.html", status=form.status_code, form=with_agents(form))


def invited(form: InvitationForm) -> dict:
    user = users.invite(
        form.email.data, by=g.actor, name=form.name.data, role=form.role.data, agent_id=form.agent_id.data
    )
    return {"user_id": str(user.user_id)}


@bp.get("/users/<uuid:user_id>")
def show(user_id):
    return user_page(user_id)


@bp.post("/users/<uuid:user_id>")
def change(user_id):
    form = UserForm()
    if form.validate_on_submit():
        with form.refusals(agent="agent_id"):
            users.change(
                user_id,
                by=g.actor,
                name=form.name.data,
                role=form.role.data,
                agent_id=form.agent_id.data,
                is_active=form.is_active.data,
            )
            return go_to("users.show", _("Saved."), user_id=user_id)
    return user_page(user_id, form.status_code, form=form)


def user_page(user_id, status=200, form=None, link=None):
    person = users.find(user_id)
    user = person.user
    form = form or UserForm(name=user.name, role=user.role, agent_id=user.agent_id, is_active=user.is_active)
    return respond(
        "users/show.html", status=status, person=person, form=with_agents(form), link=link, empty_form=EmptyForm()
    )


def with_agents(form):
    form.agent_id.offer((agent.agent_id, agent.full_name) for agent in agents.everyone(chosen=form.agent_id.data))
    return form


@bp.get("/account")
def account():
    return account_page()


@bp.post("/account")
def prefer():
    form = PreferencesForm()
    if form.validate_on_submit():
        users.prefer(by=g.actor, language=form.language.data, theme=form.theme.data)
        return go_to("users.account", _("Saved."))
    return account_page(form.status_code, form=form)


@bp.post("/account/mail")
def choose_mail():
    form = MailForm()
    if form.validate_on_submit():
        with form.refusals():
            users.choose_mail(
                by=g.actor,
                groups=form.mail_groups.data,
                quiet_from=form.quiet_from.data,
                quiet_until=form.quiet_until.data,
            )
            return go_to("users.account", _("Saved."))
    return account_page(form.status_code, mail_form=form)


@bp.post("/account/password")
def change_password():
    form = PasswordForm()
    if form.validate_on_submit():
        with form.refusals():
            users.change_password(form.current.data or "", form.password.data or "", by=g.actor, token=session["token"])
            return go_to("users.account", _("Your password is changed. Everywhere else you are signed out."))
    return account_page(form.status_code, password_form=form)


@bp.post("/account/sessions")
def end_others():
    EmptyForm().demand()
    ended = users.end_others(session["token"], by=g.actor)
    said = ngettext("Signed out in %(num)s other browser.", "Signed out in %(num)s other browsers.", ended)
    return go_to("users.account", said)


def account_page(status=200, form=None, password_form=None, mail_form=None, feed=None):
    """The own account; `feed` is the new address of the own calendar, which is shown this once."""
    chosen = users.mail_choice(by=g.actor)
    return respond(
        "users/account.html",
        status=status,
        form=form or PreferencesForm(formdata=None, language=g.actor.language, theme=g.actor.theme),
        password_form=password_form or PasswordForm(formdata=None),
        mail_form=mail_form
        or MailForm(
            formdata=None,
            mail_groups=chosen.groups,
            quiet_from=chosen.quiet_from,
            quiet_until=chosen.quiet_until,
        ),
        offered=notifications.offered(to=g.actor),
        has_mail=current_app.config["MAIL"] is not None,
        open_sessions=users.open_sessions(session["token"], by=g.actor),
        feed=feed,
        feed_since=feeds.made_at(by=g.actor),
        empty_form=EmptyForm(formdata=None),
    )
