"""Sentences that several reports share, on how they are counted."""

from flask_babel import lazy_gettext as _

CAME_IN = _("The period is the day a lead came in, in Dubai.")
MADE = _("The period is the day the deal was made, in Dubai, whenever the lead came in.")
NOW = _("It is as of now; no period applies.")
COHORT = _(
    "Converted are those of these leads that have been converted by now. The rate is converted divided by leads; where"
    " there are no leads there is no rate."
)
OWNER = _("Leads count for the agent who owns them now.")
FIRST_ANSWER = _("The first answer is the first contact by a person, counted from when the lead came in.")
ANSWER = _(
    "The first answer is the first contact by a person, counted from when the lead came in. Means and medians are of"
    " the answered leads. A few very late answers pull the mean up, so read the median."
)
VALUE = _("Deal values are in AED, as written down when the lead was converted. Deals without a value count as none.")
