"""What the ledger has acknowledged: told by the process, found again in its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec


class Mark(msgspec.Struct, frozen=True):
    """A write of the ledger that its caller was told is durable."""

    #: of the batch
    start: int
    #: the request that is about to leave; None: outcomes were settled
    attempt: int | None = None
    #: line to state and object ID
    outcomes: Mapping[int, tuple[str, str | None]] = {}


@dataclass(slots=True)
class Acknowledged:
    """What must be found after a power cut. What changes: it grows."""

    attempts: dict[int, int] = field(default_factory=dict[int, int])
    outcomes: dict[int, tuple[str, str | None]] = field(
        default_factory=dict[int, tuple[str, str | None]]
    )
    writes: int = 0

    def add(self, mark: Mark) -> None:
        """Note one more."""
        self.writes += 1
        if mark.attempt is not None:
            self.attempts[mark.start] = mark.attempt
        self.outcomes |= mark.outcomes
