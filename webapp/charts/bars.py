"""The bars of a report, standing or lying; their numbers are plain or spans of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from webapp.charts.scale import round_number

WIDTH, HEIGHT = 1080, 300
TOP, BASE, EDGE = 40, 250, 88
NAMES, VALUES, ROW, THICK = 210, 110, 34, 20
"""Of bars that lie: the room for names and for numbers beside them, how far they are apart, and how thick."""
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
class Chart:
    """A chart with its scale: where each rule is, and what it says."""

    bars: list[Bar]
    height: float
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
    return Chart(bars, HEIGHT, start, far, WIDTH - EDGE + 10 if backwards else EDGE - 10, rules, mean_at)


def lying(values: Sequence, *, backwards: bool = False) -> Chart:
    """Bars one under the other, with room for long names before them."""
    unit, most = _scale(values)
    bars = []
    for place, value in enumerate(values):
        length = round((WIDTH - NAMES - VALUES) * float(value / unit) / most, 1) if value is not None else 28.0
        y = place * ROW + (ROW - THICK) / 2
        x = round(WIDTH - NAMES - length, 1) if backwards else NAMES
        end = x - 10 if backwards else round(x + length + 10, 1)
        key, none = _is_most(value, values), value is None
        bars.append(Bar(x, y, max(length, 1), THICK, y + THICK / 2 + 4, end, is_key=key, is_none=none))
    far = WIDTH - NAMES if backwards else NAMES
    return Chart(bars, len(values) * ROW, 0, far, WIDTH if backwards else 0, [])


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
