"""The world of the state machine, on a database of its own."""

from collections.abc import Iterator

import pytest

from tests.factories import prompt
from tests.stateful.world import World


@pytest.fixture
def world(app) -> Iterator[World]:
    with prompt() as hand:
        yield World(hand)
