from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms import Form as PlainForm

from webapp.forms.base import Form
from webapp.forms.fields import KeyField, LongTextField, TextField
from webapp.services.check_ins import Said


class KeyForm(PlainForm):
    """Who of those that checked in is to be greeted, as the URL holds it."""

    check_in = KeyField()


class CheckInForm(Form):
    """What a visitor types about themselves; only the phone is required."""

    phone = TextField(_("Phone number"), 60, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})
    first_name = TextField(_("First name"), 100)
    last_name = TextField(_("Last name"), 100)
    message = LongTextField(_("What are you looking for?"), 500)
    consent = BooleanField(_("Agrees that we call and message about this search"))
    nickname = TextField("", 100, render_kw={"tabindex": "-1"})
    """Nobody sees it: whoever fills it in is no person."""

    @property
    def is_a_machine(self) -> bool:
        return bool(self.nickname.data)

    @property
    def said(self) -> Said:
        return Said(
            self.phone.data, self.first_name.data, self.last_name.data, self.message.data, bool(self.consent.data)
        )
