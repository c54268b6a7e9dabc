"""Merging: two leads of one person become one, chosen field by field, and for 30 days two again (R2)."""

from webapp.services.merges.compare import Comparison, compare
from webapp.services.merges.make import Wish, make
from webapp.services.merges.undo import PATIENCE, Undone, undo

__all__ = ["PATIENCE", "Comparison", "Undone", "Wish", "compare", "make", "undo"]
