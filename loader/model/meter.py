"""What the requests of a run have met: their answers, times and errors.

Counted once a request, and once a rejected record; read by status, page and metrics.
"""

from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

#: upper ends of the classes of answer times, in seconds
BUCKETS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 110.0)
#: answers whose times make the median
_RECENT = 100
#: kinds of errors that are told apart; a portal may invent any number
_KINDS = 20
OTHER = "other"
_LONGEST = 80


@dataclass(slots=True)
class Meter:
    """What changes: everything, with every request."""

    #: answers by what was asked and what it meant: ``create``, ``ok``
    answers: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    #: failed requests by reason, and rejected records by category
    errors: Counter[str] = field(default_factory=Counter[str])
    #: answers by class of their time, the last beyond all of them
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    seconds: float = 0.0
    _recent: deque[float] = field(default_factory=lambda: deque[float](maxlen=_RECENT))

    def answered(
        self, asked: str, meaning: str, seconds: float, error: str | None
    ) -> None:
        """Count a request that has come to its end."""
        self.answers[asked, meaning] += 1
        self.buckets[bisect_left(BUCKETS_S, seconds)] += 1
        self.seconds += seconds
        self._recent.append(seconds)
        if error is not None:
            self.failed(error)

    def failed(self, kind: str) -> None:
        """Count an error of a kind."""
        kind = kind[:_LONGEST]
        known = kind in self.errors or len(self.errors) < _KINDS
        self.errors[kind if known else OTHER] += 1

    def latency(self, share: float = 0.5) -> float | None:
        """Return the time that a share of the recent answers kept, in seconds."""
        if not self._recent:
            return None
        ordered = sorted(self._recent)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
