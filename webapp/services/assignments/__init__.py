"""Who owns a lead, and why (R4, R5)."""

from webapp.services.assignments.assign import Handover, assign, give
from webapp.services.assignments.candidates import Choice, choose
from webapp.services.assignments.stale import reassign_stale

__all__ = ["Choice", "Handover", "assign", "choose", "give", "reassign_stale"]
