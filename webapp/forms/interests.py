from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import TextField, WordField
from webapp.vocabulary import InterestLevel


class InterestForm(CreateForm):
    """A property that the lead likes, by its reference or id, and how much."""

    property_id = TextField(_("Property"), 50, render_kw={"dir": "ltr"})
    interest_level = WordField(_("How much"), InterestLevel, default=InterestLevel.MEDIUM)

    def validate_property_id(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Type the reference of a property."))


class LevelForm(Form):
    """How much they like it now."""

    interest_level = WordField(_("How much"), InterestLevel)
