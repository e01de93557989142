"""Lines that pass by once: standard input, a pipe, an async iterator of records.

A resumed run reads them again from their start; the part that was loaded is checked on
the way and not sent again.
"""

import asyncio
import contextlib
import hashlib
import io
import os
import select
from collections.abc import AsyncIterator, Mapping
from typing import Any, BinaryIO, cast

import orjson

from loader.errors import UsageError
from loader.model.record import Chunk, Item, Span

from .base import Source
from .decode import DecodeOptions, Decoder
from .identity import source_digest
from .lines import CHUNK_LINES, LineReader

_BUFFER = 1 << 20
#: blank lines before the first record are kept up to so many bytes
_PEEK = 16 << 20
#: how often a blocked read looks whether it is still wanted, in seconds
_GLANCE_S = 0.2


class StreamSource:
    """A file descriptor that cannot seek. What changes: the position."""

    is_seekable = False
    size: int | None = None

    def __init__(
        self, name: str, file: BinaryIO, digest: str, options: DecodeOptions
    ) -> None:
        self.name = name
        self.digest = digest
        self._decoder = Decoder(digest, options)
        self._reader = LineReader(
            file, self._decoder, max_line_bytes=options.max_line_bytes
        )

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        return dict(self._decoder.ignored_fields)

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond ``end``; nothing at the end."""
        return await asyncio.to_thread(self._reader.chunk, end)

    async def skip(self, span: Span, end_line: int) -> bytes:
        """Read over a known span; return the digest of what was read."""
        return await asyncio.to_thread(self._reader.skip, span.end, end_line)

    async def digest_of(self, span: Span) -> bytes:
        """Refuse: a stream cannot go back."""
        raise UsageError(f"{self.name} is a stream; {span} has passed")


@contextlib.asynccontextmanager
async def open_stream(
    fd: int, options: DecodeOptions, *, name: str = "-"
) -> AsyncIterator[Source]:
    """Open a file descriptor, such as standard input."""
    polled = _PolledFile(fd)
    file = io.BufferedReader(polled, _BUFFER)
    try:
        peeked, first = await asyncio.to_thread(_peek_first_line, file)
        rest = cast("BinaryIO", io.BufferedReader(_Joined(peeked, file), _BUFFER))
        yield StreamSource(name, rest, source_digest(first), options)
    finally:
        polled.wanted = False


def _peek_first_line(file: "io.BufferedReader[_PolledFile]") -> tuple[bytes, bytes]:
    """Read up to the first line that is not blank; return all read, and that line."""
    peeked = bytearray()
    while len(peeked) < _PEEK and (line := file.readline(_BUFFER)):
        peeked += line
        if not line.isspace():
            return bytes(peeked), line
    return bytes(peeked), b""


class _PolledFile(io.RawIOBase):
    """A descriptor whose blocked read ends when it is no longer wanted.

    A thread cannot be cancelled; one that waits for a silent pipe would keep the
    process from ending.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self.wanted = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        while self.wanted:
            ready, _, _ = select.select([self._fd], [], [], _GLANCE_S)
            if ready:
                return os.readv(self._fd, [buffer])
        return 0


class _Joined(io.RawIOBase):
    """What was peeked, then the rest."""

    def __init__(self, head: bytes, rest: "io.BufferedReader[_PolledFile]") -> None:
        super().__init__()
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        if not self._head:
            return self._rest.readinto1(buffer)
        size = min(len(buffer), len(self._head))
        buffer[:size] = self._head[:size]
        self._head = self._head[size:]
        return size


Record = Mapping[str, Any] | bytes | str


class RecordSource:
    """An async iterator of records: mappings, or lines of JSON. It passes by once.

    What changes: the position, and the record that was asked for and has not come.
    """

    is_seekable = False
    size: int | None = None

    def __init__(
        self,
        name: str,
        records: AsyncIterator[bytes],
        first: bytes | None,
        options: DecodeOptions,
    ) -> None:
        self.name = name
        self.digest = source_digest(first or b"")
        self._decoder = Decoder(self.digest, options)
        self._records = records
        self._offset = 0
        self._line = 1
        self._coming: asyncio.Future[bytes | None] = asyncio.Future()
        self._coming.set_result(first)

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        return dict(self._decoder.ignored_fields)

    async def read(self, end: int | None = None) -> Chunk:
        """Return the records that are there, at least one; nothing at the end."""
        items: list[Item] = []
        while len(items) < CHUNK_LINES and (end is None or self._offset < end):
            await asyncio.sleep(0)
            if items and not self._coming.done():
                break
            raw = await self._next()
            if raw is None:
                break
            items.append(
                self._decoder.decode(raw, line=self._line, offset=self._offset)
            )
            self._advance(raw)
        return items

    async def skip(self, span: Span, end_line: int) -> bytes:
        """Read over a known span; return the digest of what was read."""
        state = hashlib.blake2b(digest_size=8)
        while self._offset < span.end and (raw := await self._next()) is not None:
            state.update(raw)
            self._advance(raw)
        self._line = end_line
        return state.digest()

    async def digest_of(self, span: Span) -> bytes:
        """Refuse: an iterator cannot go back."""
        raise UsageError(f"{self.name} is a stream; {span} has passed")

    async def _next(self) -> bytes | None:
        """Return the next line; ask for the one after it."""
        raw = await asyncio.shield(self._coming)
        if raw is not None:
            self._coming = asyncio.ensure_future(_following(self._records))
        return raw

    def _advance(self, raw: bytes) -> None:
        self._offset += len(raw)
        self._line += 1

    async def close(self) -> None:
        """Stop asking for records."""
        self._coming.cancel()
        await asyncio.gather(self._coming, return_exceptions=True)


@contextlib.asynccontextmanager
async def open_records(
    records: AsyncIterator[Record], options: DecodeOptions, *, name: str
) -> AsyncIterator[Source]:
    """Open an async iterator of records; ``name`` is what people call it."""
    lines = _as_lines(records)
    source = RecordSource(name, lines, await _following(lines), options)
    try:
        yield source
    finally:
        await source.close()


async def _following(lines: AsyncIterator[bytes]) -> bytes | None:
    return await anext(lines, None)


async def _as_lines(records: AsyncIterator[Record]) -> AsyncIterator[bytes]:
    """Write each record as a line; one that cannot be written says so in its line."""
    async for record in records:
        if isinstance(record, bytes):
            line = record
        elif isinstance(record, str):
            line = record.encode("utf-8", "surrogatepass")
        else:
            line = _encoded(record)
        yield line.replace(b"\n", b" ").rstrip() + b"\n"


def _encoded(record: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(dict(record))
    except (TypeError, ValueError) as error:
        # no JSON object, so the decoder rejects it, with the reason in view
        return orjson.dumps(f"the record cannot be written as JSON: {error}")
