from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import Form
from webapp.forms.fields import TextField


class ApiKeyForm(Form):
    """A new key, named after the program that will show it."""

    name = TextField(_("For which program"), 100)

    def validate_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Name the program that will use it."))
