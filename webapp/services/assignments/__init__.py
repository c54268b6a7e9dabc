"""Who owns a lead, and why (R4, R5)."""

from webapp.services.assignments.assign import Assigned, assign, bring, give
from webapp.services.assignments.back import give_back, has_room, leave
from webapp.services.assignments.candidates import Choice, choose
from webapp.services.assignments.stale import reassign_stale

__all__ = [
    "Assigned",
    "Choice",
    "assign",
    "bring",
    "choose",
    "give",
    "give_back",
    "has_room",
    "leave",
    "reassign_stale",
]
