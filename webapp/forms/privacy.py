from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import Form
from webapp.forms.fields import TextField, WordField
from webapp.vocabulary import ErasureReason


class ErasureForm(Form):
    """Erase a person: why, and the end of their number once more."""

    reason = WordField(_("Why they are erased"), ErasureReason, blank=_("Choose"))
    digits = TextField(
        _("The last four digits of their number"), 8, render_kw={"inputmode": "numeric", "dir": "ltr", "maxlength": 8}
    )

    def validate_reason(self, field):
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose the reason."))

    def validate_digits(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Type the last four digits, so that nobody is erased by mistake."))
