"""The final counts: what a ledger does not know of its source."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

from loader.assembly.count import _gaps


class Ledger:
    """Answers any question with its spans. What changes: nothing."""

    def __init__(self, number: int, missing: int) -> None:
        self._number, self._missing = number, missing

    def execute(self, _: str) -> Iterator[tuple[object, ...]]:
        for each in range(self._number):
            if each != self._missing:
                start = each * 70_000
                yield start, start + 70_000, each, each + 1, 1, 0, bytes(8)


def test_the_spans_of_a_large_ledger_are_not_kept():
    """The end of a load of ten million records takes no more memory than its middle."""
    ledger: Any = Ledger(100_000, missing=7)
    tracemalloc.start()
    gaps = _gaps(ledger)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert gaps == [(490_000, 560_000), (7_000_000_000, None)]
    assert peak < 100_000
