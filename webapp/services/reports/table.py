"""A table of a report: declared in a few words, read in one round trip for each thing that is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import func, select, tuple_

from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.services.leads.listing import in_time
from webapp.services.reports import days, deals, moves
from webapp.services.reports.bases import CAME_IN, DEALS, LOSSES, REACHED, SPELLS, STANDING, Base
from webapp.services.reports.columns import Column, Kind
from webapp.services.reports.dimensions import Agents, Dimension, Key
from webapp.services.reports.scope import Pauses, Scope

KEPT = {CAME_IN: days, DEALS: deals, REACHED: moves, SPELLS: moves, LOSSES: moves, STANDING: moves}
"""What is kept by day of what is counted: read instead where it tells all that is asked."""


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

    @property
    def is_paged(self) -> bool:
        """Whether there may be hundreds of lines: an office has as many agents as it likes."""
        return isinstance(self.dimension, Agents)

    def measures(self, base: Base) -> dict[str, Callable]:
        """What of it is measured of this, by name."""
        return {column.name: column.measure for column in self.columns if column.measure and column.base is base}


@dataclass(frozen=True)
class Reading:
    """A table with its numbers on one state of the data."""

    table: Table
    lines: list[Line]
    total: Line | None

    def value(self, name: str, line: Line | None = None) -> Any:
        """A number of a line, or of all of them together."""
        of = line or self.total
        return of.cells[self.table.index(name)].value if of else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(cell.value for line in self.lines for cell in line.cells)


def read(tables: Sequence[Table], scope: Scope, *, by: Actor) -> list[Reading]:
    """The tables' numbers for the leads that `by` may see: what several of them count is passed through once."""
    found = [Found() for _table in tables]
    for base in dict.fromkeys(column.base for table in tables for column in table.columns if column.measure):
        kept, to_measure = KEPT.get(base), []
        for one, table in zip(found, tables, strict=True):
            measures = table.measures(base)
            known = kept.told(table.dimension, scope, by=by) & measures.keys() if kept else set()
            if kept and known:
                for key, values in kept.count(table.dimension, known, scope):
                    (one.total if key is None else one.numbers.setdefault(key, {})).update(values)
            if left := {name: measure for name, measure in measures.items() if name not in known}:
                to_measure.append(Asked(one, table, left))
        if to_measure:
            _measure(base, to_measure, scope, by)
    return [_reading(table, one, scope) for table, one in zip(tables, found, strict=True)]


@dataclass
class Found:
    """What was measured of a table's lines, by key and name, and of all together."""

    numbers: dict[Key, dict[str, Any]] = field(default_factory=dict)
    total: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What is still to be measured for a table, by name."""

    found: Found
    table: Table
    measures: dict[str, Callable]


def _measure(base: Base, asked: list[Asked], scope: Scope, by: Actor) -> None:
    """Of every line of the tables that ask for it, and of all together: these numbers, in one round trip."""
    theirs = [one.table.dimension.keys(base) for one in asked]
    keys = [key.label(f"key_{n}") for n, key in enumerate(key for some in theirs for key in some)]
    rows = base.rows(scope, by, keys).subquery()
    own = [rows.c[key.name] for key in keys]
    measured = {name: measure for one in asked for name, measure in one.measures.items()}
    measures = [measure(rows.c).label(f"n_{name}") for name, measure in measured.items()]
    ends = [*accumulate((len(some) for some in theirs), initial=0)]
    sets = [tuple_(*own[start:end]) for start, end in pairwise(ends)]
    # All together are another sort where there are medians.
    whole = [tuple_()] if any(one.table.has_total for one in asked) else []
    query = select(func.grouping(*own), *own, *measures).group_by(func.grouping_sets(*sets, *whole))
    lines = {
        _bits(len(own), range(start, end)): (one.found, slice(1 + start, 1 + end))
        for one, (start, end) in zip(asked, pairwise(ends), strict=True)
    }
    for row in in_time(query):
        values = dict(zip(measured, row[1 + len(own) :], strict=True))
        if row[0] in lines:
            found, place = lines[row[0]]
            found.numbers.setdefault(tuple(row[place]), {}).update(values)
        else:
            for one in asked:
                one.found.total.update(values)


def _bits(width: int, grouped: range) -> int:
    """What GROUPING says of the lines that are grouped by these of so many columns: the others' bits."""
    return sum(1 << (width - 1 - place) for place in range(width) if place not in grouped)


def _reading(table: Table, found: Found, scope: Scope) -> Reading:
    numbers = found.numbers
    named = table.dimension.lines(numbers, scope)
    if table.keeps:
        named = [line for line in named if table.keeps(numbers[line.key], scope)]
    if table.first:
        named = sorted(named, key=lambda line: -(numbers.get(line.key, {}).get(table.first) or -1))
    columns = [(column, column.base.counted(scope)) for column in table.columns]
    lines = [
        Line(line.names, [_cell(table, *column, numbers.get(line.key, {}), line.key) for column in columns])
        for line in named
    ]
    all_of_them = Line((), [_cell(table, *column, found.total, None) for column in columns])
    return Reading(table, _placed(table, _shared(table, lines, all_of_them)), all_of_them if table.has_total else None)


def _shared(table: Table, lines: list[Line], total: Line) -> list[Line]:
    """The lines with their shares of the line before, or of all; there is none of nothing."""
    for at, column in enumerate(table.columns):
        if column.share:
            name, of_before = column.share
            counts = [line.cells[table.index(name)].value for line in lines]
            whole = total.cells[table.index(name)].value if table.has_total else next(iter(counts), 0)
            bases = [None, *counts][: len(counts)] if of_before else [whole] * len(counts)
            lines = [
                replace(
                    line,
                    cells=[*line.cells[:at], Cell(100 * count / base if base else None), *line.cells[at + 1 :]],
                )
                for line, count, base in zip(lines, counts, bases, strict=True)
            ]
    return lines


def _cell(table: Table, column: Column, counted: Any, numbers: dict[str, Any], key: Key | None) -> Cell:
    value = numbers.get(column.name)
    if value is None and column.kind == Kind.COUNT:
        value = 0
    if not value or not column.opens:
        return Cell(value)
    theirs = counted if key is None else table.dimension.narrowed(counted, key, column.base)
    return Cell(value, column.opens(theirs))


def _placed(table: Table, lines: list[Line]) -> list[Line]:
    """The lines with their places, equals sharing one."""
    for at, column in enumerate(table.columns):
        if column.places:
            name, sign = column.places
            by = table.index(name)
            values = [line.cells[by].value for line in lines]
            order = sorted((value for value in values if value is not None), reverse=sign < 0)
            # Of equals the first is written last, and stays.
            place_of = {value: place for place, value in reversed([*enumerate(order, start=1)])}
            places = [place_of.get(value) for value in values]
            lines = [
                replace(line, cells=[*line.cells[:at], Cell(place), *line.cells[at + 1 :]])
                for line, place in zip(lines, places, strict=True)
            ]
    return lines
