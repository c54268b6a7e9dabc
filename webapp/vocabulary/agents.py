"""How many leads an agent may hold, how they came to them, and how they are listed."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class Team(Word):
    """A part of the agents of the office."""

    ON_DUTY = "on_duty", _("On duty")
    NEAR = "near", _("40 and over")
    ATTENTION = "attention", _("Full or away")
    LEFT = "left", _("Left")


class AgentOrder(Word):
    """How the agents are sorted."""

    LOAD = "load", _("Most leads first")
    NAME = "name", _("By name")
    RATE = "rate", _("Best conversion rate first")
    RESPONSE = "response", _("Fastest first answer first")
    EXPIRY = "expiry", _("Broker number ends soonest")


class AssignmentKind(Word):
    """How an agent came to own a lead."""

    SAME_PERSON = "same_person", _("Same client")
    OWN = "own", _("Added by the agent")
    BEST_MATCH = "best_match", _("Best match")
    BY_HAND = "by_hand", _("By hand")
    STALE = "stale", _("Nobody had answered")
    GIVEN_BACK = "given_back", _("Hand-over undone")


class HandoverState(Word):
    """What became of one lead of a hand-over."""

    WAITING = "waiting", _("Still to go")
    MOVED = "moved", _("Moved")
    STAYED = "stayed", _("Stayed")
    RETURNED = "returned", _("Given back")
    KEPT = "kept", _("Not given back")


CAP = 50
"""Active leads an agent may hold at most (R6)."""


NEAR_CAP = 40
"""From how many active leads on an agent is near it (R12)."""
