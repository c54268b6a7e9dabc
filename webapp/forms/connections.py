from flask_babel import lazy_gettext as _
from wtforms import BooleanField, PasswordField, ValidationError

from webapp import cleaning
from webapp.forms.base import Form

LONGEST, LONGEST_KEY = 200, 500


class SecretField(PasswordField):
    """What a portal gave to the admin: taken and never shown; empty leaves the one so far."""

    data: str

    def __init__(self, label, longest, **kwargs):
        shown = {"autocomplete": "off", "dir": "ltr", "maxlength": longest}
        super().__init__(label, default="", render_kw=shown, **kwargs)
        self.longest = longest

    def pre_validate(self, form):
        try:
            self.data = cleaning.text(self.data or "", longest=self.longest)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class ConnectionForm(Form):
    """A portal's door: open or closed, and a new secret; empty leaves the one so far."""

    secret = SecretField(_("New secret"), LONGEST)
    is_enabled = BooleanField(_("Takes what the portal sends"))


class KeyForm(Form):
    """The key to what a portal holds, and whether we ask for it; empty leaves the key so far."""

    api_key = SecretField(_("New API key"), LONGEST_KEY)
    api_secret = SecretField(_("Its second part (API secret)"), LONGEST_KEY)
    is_pulled = BooleanField(_("Ask the portal every five minutes"))
