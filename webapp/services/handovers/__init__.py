"""Handing leads over: one, a selection or all of an agent; previewed, by the worker where there are many, undoable."""

from webapp.services.handovers.make import make_waiting
from webapp.services.handovers.page import Line, Shown, lines, shown
from webapp.services.handovers.rehearse import Move, Rehearsal, rehearse
from webapp.services.handovers.take import AT_ONCE, MOST, Taken, Wish, assign, best_first, listed, of_agent, take
from webapp.services.handovers.undo import undo

__all__ = [
    "AT_ONCE",
    "MOST",
    "Line",
    "Move",
    "Rehearsal",
    "Shown",
    "Taken",
    "Wish",
    "assign",
    "best_first",
    "lines",
    "listed",
    "make_waiting",
    "of_agent",
    "rehearse",
    "shown",
    "take",
    "undo",
]
