from wtforms import Form, StringField

from webapp.forms.fields import RowIdField, WordsField
from webapp.vocabulary import Status


class LaneForm(Form):
    """Which lanes are asked for alone, after which card, or for which lead that was moved between them.

    As the URL holds it; what it cannot read is ignored.
    """

    lane = WordsField("", Status)
    after = StringField()
    moved = RowIdField()
