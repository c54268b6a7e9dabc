"""The bars of a report, standing or lying; their numbers are plain or spans of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from webapp.charts.scale import round_number

WIDTH = 1080
TOP, BASE, EDGE = 40, 250, 88
MOST_STANDING = 7
NICE = (1, 2, 4, 5, 8, 10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """One bar, and the part of it that stands out; without a base it is an outline."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    end: float
    """Where its number is written."""
    part_y: float | None = None
    part_height: float = 0
    is_key: bool = False
    is_none: bool = False


@dataclass(frozen=True)
class Lying:
    """One bar that lies, and the part of it that stands out, in percent of the longest."""

    length: float
    part: float
    is_key: bool


@dataclass(frozen=True)
class Chart:
    """A chart with its scale: where each rule is, and what it says."""

    bars: list[Bar]
    start: float
    far: float
    names_at: float
    rules: list[tuple[float, Any]]
    mean_at: float | None = None


def standing(values: Sequence, parts: Sequence | None = None, *, mean=None, backwards: bool = False) -> Chart:
    """Bars side by side, from right to left where that is how people read; None has no base."""
    unit, most = _scale([*values, mean])
    room = (WIDTH - EDGE) / max(len(values), 1)
    width = round(min(room * 0.6, 96), 1)
    bars = []
    for place, value in enumerate(values):
        middle = EDGE + room * (place + 0.5)
        middle = round(WIDTH - middle if backwards else middle, 1)
        height = _height(value, unit, most) if value is not None else 28.0
        part = _height(parts[place], unit, most) if parts else None
        bars.append(
            Bar(
                round(middle - width / 2, 1),
                round(BASE - height, 1),
                width,
                height,
                middle,
                round(BASE - height - 10, 1),
                None if part is None else round(BASE - part, 1),
                part or 0,
                is_key=parts is None and _is_most(value, values),
                is_none=value is None,
            )
        )
    rules = [(round(BASE - (BASE - TOP) * share, 1), most * share * unit) for share in (0, 0.5, 1)]
    start, far = (0, WIDTH - EDGE) if backwards else (EDGE, WIDTH)
    mean_at = None if mean is None else round(BASE - _height(mean, unit, most), 1)
    return Chart(bars, start, far, WIDTH - EDGE + 10 if backwards else EDGE - 10, rules, mean_at)


def lying(values: Sequence, parts: Sequence | None = None) -> list[Lying]:
    """Bars one under the other, the longest as long as there is room."""
    most = max((value for value in values if value), default=None)

    def length(value) -> float:
        return round(100 * float(value / most), 1) if value else 0.0

    return [
        Lying(length(value), length(part), is_key=parts is None and _is_most(value, values))
        for value, part in zip(values, parts or [None] * len(values), strict=True)
    ]


def _is_most(value, values) -> bool:
    known = [other for other in values if other is not None]
    return value is not None and bool(value) and value == max(known)


def _scale(values) -> tuple[Any, float]:
    """The unit that numbers are drawn in, and a round number of it that none exceeds."""
    known = [value for value in values if value is not None]
    most = max(known, default=0)
    unit: Any = 1
    if isinstance(most, timedelta):
        unit = DAY if most > 2 * DAY else HOUR
    return unit, round_number(max(float(most / unit), 1.0), NICE)


def _height(value, unit, most: float) -> float:
    return round((BASE - TOP) * float((value or 0 * unit) / unit) / most, 1)
