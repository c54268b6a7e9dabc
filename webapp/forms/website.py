"""The form of the company's pages: whoever sends it has no session, so that its token is its site's key."""

from flask import current_app
from flask_babel import lazy_gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import BooleanField, HiddenField, StringField, ValidationError

from webapp import clock
from webapp.forms.base import Form
from webapp.forms.fields import EmailField, LongTextField, TextField
from webapp.vocabulary import ConsentWording

LEAST_S = 3
"""Nobody reads and fills in a form in less."""


class WebsiteForm(Form):
    """What a visitor of a company's page asks. `website` is a trap: people do not see it."""

    name = TextField(_("Your name"), 100, render_kw={"autocomplete": "name"})
    phone = TextField(
        _("Phone or WhatsApp"), 60, render_kw={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "dir": "ltr"}
    )
    email = EmailField(_("E-mail"), render_kw={"autocomplete": "email"})
    message = LongTextField(_("What are you looking for?"), 2000, render_kw={"rows": 4})
    listing_reference = TextField(_("Property reference"), 100)
    utm_source = TextField("", 100)
    consent = BooleanField(ConsentWording.current().label)
    wording = StringField("")
    return_to = StringField("")
    website = StringField(_("Leave this empty"), render_kw={"tabindex": "-1", "autocomplete": "off"})
    opened = HiddenField()

    class Meta(Form.Meta):
        csrf = False

    def validate_phone(self, field):
        if not (field.data or self.email.data or self.email.errors or field.errors):
            raise ValidationError(_("Leave a phone number or an e-mail address, so that somebody can answer."))

    @property
    def agreed_to(self) -> ConsentWording | None:
        """The words that were ticked, where they are ours."""
        known = {wording.value: wording for wording in ConsentWording}
        return known.get(self.wording.data or "") if self.consent.data else None

    @property
    def is_trapped(self) -> bool:
        return bool(self.website.data)

    @property
    def is_hasty(self) -> bool:
        """Whether our own page was sent off faster than people type, or its moment was made up. A form that stands on
        another page tells no moment.
        """
        if not self.opened.data:
            return False
        try:
            _nothing, at = _signer().loads(self.opened.data, return_timestamp=True)
        except BadSignature:
            return True
        return (clock.now() - at).total_seconds() < LEAST_S

    @staticmethod
    def opening() -> str:
        """This moment, signed."""
        return _signer().dumps("")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="website-form")
