from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import Form
from webapp.forms.fields import LongTextField, MoneyField, TextField, WordField, WordRadioField
from webapp.services import listings
from webapp.services.pipeline import Deal
from webapp.vocabulary import DealType, LostReason, Status


class StatusForm(Form):
    """Move a lead: `status_from` is what the person saw, the rest is what converting or losing asks for."""

    status_from = WordField(_("From"), Status)
    status = WordField(_("To"), Status)
    conversion_type = WordRadioField(_("What was agreed"), DealType, blank="")
    deal_value = MoneyField(_("Deal value, AED"))
    property_id = TextField(_("Property"), 50)
    lost_reason = WordRadioField(_("Why it was lost"), LostReason, blank="")
    notes = LongTextField(_("In your words"), 2000)

    def validate_deal_value(self, field):
        if self.status.data == Status.CONVERTED and field.data is None and not field.errors:
            raise ValidationError(_("Say for how much."))

    def validate_conversion_type(self, field):
        if self.status.data == Status.CONVERTED and field.data is None:
            raise ValidationError(_("Sale or rental?"))

    def validate_lost_reason(self, field):
        if self.status.data == Status.LOST and field.data is None:
            raise ValidationError(_("Choose the reason."))

    @property
    def deal(self) -> Deal | None:
        """What was agreed; `Invalid` where no property has the reference that was typed."""
        if self.status.data != Status.CONVERTED:
            return None
        property_id = listings.identify(self.property_id.data) if self.property_id.data else None
        return Deal(self.conversion_type.data, self.deal_value.data, property_id)
