"""As fast as the portal allows and no faster: one limiter for all requests.

The rolling window says when the next request fits; the aiolimiter pacer before it
smooths the start, when the log of sends is empty and would let a burst through.

A 429 pauses every request once: the answers of requests that were sent before the pause
began do not start another.
"""

import asyncio
import random
from collections.abc import Callable

from aiolimiter import AsyncLimiter

from loader.model.settings import Rate
from loader.model.verdict import Allowance

from .barrier import Barrier
from .rolling import RollingWindow
from .stop import Stop

#: the pacer lets this much more through than the rate, so that it never binds for long
_PACER_HEADROOM = 1.25
#: requests that may leave at once at the start
_PACER_BURST = 4
#: longest pause that ``Retry-After`` may ask for
PAUSE_CAP_S = 60.0
#: the first pause: little was amiss where a window is kept; without one nobody knows
_FIRST_PAUSE_S, _PAUSE_SHARE, _UNKNOWN_PAUSE_S = 0.5, 0.05, 1.0


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
        self.window = None if rate is None else RollingWindow(rate)
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

    def left(self, sent_at: float, at: float) -> None:
        """What is logged for one time left at another.

        A row takes a moment to be on disk, and a new connection several round trips:
        the window would seem to have room before it has.
        """
        if self.window is not None:
            self.window.left(sent_at, at)

    def learn(
        self,
        allowance: Allowance | None,
        sent_at: float,
        left_at: float | None = None,
    ) -> None:
        """Take the rate headers of the answer to what was sent then.

        None of one that has none, or was lost. The answer may know that its request
        left later than that.
        """
        self.barrier.answered(allowance)
        if left_at is not None:
            self.left(sent_at, left_at)
        if self.window is not None and allowance is not None:
            at = sent_at if left_at is None else left_at
            self.window.learn(allowance, self._now(), at)

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
        own: float = min(first * 2**self._pauses, cap)
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
