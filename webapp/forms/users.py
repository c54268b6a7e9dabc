from flask_babel import lazy_gettext as _
from wtforms import PasswordField, ValidationError

from webapp.forms.base import Form
from webapp.forms.fields import StateField, TextField, WordField
from webapp.vocabulary import Interface, Theme, VisitStatus


class SignInForm(Form):
    email = TextField(_("Work e-mail"), 255, render_kw={"type": "email", "autocomplete": "username", "dir": "ltr"})
    password = PasswordField(_("Password"), render_kw={"autocomplete": "current-password", "dir": "ltr"})

    def validate_password(self, field):
        if len(field.data or "") > 5000:
            raise ValidationError(_("That password is too long."))


class PreferencesForm(Form):
    language = WordField(_("Language"), Interface)
    theme = WordField(_("Colours"), Theme)


class VisitForm(Form):
    """What became of a visitor."""

    status = WordField(_("Status"), VisitStatus)


class ReadForm(Form):
    """Notices that somebody has read, up to the newest that was shown."""

    up_to = StateField()


class EmptyForm(Form):
    """A button: nothing but the token."""
