"""A file of NDJSON: seeks over what is known, and can be checked beside the reading."""

import asyncio
import contextlib
import os
import shlex
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from loader.errors import UsageError
from loader.model.record import Span

from .base import LineSource, Source
from .decode import DecodeOptions, is_blank
from .identity import source_digest, span_digest
from .lines import PIECE_BYTES, Bytes, first_line, is_longer
from .pipe import Pipe
from .streams import open_stream

#: reads the line of a source that starts at an offset; empty when it cannot
LineReader = Callable[[int], bytes]

_BUFFER = 1 << 20
#: how compressed files begin, and what writes what is in them; no JSON begins so
_COMPRESSED = {
    b"\x1f\x8b\x08": "gzip -dc",
    b"PK\x03\x04": "unzip -p",
    b"BZh": "bzip2 -dc",
    b"\xfd7zXZ\x00": "xz -dc",
    b"\x28\xb5\x2f\xfd": "zstd -dc",
}
#: a FIFO opens without waiting for its writer; for a regular file it means nothing
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class FileSource(LineSource):
    """A regular file. What changes: the position."""

    is_seekable = True

    def __init__(
        self, name: str, digest: str, file: BinaryIO, options: DecodeOptions
    ) -> None:
        super().__init__(name, digest, file, options)
        self.size: int | None = os.fstat(file.fileno()).st_size
        self._file = file

    async def skip(self, span: Span, end_line: int) -> None:
        """Seek over a known span."""
        await asyncio.to_thread(self._seek, span.end, end_line)

    def _seek(self, end: int, end_line: int) -> None:
        self._file.seek(max(0, end - 1))
        at_line_start = end == 0 or self._file.read(1) in (b"\n", b"")
        self._reader.move(end, end_line, at_line_start=at_line_start)

    async def digest_of(self, span: Span) -> bytes:
        """Return the digest (blake2b-64) of a span, without moving."""
        return await asyncio.to_thread(self._digest_of, span)

    def _digest_of(self, span: Span) -> bytes:
        # a descriptor of its own: whoever waits may leave, and the file be closed
        fd = os.dup(self._file.fileno())
        try:
            return span_digest(pieces_of(fd, span))
        finally:
            os.close(fd)


def pieces_of(fd: int, span: Span) -> Iterator[bytes]:
    """Give the bytes of a span, in pieces."""
    at = span.start
    while piece := os.pread(fd, max(0, min(PIECE_BYTES, span.end - at)), at):
        at += len(piece)
        yield piece


@contextlib.asynccontextmanager
async def open_file(path: Path, options: DecodeOptions) -> AsyncIterator[Source]:
    """Open a file; what is no regular file, such as a FIFO, is read as a stream.

    Raises:
        UsageError: it cannot be opened.
    """
    check_readable(path)
    name, fd = _name(path), opened(path)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        async with open_stream(fd, options, name=name, owns_fd=True) as stream:
            yield stream
        return
    source = None
    try:
        with os.fdopen(fd, "rb", buffering=_BUFFER) as file:
            digest = source_digest(await asyncio.to_thread(first_line, file.readline))
            file.seek(0)
            source = FileSource(name, digest, file, options)
            yield source
    finally:
        if source is not None:
            await source.ended()


@contextlib.contextmanager
def opened_at_once(source: str) -> Iterator[tuple[Bytes, int | None]]:
    """Open a path, or ``-``, to be read in the thread that opens it.

    Gives what lines are taken from, and the size of a file.

    Raises:
        UsageError: it cannot be opened.
    """
    if source == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed; give a file, or a pipe to '-'")
        yield Pipe(0), None
        return
    path = Path(source)
    check_readable(path)
    fd = opened(path)
    with os.fdopen(fd, "rb", buffering=_BUFFER) as file:
        found = os.fstat(fd)
        if stat.S_ISREG(found.st_mode):
            yield file, found.st_size
        else:
            yield Pipe(fd), None


def check_readable(path: Path) -> None:
    """Find out early whether a source can be read, and is no compressed file.

    Only a regular file is opened: to open a FIFO and close it again would end the
    program that writes into it.

    Raises:
        UsageError: it is not there, is a folder, or may not be read.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; give a file of NDJSON call records")
    if not os.access(path, os.R_OK):
        raise UsageError(
            f"cannot read {path}: this user may not; change its mode, or give another"
        )
    if stat.S_ISREG(mode):
        _check_plain(path)


def _check_plain(path: Path) -> None:
    """Refuse a compressed file: each piece of it would be rejected as a line."""
    with contextlib.suppress(OSError), path.open("rb", buffering=0) as file:
        begins = file.read(max(map(len, _COMPRESSED)))
        for magic, unpack in _COMPRESSED.items():
            if begins.startswith(magic):
                raise UsageError(
                    f"{path} is compressed; unpack it, or give its lines by: {unpack} "
                    f"{shlex.quote(str(path))} | python -m loader run - --load-dir DIR"
                )


def _name(path: Path) -> str:
    return readable(str(path.absolute()))


def readable(name: str) -> str:
    r"""Return the name of a file as text: bytes that are no UTF-8 become ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def opened(path: Path) -> int:
    """Open a source to read; a FIFO does not wait for its writer.

    Raises:
        UsageError: it cannot be opened.
    """
    try:
        return os.open(path, _FLAGS)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UsageError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return UsageError(f"cannot read {path}: {why}; give a file of NDJSON call records")


def count_lines(path: Path, ranges: Sequence[tuple[int, int | None]]) -> int:
    """Count the lines that are not blank in ranges of a file, in bounded memory.

    A range ends at the end of the file where its end is None; its start begins a line,
    or is the line break that ends the line before.
    """
    number = 0
    with path.open("rb", buffering=_BUFFER) as file:
        for start, end in ranges:
            file.seek(start)
            number += _count_from(file, start, end)
    return number


def _count_from(file: BinaryIO, offset: int, end: int | None) -> int:
    number = 0
    blank = True
    while end is None or offset < end:
        left = PIECE_BYTES if end is None else min(PIECE_BYTES, end - offset)
        piece = file.readline(left)
        if not piece:
            break
        blank = blank and is_blank(piece, offset)
        offset += len(piece)
        if piece.endswith(b"\n"):
            number += not blank
            blank = True
    return number + (not blank)


def read_line(path: Path, offset: int, *, max_bytes: int) -> bytes:
    """Return the line at an offset of a file; empty when it is too long."""
    with path.open("rb") as file:
        file.seek(offset)
        line = file.readline(max_bytes + 2)
    return b"" if is_longer(line, max_bytes) else line


def line_reader(path: Path | None, *, max_bytes: int) -> LineReader | None:
    """Return what reads single lines of a file; None when the file is not there."""
    if path is None or not path.is_file():
        return None
    return lambda offset: read_line(path, offset, max_bytes=max_bytes)
