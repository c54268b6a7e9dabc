"""The bars of the rules lab: what a draft would do, counted on the newest 100,000 leads; and every score counted anew.

The balanced set is put in force, which changes almost every lead: nothing can change more. Agents add leads before and
meanwhile, one every half a second.
"""

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle

from bench.capture import at_work, filled, new_numbers, sent
from bench.worker import turn
from tests.production import Visitor, somebody
from webapp.services import scoring
from webapp.services.scoring.preview import MOST
from webapp.vocabulary import Begin, Role

BARS = {
    "preview s": f"at most 10, on at most {MOST:,} leads",
    "rescore s": "at most 600 for 1,000,000 leads",
    "most MB": "at most 150, the worker's whole process",
    "captures p95": "meanwhile at most 2 times what it was before",
    "differences": "0: what the preview said is not what became; above 100,000 leads: a preview still changes",
}
PACE = 0.5
SOME = 150


def measure() -> dict:
    """Seconds and memory of the preview and of the rescore, as the worker does it; milliseconds of captures."""
    manager, numbers = somebody("Mariam Saleh", Role.MANAGER), new_numbers()
    with at_work() as visitors:
        turns = cycle(visitors)
        quiet = captures(turns, numbers, lambda done: done == SOME)
        draft = scoring.start(Begin.BALANCED, by=manager)
        rules, megabytes = scoring.rules_of(draft), _megabytes()
        began = time.perf_counter()
        expected = scoring.preview(rules, by=manager)
        preview, more = time.perf_counter() - began, _megabytes() - megabytes
        kept = scoring.apply(by=manager, version=draft.version, name="Balanced")
        with ThreadPoolExecutor(1) as worker:
            rescore = worker.submit(turn, "rescore")
            meanwhile = captures(turns, numbers, lambda _done: rescore.done())
        took = rescore.result()
    became = scoring.preview(rules, by=manager)
    differences = became.changed
    if kept.total < MOST - len(meanwhile):
        new = became.before.scores - expected.after.scores
        differences += (expected.after.scores - became.before.scores).total() + new.total() - len(meanwhile)
    return {
        "preview s": round(preview, 1),
        "preview MB more": round(more),
        "rescored": took.done,
        "of": kept.total,
        "rescore s": round(took.seconds, 1),
        "most MB": round(took.megabytes),
        "captures meanwhile": len(meanwhile),
        "captures ms before, median": round(statistics.median(quiet), 1),
        "captures ms meanwhile, median": round(statistics.median(meanwhile), 1),
        "captures ms before, p95": round(_p95(quiet), 1),
        "captures ms meanwhile, p95": round(_p95(meanwhile), 1),
        "captures p95": round(_p95(meanwhile) / _p95(quiet), 2),
        "differences": differences,
    }


def captures(turns: Iterator[Visitor], numbers: Iterator[int], ended: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each capture until this many have `ended` it, one every half a second."""
    took: list[float] = []
    began = time.perf_counter()
    for place in count():
        if ended(place):
            return took
        visitor = next(turns)
        form = filled(visitor, next(numbers))
        time.sleep(max(0, began + place * PACE - time.perf_counter()))
        took.append(sent(visitor, form).took * 1000)
    return took


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
