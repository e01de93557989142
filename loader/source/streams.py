"""Lines that pass by once: standard input, a pipe, an async iterator of records.

A resumed run reads them again from their start; the part that was loaded is checked on
the way and not sent again.
"""

import asyncio
import contextlib
import hashlib
import os
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeAlias

from loader.errors import UsageError
from loader.model.record import Chunk, Item, Span, own_digest

from .base import LineSource, Source
from .calls import Call
from .decode import DecodeOptions, Decoder, is_blank, malformed
from .identity import source_digest, span_digest
from .lines import (
    CHUNK_BYTES,
    CHUNK_LINES,
    NAMED_WITHIN,
    first_line,
    is_longer,
    too_long,
)
from .pipe import Pipe
from .writing import Written, written

#: what a program may give: a mapping, or a line of JSON
Record: TypeAlias = Mapping[str, Any] | bytes | str
#: records that may come before they are asked for
_AHEAD = 64


class StreamSource(LineSource):
    """A file descriptor that cannot seek. What changes: the position."""

    is_seekable = False
    size: int | None = None

    def __init__(
        self, name: str, digest: str, pipe: Pipe, options: DecodeOptions
    ) -> None:
        super().__init__(name, digest, pipe, options, is_quiet=pipe.is_quiet)
        self._skipping = Call[bytes]()

    async def skip(self, span: Span, end_line: int) -> bytes:
        """Read over a known span; return the digest of what was read."""
        return await self._skipping.result(
            lambda: self._reader.skip(span.end, end_line)
        )

    async def digest_of(self, span: Span) -> bytes:
        """Refuse: a stream cannot go back."""
        raise _passed(self.name, span)

    async def ended(self) -> None:
        """Wait for a read whose caller was cancelled."""
        await super().ended()
        await self._skipping.ended()


@contextlib.asynccontextmanager
async def open_stream(
    fd: int, options: DecodeOptions, *, name: str = "-", owns_fd: bool = False
) -> AsyncIterator[Source]:
    """Open a file descriptor, such as standard input; waits for its first line.

    ``owns_fd`` says to close it at the end.

    Raises:
        UsageError: it cannot be read.
    """
    pipe = Pipe(fd)
    naming = Call[bytes]()
    source = None
    try:
        try:
            first = await naming.result(lambda: _peeked(pipe))
        except OSError as error:
            raise UsageError(f"cannot read {name}: {error.strerror}") from error
        source = StreamSource(name, source_digest(first), pipe, options)
        yield source
    finally:
        pipe.is_wanted = False
        await naming.ended()
        if source is not None:
            await source.ended()
        if owns_fd:
            os.close(fd)


def _peeked(pipe: Pipe) -> bytes:
    """Return the first line that is not blank, and leave all in the pipe."""
    taken = bytearray()

    def readline(size: int) -> bytes:
        piece = pipe.readline(size)
        taken.extend(piece)
        return piece

    first = first_line(readline)
    pipe.unread(bytes(taken))
    return first


def _passed(name: str, span: Span) -> UsageError:
    return UsageError(
        f"{name} is a stream; bytes {span.start} to {span.end} have passed"
    )


class RecordSource:
    """An async iterator of records: mappings, or lines of JSON. It passes by once.

    What changes: the position.
    """

    is_seekable = False
    size: int | None = None

    def __init__(
        self, name: str, digest: str, arrivals: "_Arrivals", options: DecodeOptions
    ) -> None:
        self.name = name
        self.digest = digest
        self._arrivals = arrivals
        self._decoder = Decoder(digest, options)
        self._max = options.max_line_bytes
        self._offset = 0
        self._line = 1

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        return dict(self._decoder.ignored_fields)

    async def read(self, end: int | None = None) -> Chunk:
        """Return the records that are there, at least one; nothing at the end."""
        items: list[Item] = []
        until = self._offset + CHUNK_BYTES if end is None else end
        until = min(until, self._offset + CHUNK_BYTES)
        while len(items) < CHUNK_LINES and self._offset < until:
            if items and not self._arrivals.has_line():
                break
            line = await self._arrivals.take()
            if line is None:
                break
            if items and is_longer(line.raw, self._max):
                self._arrivals.put_back([line])
                break
            items.append(self._item(line))
            if own_digest(items[-1]) is not None:
                break
        return items

    def _item(self, written: Written) -> Item:
        raw, line, offset = written.raw, self._line, self._offset
        self._line += 1
        self._offset += len(raw)
        if is_longer(raw, self._max):
            return too_long(line, offset, len(raw), span_digest([raw]), self._max)
        if written.fault is not None:
            return malformed(written.fault, raw, line, offset)
        return self._decoder.decode(raw, line=line, offset=offset)

    async def skip(self, span: Span, end_line: int) -> bytes:
        """Read over a known span; return the digest of what was read."""
        state = hashlib.blake2b(digest_size=8)
        while self._offset < span.end and (line := await self._arrivals.take()):
            state.update(line.raw)
            self._offset += len(line.raw)
        self._line = end_line
        return state.digest()

    async def digest_of(self, span: Span) -> bytes:
        """Refuse: an iterator cannot go back."""
        raise _passed(self.name, span)


class _Arrivals:
    """Lines of an iterator, some of them ahead of whoever takes them.

    What changes: the lines that have come and were not taken, the end among them.
    """

    def __init__(self, records: AsyncIterator[Record]) -> None:
        self._records = records
        self._coming: asyncio.Queue[Written | Exception | None] = asyncio.Queue(_AHEAD)
        self._next: deque[Written | Exception | None] = deque()

    async def come(self) -> None:
        """Ask for record after record; how the iterator ends is the last to come."""
        end = None
        try:
            async for record in self._records:
                await self._coming.put(written(record))
        except Exception as failure:  # noqa: BLE001 - raised where lines are taken
            end = failure
        await self._coming.put(end)

    async def take(self) -> Written | None:
        """Return the next line; None at the end, however often.

        Raises:
            Exception: what the iterator raised, after all the lines before.
        """
        line = self._next.popleft() if self._next else await self._coming.get()
        if isinstance(line, Written):
            return line
        self._next.append(line)
        if line is not None:
            raise line
        return None

    def put_back(self, lines: Iterable[Written]) -> None:
        """Have lines taken again, in their order, before all others."""
        self._next.extendleft(reversed([*lines]))

    def has_line(self) -> bool:
        """Whether a line, and not the end, can be taken without waiting."""
        if not self._next and not self._coming.empty():
            self._next.append(self._coming.get_nowait())
        return bool(self._next) and isinstance(self._next[0], Written)

    async def first(self) -> bytes:
        """Return the first line that is not blank, and leave all to be taken."""
        seen: list[Written] = []
        offset = 0
        first = b""
        while not first and offset < NAMED_WITHIN and (line := await self.take()):
            seen.append(line)
            first = b"" if is_blank(line.raw, offset) else line.raw
            offset += len(line.raw)
        self.put_back(seen)
        return first


@contextlib.asynccontextmanager
async def open_records(
    records: AsyncIterator[Record], options: DecodeOptions, *, name: str
) -> AsyncIterator[Source]:
    """Open an async iterator of records; ``name`` is what people call it.

    Waits for its first record, and raises what the iterator raises.
    """
    arrivals = _Arrivals(records)
    coming = asyncio.create_task(arrivals.come(), name="records")
    try:
        digest = source_digest(await arrivals.first())
        yield RecordSource(name, digest, arrivals, options)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
