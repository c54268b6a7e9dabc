"""Two bars beside each other for each of a few steps: how something was spread before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.charts.bars import BASE, EDGE, NICE, TOP, WIDTH
from webapp.charts.scale import round_number


@dataclass(frozen=True)
class Pair:
    """Where the two bars of a step stand, and the middle between them."""

    middle: float
    width: float
    before_x: float
    before_y: float
    before_height: float
    after_x: float
    after_y: float
    after_height: float


@dataclass(frozen=True)
class Pairs:
    """A chart of pairs with its scale: where each rule is, and what it says."""

    pairs: list[Pair]
    start: float
    far: float
    names_at: float
    rules: list[tuple[float, int]]


def pairs(before: Sequence[int], after: Sequence[int], *, backwards: bool = False) -> Pairs:
    """Bars in pairs, the earlier one first, from right to left where that is how people read."""
    most = round_number(max(1, *before, *after), NICE)
    room = (WIDTH - EDGE) / max(len(before), 1)
    width = round(min(room * 0.36, 44), 1)
    found = []
    for place, (was, becomes) in enumerate(zip(before, after, strict=True)):
        middle = EDGE + room * (place + 0.5)
        middle = round(WIDTH - middle if backwards else middle, 1)
        first, second = round(middle - width - 1, 1), round(middle + 1, 1)
        heights = [round((BASE - TOP) * number / most, 1) for number in (was, becomes)]
        xs = (second, first) if backwards else (first, second)
        found.append(
            Pair(
                middle,
                width,
                xs[0],
                round(BASE - heights[0], 1),
                heights[0],
                xs[1],
                round(BASE - heights[1], 1),
                heights[1],
            )
        )
    rules = [(round(BASE - (BASE - TOP) * share, 1), round(most * share)) for share in (0, 0.5, 1)]
    start, far = (0.0, float(WIDTH - EDGE)) if backwards else (float(EDGE), float(WIDTH))
    return Pairs(found, start, far, WIDTH - EDGE + 10 if backwards else EDGE - 10, rules)
