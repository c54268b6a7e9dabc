"""The calendar: which days are looked at, what is in them, and the half hours they are shown in. Reads only."""

from webapp.services.calendar.entries import Day, Sheet, open_leads, sheet
from webapp.services.calendar.grid import Cell, Ghost, Line, lines
from webapp.services.calendar.span import Span

__all__ = ["Cell", "Day", "Ghost", "Line", "Sheet", "Span", "lines", "open_leads", "sheet"]
