"""The portal's rolling window as we know it: when the next request fits.

A leaky bucket of ``n`` per interval admits up to ``2n - 1`` in a rolling interval (the
burst, then the leak), and a rolling window refuses what is too much. So the window is
kept exactly: a log of the last send times, where send ``k`` waits until send ``k - n``
is one interval and a margin old. The margin covers how unevenly requests travel; it
starts at 80 ms (measured: 99 % of the allowance used without a refusal while travel
times spread by less than that), or at a hundredth of the interval where that is less;
it doubles on a 429, and shrinks slowly.
"""

import math
from bisect import bisect_left, bisect_right, insort

from loader.model.settings import Rate
from loader.model.verdict import Allowance

_MARGIN_S, _MARGIN_SHARE = 0.080, 0.01
_MARGIN_CAP_S = 1.0
#: so slowly that a margin too small is found out once in some two thousand sends
_MARGIN_SHRINK = 0.9997
#: part of the limit that is left free beside others, who are not as steady as we are
_SPARE, _SPARE_CAP, _SPARE_SHRINK = 0.02, 0.25, 0.99
#: so small a part is nobody's: travel times make it seem so now and then
_NOBODY = 0.01
#: what a rolling window can be; a header beyond it is not believed
_MOST = 100_000
_SHORTEST_S, _LONGEST_S = 0.1, 3600.0


def least_margin_s(interval_s: float) -> float:
    """Return the margin, in seconds, that a window of so many begins with."""
    return min(_MARGIN_S, _MARGIN_SHARE * interval_s)


class RollingWindow:
    """The window, and our sends in it.

    A plain structure: times are parameters. What changes: the log, the margin, and the
    limit as far as the portal's headers teach it.
    """

    def __init__(self, rate: Rate) -> None:
        self.limit = rate.count
        self.interval_s = rate.interval_s
        self._widening = 1.0
        self._follows = rate.follows
        self._log: list[float] = []
        self._foreign = 0
        self._foreign_until = float("-inf")
        self._spare = _SPARE
        self._changed_until = float("-inf")

    @property
    def margin_s(self) -> float:
        """How much longer than the interval a send is taken to be in the window."""
        return min(_MARGIN_CAP_S, self._widening * least_margin_s(self.interval_s))

    def wait(self, now: float) -> float:
        """Return seconds until a send fits; 0 when it fits now."""
        allowed = self.allowed(now)
        if len(self._log) < allowed:
            return 0.0
        oldest = self._log[-allowed]
        return max(0.0, oldest + self.interval_s + self.margin_s - now)

    def allowed(self, now: float) -> int:
        """Return how many of the window's requests are ours: others may use the app."""
        return max(1, self.limit - self._others(now))

    def _others(self, now: float) -> int:
        """Return what is left to others: what they use, and a little to grow into."""
        if now >= self._foreign_until or self._foreign <= _NOBODY * self.limit:
            return 0
        return self._foreign + math.ceil(self._spare * self.limit)

    def sent(self, now: float) -> None:
        """Log a send; forget those that no window with the widest margin holds."""
        insort(self._log, now)
        horizon = now - self.interval_s - _MARGIN_CAP_S
        del self._log[: bisect_left(self._log, horizon)]

    def left(self, sent_at: float, at: float) -> None:
        """Correct the log: what was to leave at one time left at another."""
        place = bisect_left(self._log, sent_at)
        if place < len(self._log) and self._log[place] == sent_at:
            del self._log[place]
        insort(self._log, at)  # one that was forgotten leaves all the same

    def used(self, now: float, slack_s: float = 0.0) -> int:
        """Return how many of our sends are in the window now, or left it just now."""
        start = bisect_right(self._log, now - self.interval_s - slack_s)
        return bisect_right(self._log, now) - start

    def learn(self, allowance: Allowance, now: float, sent_at: float) -> None:
        """Take the portal's headers: its limit, its interval, and others' use."""
        if not self._follows:
            return
        if allowance.limit is not None and 0 < allowance.limit <= _MOST:
            if allowance.limit != self.limit:
                self._changed_until = now + self.interval_s
            self.limit = allowance.limit
        interval_s = allowance.interval_s
        if interval_s is not None and _SHORTEST_S <= interval_s <= _LONGEST_S:
            self.interval_s = interval_s
        if allowance.remaining is not None and allowance.limit is not None:
            # a send arrives later than it is logged, so it also leaves later there; and
            # nobody says whether this is told of the time of the request or of the
            # answer: what we may have used ourselves is not others' use
            slack_s = max(_MARGIN_S, self.margin_s) / 2
            ours = max(self.used(now, slack_s), self.used(sent_at, slack_s))
            self._foreign = max(0, allowance.limit - allowance.remaining - ours)
            self._foreign_until = now + self.interval_s

    def throttled(self, now: float) -> None:
        """Leave more room: in time when we are alone, and beside others in numbers.

        A limit that fell is no reason for either: the headers have told of it.
        """
        if now < self._changed_until:
            return
        if self._others(now):
            self._spare = min(_SPARE_CAP, self._spare * 2)
        else:
            most = _MARGIN_CAP_S / least_margin_s(self.interval_s)
            self._widening = min(most, self._widening * 2)

    def accepted(self) -> None:
        """Shrink the room that is left, slowly, towards where it began."""
        self._widening = max(1.0, self._widening * _MARGIN_SHRINK)
        self._spare = max(_SPARE, self._spare * _SPARE_SHRINK)
