from wtforms import Form, StringField

from webapp.forms.fields import WordsField
from webapp.vocabulary import Status


class LaneForm(Form):
    """Which lanes are asked for alone, and after which card, as the URL holds it; what it cannot read is ignored."""

    lane = WordsField("", Status)
    after = StringField()
