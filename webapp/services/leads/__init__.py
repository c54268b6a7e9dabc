"""Leads: captured, amended, opened again, listed."""

from webapp.services.leads.amend import amend
from webapp.services.leads.capture import Capture, as_captured, capture, open_again
from webapp.services.leads.details import Details, Origin, checked, phone_refusal
from webapp.services.leads.filters import Filters
from webapp.services.leads.listing import Page, Tally, every, find, page, tally

__all__ = [
    "Capture",
    "Details",
    "Filters",
    "Origin",
    "Page",
    "Tally",
    "amend",
    "as_captured",
    "capture",
    "checked",
    "every",
    "find",
    "open_again",
    "page",
    "phone_refusal",
    "tally",
]
