from flask_babel import lazy_gettext as _
from wtforms import BooleanField, PasswordField, ValidationError

from webapp import cleaning
from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import ClockField, EmailField, RowField, StateField, TextField, WordField, WordsField
from webapp.passwords import LONGEST
from webapp.vocabulary import Interface, NoticeGroup, Role, Theme, VisitStatus

NEW_PASSWORD = {"autocomplete": "new-password", "dir": "ltr"}


def short_enough(_form, field) -> None:
    """Refuse what nobody types; whether it may be a password the service says."""
    if len(field.data or "") > LONGEST:
        raise ValidationError(_("That password is too long."))


def typed(form, field) -> None:
    """Refuse what no keyboard gives, or nothing."""
    short_enough(form, field)
    try:
        found = cleaning.text(field.data or "", longest=LONGEST, lines=False)
    except ValueError as error:
        raise ValidationError(str(error)) from None
    if not found:
        raise ValidationError(_("Choose a password."))


class SignInForm(Form):
    email = TextField(_("Work e-mail"), 255, render_kw={"type": "email", "autocomplete": "username", "dir": "ltr"})
    password = PasswordField(
        _("Password"), [short_enough], render_kw={"autocomplete": "current-password", "dir": "ltr"}
    )


class PasswordForm(Form):
    """A new password, by the one so far."""

    current = PasswordField(
        _("Password so far"), [short_enough], render_kw={"autocomplete": "current-password", "dir": "ltr"}
    )
    password = PasswordField(_("New password"), [typed], render_kw=NEW_PASSWORD)


class ChosenPasswordForm(Form):
    """A password that somebody chooses by their link."""

    password = PasswordField(_("Your password"), [typed], render_kw=NEW_PASSWORD)


class InvitationForm(CreateForm):
    """Somebody who is to sign in."""

    name = TextField(_("Name"), 200)
    email = EmailField(_("Work e-mail"))
    role = WordField(_("Role"), Role, default=Role.AGENT)
    agent_id = RowField(_("Is the agent"), blank=_("Nobody"))

    def validate_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Say who they are."))

    def validate_email(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Type their e-mail address."))


class UserForm(Form):
    """Who somebody is and what they may do."""

    name = TextField(_("Name"), 200)
    role = WordField(_("Role"), Role)
    agent_id = RowField(_("Is the agent"), blank=_("Nobody"))
    is_active = BooleanField(_("May sign in"))

    def validate_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Say who they are."))


class PreferencesForm(Form):
    language = WordField(_("Language"), Interface)
    theme = WordField(_("Colours"), Theme)


class MailForm(Form):
    """What somebody wants by e-mail too, and when not."""

    mail_groups = WordsField(_("By e-mail too"), NoticeGroup)
    quiet_from = ClockField(_("Quiet from"), render_kw={"placeholder": "21:00"})
    quiet_until = ClockField(_("Quiet until"), render_kw={"placeholder": "07:30"})


class VisitForm(Form):
    """What became of a visitor."""

    status = WordField(_("Status"), VisitStatus)


class ReadForm(Form):
    """Notices that somebody has read, up to the newest that was shown."""

    up_to = StateField()


class EmptyForm(Form):
    """A button: nothing but the token."""
