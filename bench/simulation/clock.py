"""An event loop on virtual time: nothing waits, and nothing waits for ever unseen.

The loop's selector jumps to the next timer. Each turn of the loop also takes a
microsecond, since a rate limiter that waits for a float residue would spin under a
frozen clock. When every task waits and no timer is set, the loop raises ``Stuck``; it
does so too when a schedule takes more turns, or more time, than any honest one.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

#: what a turn of the loop takes, in seconds
CREEP_S = 1e-6


class Stuck(SystemExit):
    """The run will never end. Unwinds at once, through whatever catches errors."""


class _Selector:
    """Knows no sockets: it moves the clock. What changes: the loop's time."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        """Jump to the next timer."""
        loop = self._loop
        if timeout is None:
            raise Stuck("every task waits, and no timer is set")
        loop.now += timeout + CREEP_S
        loop.turns += 1
        if loop.turns > loop.most_turns or loop.now > loop.latest:
            raise Stuck(f"no end after {loop.turns} turns, {loop.now:.0f} s")
        return []

    def close(self) -> None:
        """There is nothing to close."""


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop without sockets and threads.

    What changes: ``now``, in seconds, and ``turns``. A function for another thread runs
    at once, in the loop.
    """

    def __init__(self, *, most_turns: int, latest: float) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0
        self.most_turns = most_turns
        self.latest = latest
        self._selector = _Selector(self)
        self.set_exception_handler(lambda _loop, _context: None)

    def time(self) -> float:
        """Return the virtual time."""
        return self.now

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
        for left in (self._scheduled, self._ready):  # type: ignore[attr-defined]
            left.clear()

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no sockets."""

    def _write_to_self(self) -> None:
        """Nobody sleeps: what another thread would schedule is seen at once."""
