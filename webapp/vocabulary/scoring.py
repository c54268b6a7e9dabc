"""Why a score changed, and the rules that every office begins with."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class ScoreReason(Word):
    """What kind of change a score line belongs to (R3)."""

    DETAILS = "details", _("Details")
    ACTIVITY = "activity", _("Activity")
    SILENCE = "silence", _("Silence")
    MERGE = "merge", _("Merge")


CANONICAL_RULES = (
    _("Budget over AED 10M"),
    _("Budget over AED 5M"),
    _("Budget over AED 2M"),
    _("Any budget given"),
    _("Source: referral"),
    _("Source: Bayut"),
    _("Source: Property Finder"),
    _("Source: website"),
    _("Source: Dubizzle"),
    _("Source: walk-in"),
    _("UAE national"),
    _("GCC national"),
    _("Property type known"),
    _("Preferred area known"),
    _("Referred by an agent"),
    _("Positive outcome"),
    _("Viewing held"),
    _("Offer made"),
    _("Silent for 7 days"),
    _("Answered within 1 hour"),
    _("Answered within 4 hours"),
    _("Answered within 24 hours"),
    _("Answered within 72 hours"),
    _("Answered after 72 hours"),
    _("No scoring rules"),
    _("Score brought along"),
    _("Points without a line"),
    _("As before the merge"),
)
"""The names of the rules we ship, so that pages can show them in either language."""
