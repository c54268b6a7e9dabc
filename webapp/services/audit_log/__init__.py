"""Who did what to which lead when, before and after, from every door. Reads only."""

from webapp.services.audit_log.file import AT_ONCE, count, rows
from webapp.services.audit_log.listing import Entry, Filters, Page, Reader, page, readers
from webapp.services.audit_log.values import Change

__all__ = [
    "AT_ONCE",
    "Change",
    "Entry",
    "Filters",
    "Page",
    "Reader",
    "count",
    "page",
    "readers",
    "rows",
]
