from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from webapp.forms.base import Form
from webapp.forms.fields import RowField, TextField


class AssignmentForm(Form):
    """Give a lead to somebody else, or to the best match; `owner_from` is whose it was when the form was opened."""

    owner_from = HiddenField()

    agent_id = RowField(_("Agent"), blank=_("The best match"))
    reason = TextField(_("Why"), 200)
