from flask_babel import lazy_gettext as _

from webapp.forms.base import Form
from webapp.forms.fields import TextField, WholeNumberField

MOST_MONTHS = 120


class OfficeForm(Form):
    """What is set for the whole office."""

    name = TextField(_("Name of the company"), 80)
    phone = TextField(_("Phone of the office"), 20, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})
    retention_months = WholeNumberField(_("Anonymise lost leads after so many months"), 0, MOST_MONTHS)
