"""Long work, item by item: it may be told to stop between two, and one that breaks stops no other."""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

_told: ContextVar[Callable[[], bool]] = ContextVar("told", default=lambda: False)


@contextmanager
def told_by(told: Callable[[], bool]) -> Iterator[None]:
    """Work done in here stops once `told` is true."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


def is_told() -> bool:
    """Whether somebody has said to stop."""
    return _told.get()()


@contextmanager
def unswept() -> Iterator[None]:
    """Python does not look for rings of dead objects meanwhile: among very many objects that takes it half of the time.

    For work that leaves none. Whoever works beside it leaves theirs until it is over.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Told(Exception):
    """Somebody said to stop in the middle of what is worth nothing in part."""


def or_give_up(items: Iterable[T]) -> Iterator[T]:
    """All the items; `Told` as soon as somebody says to stop."""
    for item in items:
        if is_told():
            raise Told
        yield item


def until_told(items: Iterable[T]) -> Iterator[T]:
    """The items one by one, as long as nobody says to stop."""
    return takewhile(lambda _item: not is_told(), items)


@dataclass(frozen=True)
class Tally:
    """How many items a piece of work did something to, and how many it could not be done on."""

    done: int = 0
    failed: int = 0


def one_by_one(items: Iterable[T], work: Callable[[T], object], *, otherwise: str) -> Tally:
    """Work on each item until told to stop; what breaks is logged as `otherwise % item`, and the next has its turn."""
    done = failed = 0
    for item in until_told(items):
        try:
            done += bool(work(item))
        except Exception:
            log.exception(otherwise, item)
            failed += 1
    return Tally(done, failed)
