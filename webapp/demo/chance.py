"""Seeded chance: the same generator gives the same rows on every machine."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeVar
from uuid import UUID

K = TypeVar("K")
V = TypeVar("V")


def make_uuid(rng: Random) -> UUID:
    """A version 4 UUID that the seed decides."""
    return UUID(int=rng.getrandbits(128), version=4)


def picked(rng: Random, weights: Mapping[K, float]) -> K:
    """One of the keys, each as often as its weight says."""
    (key,) = rng.choices(list(weights), list(weights.values()))
    return key


def one_of(rng: Random, options: Mapping[K, V], weight: Callable[[V], float]) -> tuple[K, V]:
    """One of the items; how often is for `weight` to say."""
    (item,) = rng.choices(list(options.items()), [weight(value) for value in options.values()])
    return item
