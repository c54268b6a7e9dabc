from wtforms import Form, StringField

from webapp.forms.fields import RowIdField, WholeNumberField


class ChoicesForm(Form):
    """Which agents are asked for, to choose one: from where on, but for whom, and whether with how many leads they hold.

    What it cannot read is ignored.
    """

    start = WholeNumberField("", 0, 1_000_000)
    but = RowIdField()
    load = StringField()
