from flask_babel import lazy_gettext as _

from webapp.forms.base import Form
from webapp.forms.fields import StateField, WordRadioField
from webapp.services.merges import Comparison, Wish
from webapp.vocabulary import Side

UNSAID = _("Whichever says something")


class MergeForm(Form):
    """Which of two leads stays, and whose values: only what differs is asked."""

    survivor = WordRadioField(_("Which lead stays?"), Side)
    owner = WordRadioField(_("Owner"), Side, blank=UNSAID)
    name = WordRadioField(_("Name"), Side, blank=UNSAID)
    phone = WordRadioField(_("Phone number"), Side, blank=UNSAID)
    email = WordRadioField(_("E-mail"), Side, blank=UNSAID)
    nationality = WordRadioField(_("Nationality"), Side, blank=UNSAID)
    language_preference = WordRadioField(_("Speaks"), Side, blank=UNSAID)
    spoken_language = WordRadioField(_("Another language"), Side, blank=UNSAID)
    purpose = WordRadioField(_("Looks for"), Side, blank=UNSAID)
    property_type = WordRadioField(_("Property type"), Side, blank=UNSAID)
    bedrooms = WordRadioField(_("Bedrooms"), Side, blank=UNSAID)
    preferred_areas = WordRadioField(_("Areas"), Side, blank=UNSAID)
    budget = WordRadioField(_("Budget"), Side, blank=UNSAID)
    consent = WordRadioField(_("Consent"), Side, blank=UNSAID)
    version = StateField()
    other_version = StateField()

    @classmethod
    def of(cls, comparison: Comparison) -> "MergeForm":
        """The form filled with what is chosen unless somebody says otherwise, whatever was sent."""
        stays = {"survivor": comparison.survivor, "owner": comparison.survivor}
        return cls(formdata=None, data=stays | comparison.chosen)

    @property
    def wish(self) -> Wish:
        asked = [field for field in self if isinstance(field, WordRadioField) and field.data]
        return Wish(
            survivor=self.survivor.data,
            versions=(self.version.data, self.other_version.data),
            chosen={field.name: field.data for field in asked if field.name not in ("survivor", "owner")},
            owner=self.owner.data,
        )
