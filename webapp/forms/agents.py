from wtforms import StringField

from webapp.forms.fields import RowIdField
from webapp.forms.parts import PartForm


class ChoicesForm(PartForm):
    """Which agents are asked for, to choose one: but for whom, and whether with the number of leads they hold."""

    but = RowIdField()
    load = StringField()
