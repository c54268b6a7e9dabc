"""Why a score changed, what a rule may ask, how a set of rules stands, and the rules that we ship."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class ScoreReason(Word):
    """What kind of change a score line belongs to (R3)."""

    DETAILS = "details", _("Details")
    ACTIVITY = "activity", _("Activity")
    SILENCE = "silence", _("Silence")
    MERGE = "merge", _("Merge")
    RULES = "rules", _("Rules changed")


class ConditionType(Word):
    """What a rule asks: of a lead's details, of an activity, or of time (R3)."""

    SOURCE = "source", _("Where the lead came from")
    BUDGET_MIN = "budget_min", _("Budget above an amount")
    NATIONALITY = "nationality", _("Nationality")
    PROPERTY_TYPE = "property_type", _("A property type is known")
    PREFERRED_AREAS = "preferred_areas", _("An area is known")
    REFERRAL = "referral", _("An agent referred the lead")
    ACTIVITY_TYPE = "activity_type", _("A kind of contact")
    ACTIVITY_OUTCOME = "activity_outcome", _("How a contact went")
    RESPONSE_TIME = "response_time", _("Time to the first answer")
    INACTIVITY_DAYS = "inactivity_days", _("Silence")


class SetState(Word):
    """How a set of scoring rules stands."""

    DRAFT = "draft", _("draft")
    RESCORING = "rescoring", _("scores are being counted anew")
    DONE = "done", _("every score follows it")
    REPLACED = "replaced", _("replaced before every score followed it")


class Bound(Word):
    """Which side of a response time a tier is on."""

    WITHIN = "within", _("within so many hours")
    AFTER = "after", _("later than so many hours")


class Begin(Word):
    """What a draft of rules begins from, besides a set of the office."""

    IN_FORCE = "in_force", _("the rules in force")
    CANONICAL = "canonical", _("the rules we ship")
    BALANCED = "balanced", _("the balanced rules")


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
    _("Counted anew"),
    _("Negative outcome"),
)
"""The names of the rules we ship, so that pages can show them in either language."""
