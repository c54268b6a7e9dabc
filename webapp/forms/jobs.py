from flask_babel import lazy_gettext as _

from webapp.forms.base import Form
from webapp.forms.fields import WordField
from webapp.vocabulary import JobName


class TurnForm(Form):
    """Which job is to have a turn."""

    job = WordField(_("Job"), JobName)
