"""Seeded chance: the same generator gives the same rows on every machine."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar
from uuid import UUID

K = TypeVar("K")


def make_uuid(rng: Random) -> UUID:
    """A version 4 UUID that the seed decides."""
    return UUID(int=rng.getrandbits(128), version=4)


class Odds(Generic[K]):
    """Things to choose from, each as often as its weight says."""

    def __init__(self, weights: Mapping[K, float]):
        self.things = list(weights)
        self.sums = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> K:
        return self.things[bisect(self.sums, rng.random() * self.sums[-1], hi=len(self.things) - 1)]
