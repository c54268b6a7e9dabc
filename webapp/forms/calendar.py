from flask_babel import lazy_gettext as _
from wtforms import Form as PlainForm
from wtforms import StringField

from webapp.forms.fields import DayField, RowIdField, SlotField, WordField
from webapp.vocabulary import View

EVERYBODY = "all"


class CalendarForm(PlainForm):
    """Where somebody is in whose calendar, as the URL holds it; what it cannot read is ignored."""

    view = WordField(_("View"), View, blank="")
    date = DayField()
    agent = StringField()
    agent_id = RowIdField(name="agent")


class SlotForm(PlainForm):
    """When something is to be planned, with which lead of which agent; what it cannot read is ignored."""

    at = SlotField()
    lead = RowIdField()
    agent = RowIdField()
    next = StringField()
