"""A file of NDJSON: seeks over what is known, and can be checked beside the reading."""

import asyncio
import contextlib
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import BinaryIO

from loader.errors import UsageError
from loader.model.record import Chunk, Span

from .base import Source
from .decode import DecodeOptions, Decoder
from .identity import source_digest
from .lines import LineReader, Position
from .streams import open_stream

_BUFFER = 1 << 20


class FileSource:
    """A regular file. What changes: the position."""

    is_seekable = True

    def __init__(
        self, path: Path, file: BinaryIO, digest: str, options: DecodeOptions
    ) -> None:
        self.name = str(path)
        self.digest = digest
        self.size: int | None = os.fstat(file.fileno()).st_size
        self._path = path
        self._file = file
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

    async def skip(self, span: Span, end_line: int) -> None:
        """Seek over a known span."""
        await asyncio.to_thread(self._seek, span.end, end_line)

    def _seek(self, end: int, end_line: int) -> None:
        self._file.seek(max(0, end - 1))
        at_line_start = end == 0 or self._file.read(1) in (b"\n", b"")
        self._reader.position = Position(end, end_line, at_line_start)

    async def digest_of(self, span: Span) -> bytes:
        """Return the digest (blake2b-64) of a span, by another handle."""
        return await asyncio.to_thread(self._digest_of, span)

    def _digest_of(self, span: Span) -> bytes:
        state = hashlib.blake2b(digest_size=8)
        left = span.size
        with self._path.open("rb", buffering=0) as file:
            file.seek(span.start)
            while left > 0 and (piece := file.read(min(left, _BUFFER))):
                state.update(piece)
                left -= len(piece)
        return state.digest()


@contextlib.asynccontextmanager
async def open_file(path: Path, options: DecodeOptions) -> AsyncIterator[Source]:
    """Open a file; what is no regular file is read as a stream.

    Raises:
        UsageError: it cannot be opened.
    """
    check_readable(path)
    with path.open("rb", buffering=_BUFFER) as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            digest = await asyncio.to_thread(_first_digest, file)
            file.seek(0)
            yield FileSource(path, file, digest, options)
            return
        async with open_stream(file.fileno(), options, name=str(path)) as source:
            yield source


def check_readable(path: Path) -> None:
    """Find out early whether a source can be read.

    Raises:
        UsageError: it is not there, is a folder, or may not be read.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give a file of NDJSON call records")
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _first_digest(file: BinaryIO) -> str:
    """Return the digest of the first line that is not blank, in bounded memory."""
    while line := file.readline(_BUFFER):
        if not line.isspace():
            return source_digest(line)
    return source_digest(b"")


def count_lines(path: Path, ranges: Sequence[tuple[int, int | None]]) -> int:
    """Count the lines that are not blank in ranges of a file, in bounded memory.

    A range ends at the end of the file where its end is None; its start begins a line,
    or the line break that ends the line before.
    """
    number = 0
    with path.open("rb", buffering=_BUFFER) as file:
        for start, end in ranges:
            file.seek(start)
            number += _count_from(file, None if end is None else end - start)
    return number


def _count_from(file: BinaryIO, left: int | None) -> int:
    number = 0
    blank = True
    while left is None or left > 0:
        piece = file.readline(_BUFFER)
        if not piece:
            break
        blank = blank and piece.isspace()
        if piece.endswith(b"\n"):
            number += not blank
            blank = True
        left = None if left is None else left - len(piece)
    return number + (not blank)


def read_line(path: Path, offset: int, *, max_bytes: int) -> bytes:
    """Return the line at an offset of a file; empty when it is too long."""
    with path.open("rb") as file:
        file.seek(offset)
        line = file.readline(max_bytes + 2)
    return line if len(line) <= max_bytes + 1 else b""
