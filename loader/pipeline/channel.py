"""What lies between the stages: bounded, closable channels, and the window ahead."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Generic, TypeVar

from loader.model.batch import Batch
from loader.model.frontier import Frontier
from loader.model.record import Span

from .ports import KnownSpan

T = TypeVar("T")

#: settled spans that may wait ahead of the frontier before the reader stops
WINDOW = 4096
#: bytes of lines that workers and sink may hold before the reader stops. A record is
#: held as its line, as its content and as its part of an answer, so this is a third of
#: what they take; usual records come nowhere near it
HELD_BYTES = 32 << 20


class Channel(Generic[T]):
    """A bounded queue that can be closed; iterating it ends when it is."""

    def __init__(self, capacity: int) -> None:
        self._queue: asyncio.Queue[T | None] = asyncio.Queue(capacity)

    async def put(self, value: T) -> None:
        """Add a value; wait while the channel is full."""
        await self._queue.put(value)

    async def close(self) -> None:
        """Say that no value will follow."""
        await self._queue.put(None)

    async def get(self) -> T | None:
        """Return the next value, or None when the channel was closed."""
        return await self._queue.get()

    @property
    def is_empty(self) -> bool:
        """Whoever takes a value now must wait for it."""
        return self._queue.empty()

    def get_nowait(self) -> T | None:
        """Return a value that is there already, like ``get``.

        Raises:
            QueueEmpty: there is none.
        """
        return self._queue.get_nowait()

    def drain(self) -> list[T]:
        """Return the values that are there already; leave a close in place."""
        values: list[T] = []
        while not self._queue.empty():
            value = self._queue.get_nowait()
            if value is None:
                self._queue.put_nowait(None)  # the slot we have just freed
                break
            values.append(value)
        return values

    async def __aiter__(self) -> AsyncIterator[T]:
        while (value := await self.get()) is not None:
            yield value


class Window:
    """Keeps the reader near the frontier: one stuck batch stops the reader, not memory.

    Nor do long lines take more of it, only fewer batches at a time. What changes: the
    frontier, the bytes taken and not settled, and whether there is room for more.
    """

    def __init__(
        self,
        frontier: Frontier,
        known: Iterable[KnownSpan] = (),
        *,
        size: int = WINDOW,
        held_bytes: int = HELD_BYTES,
    ) -> None:
        self.frontier = frontier
        for span in _settled_ahead(known, frontier.offset):
            frontier.settle(span)
        self._size = size
        self._most_held = held_bytes
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def has_room(self) -> bool:
        """Not too much is held, and the frontier is near enough to read on."""
        return self._room.is_set()

    async def room(self) -> None:
        """Wait until there is room."""
        await self._room.wait()

    def take(self, batch: Batch) -> Batch:
        """Count what a worker takes; whatever its size, where there was room."""
        self._held += batch.span.size
        self._look()
        return batch

    def settle(self, batch: Batch) -> None:
        """Move the frontier over a settled batch, which is held no longer."""
        if batch.span.start >= self.frontier.offset:
            self.frontier.settle(batch.span)
        self._held -= batch.span.size
        self._look()

    def _look(self) -> None:
        if self.frontier.waiting < self._size and self._held < self._most_held:
            self._room.set()
        else:
            self._room.clear()


def _settled_ahead(known: Iterable[KnownSpan], frontier: int) -> list[Span]:
    """Return what earlier runs settled ahead of the frontier, neighbours joined.

    However much it is, it counts as one span a gap: memory and window stay bounded.
    """
    ahead: list[Span] = []
    for each in known:
        if each.recover or each.span.start < frontier:
            continue
        if ahead and ahead[-1].end == each.span.start:
            ahead[-1] = Span(ahead[-1].start, each.span.end)
        else:
            ahead.append(each.span)
    return ahead
