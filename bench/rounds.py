"""How long things take: five rounds in which everything is asked once, so that a noisy moment hits all alike."""

import statistics
import time
from collections.abc import Callable, Mapping

ROUNDS = 5


def medians(asked: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each in milliseconds, after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for ask in asked.values():
        ask()
    for _round in range(ROUNDS):
        for name, ask in asked.items():
            began = time.perf_counter()
            ask()
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}
