"""What the portal saw, as figures: how full its window was of the client."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from .portal import Seen

#: how often the window is looked at, in seconds
_STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class Figures:
    """Parts of one but for ``requests``."""

    #: of the allowance, on average over the steady part
    use: float
    #: of the allowance, at the end of the first window
    first_window: float
    #: of the allowance, over all whole windows from the first create on
    overall: float
    #: of the requests
    throttled: float
    requests: int

    def rounded(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def measure(
    visits: Sequence[Seen], *, interval_s: float, turn: float | None = None
) -> Figures:
    """Measure one run.

    The steady part begins a window after the first create, and leaves out a window
    after the ``turn`` at which the portal became another.

    Raises:
        ValueError: the run was shorter than two windows.
    """
    seen = _Seen(visits, interval_s)
    steady = [
        seen.use(now)
        for now in seen.steps(seen.first + interval_s, seen.last)
        if turn is None or not turn <= now < turn + interval_s
    ]
    if seen.last - seen.first < 2 * interval_s or not steady:
        raise ValueError("the load was over before two windows were")
    return Figures(
        use=sum(steady) / len(steady),
        first_window=seen.use(seen.first + interval_s - _STEP_S),
        overall=seen.overall(),
        throttled=sum(each.refused for each in visits) / len(visits),
        requests=len(visits),
    )


class _Seen:
    """The visits in order of time."""

    def __init__(self, visits: Sequence[Seen], interval_s: float) -> None:
        ordered = sorted(visits, key=lambda each: each.at)
        self._interval_s = interval_s
        self._times = [each.at for each in ordered]
        self._allowed = [each.allowed for each in ordered]
        self._let_in = [each.at for each in ordered if not each.refused]
        self.first = next(each.at for each in ordered if each.creates)
        self.last = self._times[-1]

    @staticmethod
    def steps(start: float, end: float) -> Iterator[float]:
        """Return times at equal distances."""
        for number in range(int((end - start) / _STEP_S)):
            yield start + number * _STEP_S

    def allowed(self, now: float) -> int:
        """Return what the window allowed the client at a time."""
        return max(1, self._allowed[max(0, bisect_right(self._times, now) - 1)])

    def count(self, start: float, end: float) -> int:
        """Count the requests let in after a time and up to another."""
        return bisect_right(self._let_in, end) - bisect_right(self._let_in, start)

    def use(self, now: float) -> float:
        """Return how full of the client the window was at a time."""
        return min(1.0, self.count(now - self._interval_s, now) / self.allowed(now))

    def overall(self) -> float:
        """Return what was let in of what whole windows allowed."""
        windows = int((self.last - self.first) / self._interval_s)
        end = self.first + windows * self._interval_s
        allowed = [self.allowed(now) for now in self.steps(self.first, end)]
        whole = windows * sum(allowed) / len(allowed)
        return self.count(self.first - _STEP_S, end - _STEP_S) / whole


def middle(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure; of refusals, those of all rounds."""
    requests = sum(each.requests for each in rounds)
    return Figures(
        use=median(each.use for each in rounds),
        first_window=median(each.first_window for each in rounds),
        overall=median(each.overall for each in rounds),
        throttled=sum(each.throttled * each.requests for each in rounds) / requests,
        requests=requests,
    )
