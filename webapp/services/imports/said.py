"""What one row of a file says, and what is wrong with it, by the place of its column."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from flask_babel import gettext as _

from webapp.errors import Invalid
from webapp.models import Import
from webapp.services import leads
from webapp.services.leads import Details, Origin
from webapp.uploads import LONGEST_CELL
from webapp.vocabulary import LeadColumn, Source


@dataclass(frozen=True)
class Said:
    """A row as it was understood; `wrong` says by column what could not be."""

    details: Details | None = None
    origin: Origin | None = None
    wrong: dict[LeadColumn, str] = field(default_factory=dict)


Read = Callable[[dict[LeadColumn, str], Source | None], Said]
"""Understands the cells of a row, by column, as a form understands what people type; the source is for rows without."""


@dataclass(frozen=True)
class Examined:
    """A row that was looked at: what it says, or everything that is wrong with it, as [place, sentence]."""

    number: int
    cells: list[str]
    said: Said
    wrong: list[list[Any]]

    @property
    def fingerprint(self) -> bytes:
        """The same for every row that says the same, whatever it looks like."""
        told = [asdict(self.said.details or Details("", Source.WALK_IN)), asdict(self.said.origin or Origin())]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).digest()


def examined(number: int, cells: list[str], found: Import, read: Read) -> Examined:
    """The row by the columns that were chosen, held against everything that a capture asks of it (R1)."""
    columns = [LeadColumn(word) if word else None for word in found.columns or ()]
    wrong: list[list[Any]] = [
        [place if place < len(columns) else None, _("At most %(most)s characters fit into a cell.", most=LONGEST_CELL)]
        for place, cell in enumerate(cells)
        if len(cell) > LONGEST_CELL
    ]
    cells = [cell[:LONGEST_CELL] for cell in cells]
    if len(cells) > len(columns):
        wrong.append([None, _("This row has more cells than there are headings.")])
    cells = [*cells, *[""] * (len(columns) - len(cells))]
    if wrong:
        return Examined(number, cells, Said(), wrong)
    values = {column: cell for column, cell in zip(columns, cells, strict=True) if column and cell.strip()}
    said = _checked(read(values, found.source_type))
    for column, sentence in said.wrong.items():
        wrong.append([columns.index(column) if column in columns else None, sentence])
    wrong.sort(key=lambda one: (one[0] is None, one[0] or 0))
    return Examined(number, cells, said, wrong)


def _checked(said: Said) -> Said:
    if said.wrong or said.details is None:
        return said
    try:
        return replace(said, details=leads.checked(said.details))
    except Invalid as refused:
        return replace(said, wrong={LeadColumn(refused.field or LeadColumn.PHONE): str(refused.message)})
