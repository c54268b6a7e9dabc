"""A table of a report: declared in a few words, read in one round trip for each thing that is counted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, tuple_

from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.services.leads.listing import in_time
from webapp.services.reports.bases import Base
from webapp.services.reports.columns import Column, Kind
from webapp.services.reports.dimensions import Dimension, Key
from webapp.services.reports.scope import Pauses, Scope


@dataclass(frozen=True)
class Cell:
    """A number, and what is behind it where a list shows that: leads, or activities."""

    value: Any
    opens: Filters | Pauses | None = None


@dataclass(frozen=True)
class Line:
    """A line of a table: its names, and a number a column."""

    names: tuple[Any, ...]
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """What is told apart by what, and what is measured of each."""

    title: Any
    dimension: Dimension
    columns: tuple[Column, ...]
    chart: str
    """The number that is drawn."""
    part: str = ""
    """The number that is drawn as a part of it."""
    first: str = ""
    """The number by which the lines stand, the most first; else in the order of the dimension."""
    keeps: Callable[[dict[str, Any], Scope], bool] | None = None
    """Which lines are shown."""
    has_total: bool = True

    def index(self, name: str) -> int:
        """Where the column of this name is."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)


@dataclass(frozen=True)
class Reading:
    """A table with its numbers on one state of the data."""

    table: Table
    lines: list[Line]
    total: Line | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(cell.value for line in self.lines for cell in line.cells)


def read(table: Table, scope: Scope, *, by: Actor) -> Reading:
    """The table's numbers for the leads that `by` may see."""
    numbers: dict[Key, dict[str, Any]] = {}
    total: dict[str, Any] = {}
    for base in dict.fromkeys(column.base for column in table.columns if column.measure):
        for key, is_total, found in _measured(table, base, scope, by):
            (total if is_total else numbers.setdefault(key, {})).update(found)
    named = table.dimension.lines(numbers, scope)
    if table.keeps:
        named = [line for line in named if table.keeps(numbers[line.key], scope)]
    if table.first:
        named = sorted(named, key=lambda line: -(numbers.get(line.key, {}).get(table.first) or -1))
    lines = [
        Line(line.names, [_cell(table, column, scope, numbers.get(line.key, {}), line.key) for column in table.columns])
        for line in named
    ]
    all_of_them = Line((), [_cell(table, column, scope, total, None) for column in table.columns])
    return Reading(table, _placed(table, lines), all_of_them if table.has_total else None)


def _measured(table: Table, base: Base, scope: Scope, by: Actor):
    """Of every line and of all together: its key, whether it is all, and its numbers by name."""
    keys = [key.label(f"key_{n}") for n, key in enumerate(table.dimension.keys(base))]
    rows = base.rows(scope, by, keys).subquery()
    own = [rows.c[key.name] for key in keys]
    measured = [(column.name, column.measure) for column in table.columns if column.base is base and column.measure]
    measures = [measure(rows.c).label(f"n_{n}") for n, (_name, measure) in enumerate(measured)]
    query = select(*own, func.grouping(*own), *measures).group_by(func.grouping_sets(tuple_(*own), tuple_()))
    for row in in_time(query):
        values = row[len(own) + 1 :]
        yield (
            tuple(row[: len(own)]),
            row[len(own)] > 0,
            {name: v for (name, _measure), v in zip(measured, values, strict=True)},
        )


def _cell(table: Table, column: Column, scope: Scope, numbers: dict[str, Any], key: Key | None) -> Cell:
    value = numbers.get(column.name)
    if value is None and column.kind == Kind.COUNT:
        value = 0
    if not value or not column.opens:
        return Cell(value)
    counted = column.base.counted(scope)
    theirs = counted if key is None else table.dimension.narrowed(counted, key, column.base)
    return Cell(value, column.opens(theirs))


def _placed(table: Table, lines: list[Line]) -> list[Line]:
    """The lines with their places, equals sharing one."""
    for at, column in enumerate(table.columns):
        if column.places:
            name, sign = column.places
            by = table.index(name)
            values = [line.cells[by].value for line in lines]
            order = sorted(value for value in values if value is not None)
            if sign < 0:
                order.reverse()
            places = [None if value is None else order.index(value) + 1 for value in values]
            lines = [
                replace(line, cells=[*line.cells[:at], Cell(place), *line.cells[at + 1 :]])
                for line, place in zip(lines, places, strict=True)
            ]
    return lines
