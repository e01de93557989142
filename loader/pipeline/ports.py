"""What the pipeline needs from others, as Protocols; ``assembly`` supplies them."""

from collections.abc import Sequence
from typing import Protocol

from loader.model.batch import Batch
from loader.model.outcome import Settlement
from loader.model.record import CallRecord, Chunk, Item, Span
from loader.model.verdict import CreateVerdict, ReadVerdict, Reply


class Source(Protocol):
    """Lines, in order."""

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond ``end``; nothing at the end."""
        ...

    async def skip(self, span: Span, end_line: int) -> bytes | None:
        """Go over a known span; a stream returns the digest of what it read."""
        ...


class Portal(Protocol):
    """One portal, asked one request at a time; never raises for what it answers."""

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        """Send one create request."""
        ...

    async def read(
        self, trace_ids: Sequence[str], *, archived: bool
    ) -> Reply[ReadVerdict]:
        """Ask which of these IDs exist."""
        ...


class Journal(Protocol):
    """The durable record; every method returns when its rows are on disk."""

    async def claim(self, records: Sequence[CallRecord]) -> list[Item]:
        """Take IDs that come from the lines; repeated ones come back as such."""
        ...

    async def arm(
        self, batch: Batch, *, attempt: int, doubted: frozenset[int], payload: bytes
    ) -> None:
        """Record a request that is about to be sent."""
        ...

    async def pass_over(self, batch: Batch) -> None:
        """Record a span without records."""
        ...

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        """Record outcomes."""
        ...

    async def recovered(self, batch: Batch) -> Batch:
        """Join a span that was read again with what is known of it."""
        ...


class KnownSpan(Protocol):
    """A span of the source that the ledger has."""

    @property
    def span(self) -> Span:
        """Its bytes."""
        ...

    @property
    def first_line(self) -> int:
        """Its first line."""
        ...

    @property
    def end_line(self) -> int:
        """The line after its last."""
        ...

    @property
    def lines(self) -> int:
        """Its lines that are not blank."""
        ...

    @property
    def recover(self) -> bool:
        """It has records to ask for or to send."""
        ...

    @property
    def digest(self) -> bytes:
        """Digest of its bytes."""
        ...
