"""Where a scale ends."""

from collections.abc import Sequence


def round_number(least: float, steps: Sequence[int], *, even: bool = False) -> int:
    """The first number made of a step and a power of ten that is not below: where a scale ends."""
    power = 1
    while True:
        for step in steps:
            if step * power >= least and not (even and step * power % 2):
                return step * power
        power *= 10
