"""Importing leads from files: uploaded, mapped, rehearsed, imported by the rules of capture, and undone (R1, R2)."""

from webapp.services.imports.columns import Guess, guessed
from webapp.services.imports.forget import forget
from webapp.services.imports.make import make_waiting
from webapp.services.imports.page import Line, Listed, Shown, lines, listed, refused_rows, shown
from webapp.services.imports.run import start
from webapp.services.imports.said import Read, Said
from webapp.services.imports.stage import choose
from webapp.services.imports.take_back import undo
from webapp.services.imports.upload import Uploaded, discard, upload

__all__ = [
    "Guess",
    "Line",
    "Listed",
    "Read",
    "Said",
    "Shown",
    "Uploaded",
    "choose",
    "discard",
    "forget",
    "guessed",
    "lines",
    "listed",
    "make_waiting",
    "refused_rows",
    "shown",
    "start",
    "undo",
    "upload",
]
