from flask_babel import lazy_gettext as _

from webapp.forms.base import Form
from webapp.forms.fields import StateField, WordRadioField
from webapp.services.merges import Comparison, Wish
from webapp.vocabulary import Side

UNSAID = _("Whichever says something")


class MergeForm(Form):
    """Which of two leads stays, and whose values: only what differs is asked."""

    survivor = WordRadioField(_("Which lead stays?"), Side)
    keep_owner = WordRadioField(_("Owner"), Side, blank=UNSAID)
    keep_name = WordRadioField(_("Name"), Side, blank=UNSAID)
    keep_phone = WordRadioField(_("Phone number"), Side, blank=UNSAID)
    keep_email = WordRadioField(_("E-mail"), Side, blank=UNSAID)
    keep_nationality = WordRadioField(_("Nationality"), Side, blank=UNSAID)
    keep_language_preference = WordRadioField(_("Speaks"), Side, blank=UNSAID)
    keep_spoken_language = WordRadioField(_("Another language"), Side, blank=UNSAID)
    keep_purpose = WordRadioField(_("Looks for"), Side, blank=UNSAID)
    keep_property_type = WordRadioField(_("Property type"), Side, blank=UNSAID)
    keep_bedrooms = WordRadioField(_("Bedrooms"), Side, blank=UNSAID)
    keep_preferred_areas = WordRadioField(_("Areas"), Side, blank=UNSAID)
    keep_budget = WordRadioField(_("Budget"), Side, blank=UNSAID)
    keep_consent = WordRadioField(_("Consent"), Side, blank=UNSAID)
    version = StateField()
    other_version = StateField()

    @classmethod
    def of(cls, comparison: Comparison) -> "MergeForm":
        """The form filled with what is chosen unless somebody says otherwise, whatever was sent."""
        chosen = {"owner": comparison.survivor} | comparison.chosen
        sent = {f"keep_{part}": side for part, side in chosen.items()}
        return cls(formdata=None, data=sent | {"survivor": comparison.survivor})

    @property
    def wish(self) -> Wish:
        chosen = {field.name.removeprefix("keep_"): field.data for field in self if field.name.startswith("keep_")}
        return Wish(
            survivor=self.survivor.data,
            versions=(self.version.data, self.other_version.data),
            chosen={part: side for part, side in chosen.items() if side and part != "owner"},
            owner=chosen["owner"],
        )
