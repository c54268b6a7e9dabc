from decimal import Decimal

from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from webapp import formatting
from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import (
    AreasField,
    EmailField,
    KeyField,
    LongTextField,
    MoneyField,
    RowField,
    StateField,
    TextField,
    WholeNumberField,
    WordField,
    WordRadioField,
)
from webapp.services.leads import Details, Origin
from webapp.vocabulary import (
    Channel,
    Language,
    PropertyType,
    Purpose,
    Source,
    SpokenLanguage,
)


class DetailsFields:
    """What is known of a person and their search; only the phone is required."""

    phone = TextField(_("Phone number"), 60, render_kw={"type": "tel", "inputmode": "tel", "dir": "ltr"})
    first_name = TextField(_("First name"), 100)
    last_name = TextField(_("Last name"), 100)
    language_preference = WordRadioField(_("Speaks"), Language, blank=_("Other"))
    spoken_language = WordField(_("Another language"), SpokenLanguage, blank=_("Not asked"))
    purpose = WordRadioField(_("Looks for"), Purpose, blank=_("Not asked"))
    property_type = WordRadioField(_("Property type"), PropertyType, blank=_("Any"))
    bedrooms = WholeNumberField(_("Bedrooms"), 0, 20)
    preferred_areas = AreasField(_("Areas"))
    budget_min = MoneyField(_("Budget from, AED"))
    budget_max = MoneyField(_("Budget up to, AED"))
    email = EmailField(_("E-mail"))
    nationality = TextField(_("Nationality"), 50)
    consent = BooleanField(_("Agrees that we call and message about this search"))

    def details(self, source_type: Source) -> Details:
        return Details(
            phone=self.phone.data,
            source_type=source_type,
            first_name=self.first_name.data,
            last_name=self.last_name.data,
            email=self.email.data,
            nationality=self.nationality.data or None,
            language_preference=self.language_preference.data,
            spoken_language=self.spoken_language.data,
            budget_min=self.budget_min.data,
            budget_max=self.budget_max.data,
            property_type=self.property_type.data,
            preferred_areas=tuple(self.preferred_areas.data or ()),
            purpose=self.purpose.data,
            bedrooms=self.bedrooms.data,
            consent=self.consent.data,
        )


class LeadForm(DetailsFields, CreateForm):
    """Register somebody: the walk-in form of the front desk and "New lead" of everybody else."""

    source_type = WordField(_("Source"), Source, default=Source.WALK_IN)
    referrer_agent_id = RowField(_("Sent by"), blank=_("Nobody"))
    message = LongTextField(_("Notes"), 2000)
    enquiry_id = KeyField()
    """Who they are among those that checked in by themselves."""

    def origin(self, channel: Channel) -> Origin:
        return Origin(channel=channel, message=self.message.data, referrer_agent_id=self.referrer_agent_id.data)


class AmendForm(DetailsFields, Form):
    """Change what is known; `version` says on which state of the lead."""

    version = StateField()

    @classmethod
    def of(cls, lead, **kwargs) -> "AmendForm":
        """The form filled with what a lead has now, whatever was sent."""
        return cls(formdata=None, obj=lead, consent=lead.consent_at is not None, **kwargs)

    def differences(self, lead) -> list[tuple[str, str]]:
        """What the lead has now and this form would replace: (label, value)."""
        now = self.of(lead)
        details = [field for field in self if field.name not in ("version", "csrf_token")]
        changed = [now[field.name] for field in details if (field.data or None) != (now[field.name].data or None)]
        return [(field.label.text, _shown(field)) for field in changed]


def _shown(field) -> str:
    if isinstance(field.data, bool):
        return str(_("yes") if field.data else _("no"))
    if isinstance(field.data, Decimal):
        return formatting.aed(field.data)
    return str(getattr(field.data, "label", None) or field._value() or "–")
