from flask_babel import lazy_gettext as _
from wtforms import BooleanField, PasswordField, ValidationError

from webapp import cleaning
from webapp.forms.base import Form

LONGEST = 200


class ConnectionForm(Form):
    """A portal's door: open or closed, and a new secret; empty leaves the one so far."""

    secret = PasswordField(
        _("New secret"), render_kw={"autocomplete": "off", "dir": "ltr", "maxlength": LONGEST}, default=""
    )
    is_enabled = BooleanField(_("Takes what the portal sends"))

    def validate_secret(self, field):
        try:
            field.data = cleaning.text(field.data or "", longest=LONGEST)
        except ValueError as error:
            raise ValidationError(str(error)) from None
