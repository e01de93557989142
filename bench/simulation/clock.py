"""An event loop on virtual time: nothing waits, and nothing waits for ever unseen.

The loop jumps to the next timer. Each turn of the loop also takes a
microsecond, since a rate limiter that waits for a float residue would spin under a
frozen clock. When every task waits and no timer is set, the loop raises ``Stuck``; it
does so too when a schedule takes more turns, or more time, than any honest one.
"""

import asyncio
import contextvars
import heapq
from collections import deque
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: what a turn of the loop takes, in seconds
CREEP_S = 1e-6


class Stuck(SystemExit):
    """The run will never end. Unwinds at once, through whatever catches errors."""


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop without sockets and threads.

    What changes: ``now``, in seconds, and ``turns``. A function for another thread runs
    at once, in the loop.
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool

    def __init__(self, *, most_turns: int, latest: float) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0
        self.most_turns = most_turns
        self.latest = latest
        self.set_exception_handler(lambda _loop, _context: None)

    def _run_once(self) -> None:
        """Take a turn: jump to the next timer if nothing is ready, then run what is.

        In place of the base's, which would look for sockets: half of the time of a
        turn.
        """
        ready, scheduled = self._ready, self._scheduled
        while scheduled and scheduled[0].cancelled():
            heapq.heappop(scheduled)
        if not ready and not self._stopping:
            if not scheduled:
                raise Stuck("every task waits, and no timer is set")
            self.now = max(self.now, scheduled[0].when())
        self.now += CREEP_S
        self.turns += 1
        if self.turns > self.most_turns or self.now > self.latest:
            raise Stuck(f"no end after {self.turns} turns, {self.now:.0f} s")
        while scheduled and scheduled[0].when() <= self.now:
            ready.append(heapq.heappop(scheduled))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def time(self) -> float:
        """Return the virtual time."""
        return self.now

    def call_soon(
        self,
        callback: Callable[..., object],
        *args: object,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """Schedule a callback, without the checks of a loop that may be misused."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def bound(self, turns: int, seconds: float) -> None:
        """Allow so much from now on."""
        self.most_turns = self.turns + turns
        self.latest = self.now + seconds

    def run_in_executor(
        self, executor: object, func: Callable[..., T], *args: object
    ) -> "asyncio.Future[T]":
        """Run a function in place of a thread."""
        del executor
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            future.set_exception(error)
        return future

    def abandon(self) -> None:
        """End every task: its process is dead, and no timer will wake it."""
        self.bound(20_000, 1e9)
        tasks = sorted(asyncio.all_tasks(self), key=lambda task: task.get_name())
        for task in tasks:
            task.cancel()
        if tasks:
            self.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._scheduled.clear()
        self._ready.clear()

    def _write_to_self(self) -> None:
        """Nobody sleeps: what another thread would schedule is seen at once."""
