from flask_babel import lazy_gettext as _
from wtforms import Form as PlainForm
from wtforms import StringField, ValidationError

from webapp.forms.base import Form
from webapp.forms.fields import TextField, WholeNumberField, WordsField
from webapp.services.enquiries import Filters
from webapp.vocabulary import EnquiryState, Source

MOST = 999_999_999


class EnquiryFilterForm(PlainForm):
    """What a list of enquiries is narrowed to, as the URL holds it; what it cannot read is ignored."""

    state = WordsField(_("State"), EnquiryState)
    source = WordsField(_("Source"), Source)
    after = StringField("")

    @property
    def filters(self) -> Filters:
        return Filters(self.state.data or (), self.source.data or ())


class PhoneForm(Form):
    """A number that somebody found out."""

    phone = TextField(_("Phone number"), 60, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})


class AttachForm(Form):
    """The lead that an enquiry belongs to, by its short number."""

    number = WholeNumberField(_("Number of the lead"), 1, MOST)

    def process(self, formdata=None, *args, **kwargs):
        super().process(formdata, *args, **kwargs)

    def validate_number(self, field):
        if field.data is None and not field.errors:
            raise ValidationError(_("Type the number of the lead, such as 10234."))


class CloseForm(Form):
    """Why an enquiry is closed without a lead."""

    note = TextField(_("Why?"), 200)

    def validate_note(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Say why, in a word or two."))
