"""Which requests the portal has seen."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, and what its client got to see."""

    method: str
    path: str
    #: what it asked for, such as ``create``; None: there is nothing at this path
    endpoint: str | None
    #: None: the connection ended without an answer
    status: int | None
    #: the kind of fault that struck it
    fault: str | None
    body_bytes: int
    #: seconds of the portal's monotonic clock, on arrival
    at: float
    #: what the rolling window allowed this client then; None: any number, or not known
    allowed: int | None = None


class Visits:
    """All requests counted, and the last hundred thousand by themselves.

    Changes: grows by ``add``. A visit is noted when its answer is decided, before it
    is sent.
    """

    def __init__(self) -> None:
        self._last: deque[Visit] = deque(maxlen=_KEPT)
        self._counts: Counter[tuple[str | None, int | None]] = Counter()

    def __iter__(self) -> Iterator[Visit]:
        return iter(tuple(self._last))

    def __len__(self) -> int:
        return self._counts.total()

    def __repr__(self) -> str:
        return f"<Visits {dict(self._counts)}>"

    def add(self, visit: Visit) -> None:
        """Note a request."""
        self._last.append(visit)
        self._counts[visit.endpoint, visit.status] += 1

    def count(self, endpoint: str | None = None, *, status: int | None = None) -> int:
        """Count requests: of one endpoint, with one status, or both."""
        return sum(
            count
            for (asked, answered), count in self._counts.items()
            if endpoint in (None, asked) and status in (None, answered)
        )
