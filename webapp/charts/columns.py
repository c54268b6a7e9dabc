"""Columns in order of time, for a figure of half a page's width."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.charts.scale import round_number

WIDTH, HEIGHT = 600, 232
TOP, BASE, EDGE = 26, 200, 40
"""The highest column's top, the line they stand on, and the room for the scale beside them."""
MOST_LABELS, MOST_VALUES = 12, 14
NICE = (1, 2, 4, 5, 10)


@dataclass(frozen=True)
class Column:
    """One column; `key` is the part of it that stands out, from the ground up."""

    x: float
    width: float
    middle: float
    top: float
    height: float
    key_top: float
    key_height: float
    has_label: bool
    is_minor: bool
    """Whether a small screen leaves its label out."""
    has_value: bool


@dataclass(frozen=True)
class Plot:
    """A chart with its scale: each rule's height and what it says."""

    columns: list[Column]
    rules: list[tuple[float, int]]
    start: float
    end: float
    scale_at: float


def columns(values: Sequence[tuple[int, int]], *, backwards: bool = False) -> Plot:
    """Columns of (whole, part of it) in order of time, from right to left where that is how people read."""
    ceiling = round_number(max((2, *(whole for whole, _part in values))), NICE, even=True)
    room = (WIDTH - EDGE) / max(len(values), 1)
    width = round(min(room * 0.62, 40), 1)
    every = -(-len(values) // MOST_LABELS)
    found = []
    for place, (whole, part) in enumerate(values):
        middle = EDGE + room * (place + 0.5)
        middle = round(WIDTH - middle if backwards else middle, 1)
        found.append(
            Column(
                round(middle - width / 2, 1),
                width,
                middle,
                *_bar(whole, ceiling),
                *_bar(part, ceiling),
                has_label=(len(values) - 1 - place) % every == 0,
                is_minor=len(values) > MOST_LABELS // 2 and (len(values) - 1 - place) // every % 2 == 1,
                has_value=len(values) <= MOST_VALUES,
            )
        )
    rules = [(_bar(number, ceiling)[0], number) for number in sorted({0, ceiling // 2, ceiling})]
    start, end = (0, WIDTH - EDGE) if backwards else (EDGE, WIDTH)
    return Plot(found, rules, start, end, WIDTH - EDGE + 8 if backwards else EDGE - 8)


def _bar(number: int, ceiling: int) -> tuple[float, float]:
    """Where a bar of this number begins, and how high it is."""
    height = round((BASE - TOP) * number / ceiling, 1)
    return round(BASE - height, 1), height
