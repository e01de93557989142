"""Portals without a network, closed when the test ends."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.sandbox.desk import Desk


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """Give a maker of portals."""
    desks: list[Desk] = []

    def make(*arguments: Any, **named: Any) -> Desk:
        desks.append(Desk(*arguments, **named))
        return desks[-1]

    yield make
    for desk in desks:
        desk.store.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """Give a portal in fair weather."""
    return open_desk()
