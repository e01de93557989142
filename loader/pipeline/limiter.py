"""As fast as the portal allows and no faster: one limiter for all requests.

A leaky bucket of ``n`` per interval admits up to ``2n - 1`` in a rolling interval (the
burst, then the leak), and a rolling window refuses what is too much. So the window is
kept exactly: a log of the last send times, where send ``k`` waits until send ``k - n``
is one interval and a margin old. The margin covers how unevenly requests travel; it
starts at 80 ms (measured: 99 % of the allowance used without a refusal while travel
times spread by less than that), or at a hundredth of an interval that is shorter than
HubSpot's ten seconds; it doubles on a 429, and shrinks slowly. The aiolimiter
pacer before it smooths the start, when the log is empty and would let a burst through.

A 429 pauses every request once: the answers of requests that were sent before the pause
began do not start another.
"""

import asyncio
import math
import random
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable

from aiolimiter import AsyncLimiter

from loader.model.settings import Rate
from loader.model.verdict import Allowance

from .barrier import Barrier
from .stop import Stop

_MARGIN_S, _MARGIN_SHARE = 0.080, 0.01
_MARGIN_CAP_S = 1.0
_MARGIN_SHRINK = 0.999
#: part of the limit that is left free beside others, who are not as steady as we are
_SPARE, _SPARE_CAP, _SPARE_SHRINK = 0.02, 0.25, 0.99
#: so small a part is nobody's: travel times make it seem so now and then
_NOBODY = 0.01
#: the pacer lets this much more through than the rate, so that it never binds for long
_PACER_HEADROOM = 1.25
#: requests that may leave at once at the start
_PACER_BURST = 4
#: longest pause that ``Retry-After`` may ask for
PAUSE_CAP_S = 60.0
#: the first pause: little was amiss where a window is kept; without one nobody knows
_FIRST_PAUSE_S, _PAUSE_SHARE, _UNKNOWN_PAUSE_S = 0.5, 0.05, 1.0
#: what a rolling window can be; a header beyond it is not believed
_MOST = 100_000
_SHORTEST_S, _LONGEST_S = 0.1, 3600.0


def least_margin_s(interval_s: float) -> float:
    """Return the margin, in seconds, that a window of so many begins with."""
    return min(_MARGIN_S, _MARGIN_SHARE * interval_s)


class Window:
    """The rolling window as we know it, and our sends in it.

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

    def left(self, sent_at: float, now: float) -> None:
        """Correct the log: what was to leave then leaves now."""
        place = bisect_left(self._log, sent_at)
        if place < len(self._log) and self._log[place] == sent_at:
            del self._log[place]
            insort(self._log, now)

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


class Limiter:
    """One limiter for every request of a load.

    ``await limiter.turn()`` before each request; ``rate=None`` obeys pauses only, and
    the barrier. What changes: the window, and until when everything pauses.
    """

    def __init__(
        self,
        rate: Rate | None,
        *,
        stop: Stop,
        now: Callable[[], float],
        chance: random.Random,
        barrier: Barrier | None = None,
    ) -> None:
        self.barrier = barrier or Barrier(now=now)
        self.window = None if rate is None else Window(rate)
        self._stop = stop
        self._now = now
        self._chance = chance
        self._turnstile = asyncio.Lock()
        self._pacer: AsyncLimiter | None = None
        self._paced: tuple[int, float] | None = None
        self._pause_from = float("-inf")
        self._pause_until = float("-inf")
        self._pauses = 0

    async def turn(self) -> float | None:
        """Wait for a turn; return its time, or None when the run stops instead."""
        async with self._turnstile:
            await self._pace()
            while await self.barrier.passed(self._stop):
                wait = self._wait(self._now())
                if wait <= 0:
                    return self._log_send()
                await self._stop.rest(wait)
        return None

    def _wait(self, now: float) -> float:
        wait = self._pause_until - now
        return wait if self.window is None else max(wait, self.window.wait(now))

    async def _pace(self) -> None:
        """Smooth the start."""
        window = self.window
        if window is None or self._stop.is_set:
            return
        rate = (window.limit, window.interval_s)
        if rate != self._paced:
            self._paced = rate
            per_second = _PACER_HEADROOM * window.limit / window.interval_s
            self._pacer = AsyncLimiter(_PACER_BURST, _PACER_BURST / per_second)
        if self._pacer is not None:
            await self._stop.unless(self._pacer.acquire())

    def _log_send(self) -> float:
        now = self._now()
        if self.window is not None:
            self.window.sent(now)
        self.barrier.sent()
        return now

    def left(self, sent_at: float) -> None:
        """What had its turn then leaves now: its row took a moment to be on disk."""
        if self.window is not None:
            self.window.left(sent_at, self._now())

    def learn(self, allowance: Allowance | None, sent_at: float) -> None:
        """Take the rate headers of the answer to what was sent then.

        None of one that has none, or was lost.
        """
        self.barrier.answered(allowance)
        if self.window is not None and allowance is not None:
            self.window.learn(allowance, self._now(), sent_at)

    def accepted(self) -> None:
        """An answer came that was not throttled."""
        self._pauses = 0
        if self.window is not None:
            self.window.accepted()

    def throttled(self, sent_at: float, retry_after_s: float | None) -> float:
        """Pause every request, once for all answers of one episode.

        Returns:
            the pause in seconds; 0 when this answer belongs to the last pause.
        """
        now = self._now()
        asked = min(retry_after_s or 0.0, PAUSE_CAP_S)
        if sent_at <= self._pause_from:
            self._pause_until = max(self._pause_until, now + asked)
            return 0.0
        pause = max(asked, self._own_pause(named=retry_after_s is not None))
        pause *= 1 + self._chance.uniform(0.0, 0.25)
        self._pause_from = now
        self._pause_until = max(self._pause_until, now + pause)
        if self.window is not None:
            self.window.throttled(now)
        return pause

    def _own_pause(self, *, named: bool) -> float:
        """Return our own pause, doubled each time; a portal that named one is obeyed.

        But one that refuses again after the time it named means more than it says: the
        second such refusal in a row waits a first pause at least, and so on.
        """
        first, cap = _UNKNOWN_PAUSE_S, PAUSE_CAP_S
        if self.window is not None:
            cap = self.window.interval_s
            first = min(_FIRST_PAUSE_S, _PAUSE_SHARE * cap)
        own = min(first * 2**self._pauses, cap)
        self._pauses += own < cap
        return own - first if named else own

    def hold_off(self, seconds: float) -> None:
        """Let no request out for so long, within bounds (423: two seconds of lock)."""
        pause = min(seconds, PAUSE_CAP_S)
        self._pause_until = max(self._pause_until, self._now() + pause)

    def pace(self) -> float | None:
        """Return how many requests a second may leave; None without a limit."""
        window = self.window
        if window is None:
            return None
        return _PACER_HEADROOM * window.allowed(self._now()) / window.interval_s

    def explains(self) -> bool:
        """Tell whether a refusal now can be for the rate: much of it is in use."""
        window, now = self.window, self._now()
        return window is not None and 2 * window.used(now) >= window.allowed(now)

    def use(self) -> float | None:
        """Return the share of the allowance in use, 0 to 1; None without a limit."""
        if self.window is None:
            return None
        return min(1.0, self.window.used(self._now()) / self.window.limit)

    def __repr__(self) -> str:
        return f"<Limiter use {self.use()}, paused until {self._pause_until:.1f}>"
