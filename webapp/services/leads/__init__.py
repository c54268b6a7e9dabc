"""Leads: captured, amended, opened again, listed."""

from webapp.services.leads.amend import amend
from webapp.services.leads.capture import Capture, capture, open_again
from webapp.services.leads.details import Details, Origin, checked, phone_refusal
from webapp.services.leads.listing import Filters, Page, Row, count, find, page, unanswered

__all__ = [
    "Capture",
    "Details",
    "Filters",
    "Origin",
    "Page",
    "Row",
    "amend",
    "capture",
    "checked",
    "count",
    "find",
    "open_again",
    "page",
    "phone_refusal",
    "unanswered",
]
