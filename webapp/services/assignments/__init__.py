"""Who owns a lead, and why (R4, R5)."""

from webapp.services.assignments.assign import Assigned, assign, give
from webapp.services.assignments.back import give_back
from webapp.services.assignments.candidates import Choice, choose
from webapp.services.assignments.stale import reassign_stale

__all__ = ["Assigned", "Choice", "assign", "choose", "give", "give_back", "reassign_stale"]
