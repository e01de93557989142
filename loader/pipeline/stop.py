"""Asking a run to stop: a signal, a halt of the portal, a caller.

Stopping is one act: nothing new is begun, what is in flight is finished. Whoever waits
for something else waits through :meth:`Stop.unless`, so that a stop wakes it.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from loader.errors import LoaderError
from loader.model.summary import Ending
from loader.telemetry import get_logger

log = get_logger()

T = TypeVar("T")


class Stop:
    """The wish to stop, and why. What changes: it is set once, for ever.

    ``failure`` is the error that ended the run, when there was one. It may come after
    the wish, while what is in flight is finished, and then it is the reason.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._failed = asyncio.Event()
        self.ending = Ending.RUNNING
        self.reason: str | None = None
        self.failure: LoaderError | None = None

    @property
    def is_set(self) -> bool:
        """Somebody asked to stop."""
        return self._event.is_set()

    def interrupt(self, reason: str) -> None:
        """Stop because a person or the caller said so."""
        self._set(Ending.INTERRUPTED, reason)

    def halt(self, reason: str) -> None:
        """Stop because the run cannot go on."""
        self._set(Ending.STOPPED, reason)

    def fail(self, failure: LoaderError) -> None:
        """Stop because of an error; the first one is kept."""
        if self.failure is None:
            self.failure = failure
            self._failed.set()
            self._begin(Ending.STOPPED, str(failure))

    def _set(self, ending: Ending, reason: str) -> None:
        if not self.is_set:
            self._begin(ending, reason)

    def _begin(self, ending: Ending, reason: str) -> None:
        self.ending, self.reason = ending, reason
        self._event.set()
        log.info("run.stopping", ending=ending.value, reason=reason)

    async def failed(self) -> None:
        """Return once an error has ended the run."""
        await self._failed.wait()

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until somebody asks to stop."""
        if seconds <= 0 or self.is_set:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return

    async def unless(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Run ``work``; cancel it and return None when somebody asks to stop first."""
        if self.is_set:
            work.close()
            return None
        task = asyncio.ensure_future(work)
        alarm = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait({task, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        return None if task.cancelled() else task.result()
