"""The bars of the rules lab: what a draft would do, counted on the newest 100,000 leads; and every score counted anew.

The balanced set is put in force, which changes almost every lead: nothing can change more.
"""

import resource
import time

from bench.worker import turn
from tests.production import somebody
from webapp.services import scoring
from webapp.vocabulary import Begin, Role

BARS = {
    "preview s": "at most 10, on at most 100,000 leads",
    "rescore s": "at most 600 for 1,000,000 leads",
    "most MB": "at most 150, the worker's whole process",
    "differences": "0 between the preview and what became of it, where it saw every lead",
}


def measure() -> dict:
    """Seconds and memory of the preview and of the rescore, as the worker does it in a process of its own."""
    manager = somebody("Mariam Saleh", Role.MANAGER)
    draft = scoring.start(Begin.BALANCED, by=manager)
    rules, before = scoring.rules_of(draft), _megabytes()
    began = time.perf_counter()
    expected = scoring.preview(rules, by=manager)
    preview = time.perf_counter() - began
    kept = scoring.apply(by=manager, version=draft.version, name="Balanced")
    took = turn("rescore")
    became = scoring.preview(rules, by=manager)
    return {
        "preview s": round(preview, 1),
        "preview MB more": round(_megabytes() - before),
        "rescored": took.done,
        "of": kept.total,
        "rescore s": round(took.seconds, 1),
        "most MB": round(took.megabytes),
        "differences": (expected.after.scores - became.before.scores).total() + became.changed,
    }


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
