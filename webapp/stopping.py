"""Long work that may be told to stop: it ends between two items, and what is left is done the next time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import takewhile
from typing import TypeVar

T = TypeVar("T")

_told: ContextVar[Callable[[], bool]] = ContextVar("told", default=lambda: False)


@contextmanager
def told_by(told: Callable[[], bool]) -> Iterator[None]:
    """Work done in here stops once `told` is true."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


class Told(Exception):
    """Somebody said to stop in the middle of what is worth nothing in part."""


def or_give_up(items: Iterable[T]) -> Iterator[T]:
    """All the items; `Told` as soon as somebody says to stop."""
    for item in items:
        if _told.get()():
            raise Told
        yield item


def until_told(items: Iterable[T]) -> Iterator[T]:
    """The items one by one, as long as nobody says to stop."""
    return takewhile(lambda _item: not _told.get()(), items)
