from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from webapp.forms.base import Form
from webapp.forms.fields import ClockField, TextField, WholeNumberField

MOST_MONTHS = 120
MOST_CALLS = 50


class OfficeForm(Form):
    """What is set for the whole office."""

    name = TextField(_("Name of the company"), 80)
    phone = TextField(_("Phone of the office"), 20, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})
    retention_months = WholeNumberField(_("Anonymise lost leads after so many months"), 0, MOST_MONTHS)


class CallsForm(Form):
    """When and how often people are called."""

    calls_from = ClockField(_("Calls from"))
    calls_until = ClockField(_("Calls until"))
    unanswered_a_day = WholeNumberField(_("Calls without an answer in 24 hours"), 1, MOST_CALLS)
    unanswered_a_week = WholeNumberField(_("Calls without an answer in 7 days"), 1, MOST_CALLS)
    guard_blocks = BooleanField(_("Block marketing calls outside the hours and above these numbers"))

    def validate(self, extra_validators=None):
        asked = (self.calls_from, self.calls_until, self.unanswered_a_day, self.unanswered_a_week)
        whole = super().validate(extra_validators)
        for field in asked:
            if field.data is None and not field.errors:
                field.errors = [_("This is needed.")]
                whole = False
        return whole
