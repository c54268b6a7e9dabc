from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from webapp.services.reports.columns import Kind
from webapp.services.reports.table import Line, Reading

HOUR = timedelta(hours=1)
UNITS = {Kind.RATE: ", %", Kind.MONEY: ", AED", Kind.TIME: ", h"}


def rows(readings: Iterable[Reading]) -> Iterator[list[Any]]:
    """The tables as rows of a file, each under its title: per cent, AED and hours; what has no base is empty."""
    for n, reading in enumerate(readings):
        table = reading.table
        if n:
            yield []
        yield [str(table.title)]
        heads = [str(head) for head in table.dimension.heads]
        yield [*heads, *(f"{column.label}{UNITS.get(column.kind, '')}" for column in table.columns)]
        for line in reading.lines:
            yield [*map(_name, line.names), *_cells(reading, line)]
        if reading.total:
            yield [_("All"), *[None for _head in heads[1:]], *_cells(reading, reading.total)]


def _cells(reading: Reading, line: Line) -> list[Any]:
    return [_number(c.kind, cell.value) for c, cell in zip(reading.table.columns, line.cells, strict=True)]


def _number(kind: Kind, value) -> Any:
    if value is None or kind in (Kind.COUNT, Kind.PLACE):
        return value
    if kind == Kind.TIME:
        return round(value / HOUR, 2)
    return round(float(value), 2 if kind == Kind.MONEY else 1)


def _name(name) -> str:
    return f"{name:%Y-%m}" if isinstance(name, date) else str(name)
