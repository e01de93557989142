"""Calls in a thread that outlast their caller.

A thread cannot be cancelled. One whose caller was must be waited for before its file is
closed, for the system may give the same descriptor to another file at once.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Call(Generic[T]):
    """One call at a time. What changes: the call that is under way.

    Whoever asks after a cancelled caller gets the result of that call, so that no line
    is lost between the two.
    """

    def __init__(self) -> None:
        self._under_way: asyncio.Future[T] | None = None

    async def result(self, function: Callable[[], T]) -> T:
        """Return what the function returns, or the one before whose caller left."""
        if self._under_way is None:
            self._under_way = asyncio.ensure_future(asyncio.to_thread(function))
        result = await asyncio.shield(self._under_way)
        self._under_way = None
        return result

    async def ended(self) -> None:
        """Wait until nothing is under way, however that ended."""
        if self._under_way is not None:
            await asyncio.gather(self._under_way, return_exceptions=True)
