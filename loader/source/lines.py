r"""Bytes to lines, each with its number and offset, in bounded memory.

Only ``\n`` ends a line. A line longer than the limit is read to its end in pieces and
leaves nothing but its length and digest.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from loader.errors import SourceChanged
from loader.model.record import Blank, CallRecord, Chunk, Item, Malformed, own_digest

from .decode import Decoder, is_blank
from .identity import NAMING_BYTES, span_digest

#: a chunk has at most so many lines, and stops growing after so many bytes
CHUNK_LINES = 500
CHUNK_BYTES = 1 << 19
#: a line without an end, and bytes that are passed over, are taken in such pieces
PIECE_BYTES = 1 << 20
#: a source is named by what its first bytes hold; whatever is blank before is kept
NAMED_WITHIN = 16 << 20


class Bytes(Protocol):
    """What a reader takes its lines from: a binary file, or a pipe."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, at least one before the end."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Return what is left of a line, with its line break, cut to a size."""
        ...


def never() -> bool:
    """Say that a source is never quiet: its lines are all there."""
    return False


class LineReader:
    """Reads items from bytes, chunk by chunk.

    What changes: ``offset`` and ``line``, where the next item begins, and an item that
    was read and belongs into a chunk of its own.
    """

    def __init__(
        self,
        source: Bytes,
        decoder: Decoder,
        *,
        max_line_bytes: int,
        is_quiet: Callable[[], bool] = never,
    ) -> None:
        self._source = source
        self._decoder = decoder
        self._max = max_line_bytes
        self._is_quiet = is_quiet
        self.offset = 0
        self.line = 1
        #: the byte before ``offset`` ends a line, or there is none
        self._at_line_start = True
        self._held: Item | None = None

    def chunk(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond the offset ``end``; nothing at the end.

        A source that is quiet ends a chunk early: lines that are there do not wait for
        lines that may never come.

        Raises:
            SourceChanged: the line that was last in an earlier run goes on.
        """
        items: list[Item] = []
        full = self.offset + CHUNK_BYTES
        while len(items) < CHUNK_LINES and self.offset < full:
            if items and self._is_quiet():
                break
            item = self._next(end)
            if item is None:
                break
            if not isinstance(item, CallRecord) and own_digest(item) is not None:
                return self._alone(item, items)
            items.append(item)
        return items

    def _alone(self, item: Item, items: list[Item]) -> Chunk:
        """Return the items before this one, if there are any; it comes next."""
        if not items:
            return [item]
        self._held = item
        return items

    def move(self, offset: int, line: int, *, at_line_start: bool) -> None:
        """Say that the bytes to come begin elsewhere."""
        self.offset = offset
        self.line = line
        self._at_line_start = at_line_start
        self._held = None

    def skip(self, end: int, end_line: int) -> bytes:
        """Read over bytes up to an offset; return their digest."""
        digest = span_digest(self._pieces(end))
        self.line = end_line
        return digest

    def _pieces(self, end: int) -> Iterator[bytes]:
        while piece := self._source.read(self._within(PIECE_BYTES, end)):
            self._pass(piece)
            yield piece

    def _next(self, end: int | None) -> Item | None:
        if self._held is not None:
            item, self._held = self._held, None
            return item
        size = self._max + 2 if end is None else self._within(self._max + 2, end)
        raw = self._source.readline(size)
        if self._at_line_start and len(raw) <= self._max and raw.endswith(b"\n"):
            line, offset = self.line, self.offset
            self.line, self.offset = line + 1, offset + len(raw)
            return self._decoder.decode(raw, line=line, offset=offset)
        if not raw:
            return None
        return self._item(raw, end) if self._at_line_start else self._line_break(raw)

    def _within(self, size: int, end: int | None) -> int:
        return size if end is None else max(0, min(size, end - self.offset))

    def _pass(self, raw: bytes) -> None:
        self.offset += len(raw)
        self._at_line_start = raw.endswith(b"\n")

    def _item(self, raw: bytes, end: int | None) -> Item:
        """Make an item of the last line, or of the first piece of one too long."""
        line, offset = self.line, self.offset
        self.line += 1
        self._pass(raw)
        if is_longer(raw, self._max):
            return self._long_item(raw, line, offset, end)
        return self._decoder.decode(raw, line=line, offset=offset)

    def _long_item(self, raw: bytes, line: int, offset: int, end: int | None) -> Item:
        """Make an item of a line that is too long, which may still be a blank one."""
        size, blank = 0, True

        def looked_at() -> Iterator[bytes]:
            nonlocal size, blank
            for piece in self._rest_of(raw, end):
                blank = blank and is_blank(piece, offset + size)
                size += len(piece)
                yield piece

        digest = span_digest(looked_at())
        if blank:
            return Blank(line, offset, b"", size, digest)
        return too_long(line, offset, size, digest, self._max)

    def _rest_of(self, raw: bytes, end: int | None) -> Iterator[bytes]:
        """Give a line that is too long, piece by piece, to its end."""
        yield raw
        while not self._at_line_start:
            raw = self._source.readline(self._within(PIECE_BYTES, end))
            if not raw:
                break
            self._pass(raw)
            yield raw

    def _line_break(self, raw: bytes) -> Item:
        """Take the line break that the former last line has got since."""
        line, offset = self.line - 1, self.offset
        if raw not in (b"\n", b"\r\n", b"\r"):
            raise SourceChanged(
                f"line {line} was the last and had no line break; it goes on "
                f"now, at offset {offset}; restore the source, or use --load-dir NEW",
                offset=offset,
            )
        self._pass(raw)
        return Blank(line, offset, raw)


def first_line(readline: Callable[[int], bytes]) -> bytes:
    """Return the first line that is not blank, cut to what names a source."""
    offset = 0
    while offset < NAMED_WITHIN and (piece := readline(NAMING_BYTES)):
        if not is_blank(piece, offset):
            return piece
        offset += len(piece)
    return b""


def is_longer(raw: bytes, max_line_bytes: int) -> bool:
    r"""Whether a line is too long; its line break does not count.

    Nor do carriage returns in front of it, as far as they are read: a line that is cut
    at two bytes more than the limit is too long, whatever its last two bytes are.

    >>> is_longer(b"ab\r\n", 2), is_longer(b"ab\r\r", 2)
    (False, True)
    """
    if len(raw) <= max_line_bytes:
        return False
    is_cut = len(raw) >= max_line_bytes + 2 and not raw.endswith(b"\n")
    return is_cut or len(raw.rstrip(b"\r\n")) > max_line_bytes


def too_long(
    line: int, offset: int, size: int, digest: bytes, max_line_bytes: int
) -> Malformed:
    """Make an item of a line that is too long: its bytes are not kept."""
    return Malformed(
        line=line,
        offset=offset,
        size=size,
        reason="LINE_TOO_LONG",
        message=f"the line has {size:,} bytes with its line break; at most "
        f"{max_line_bytes:,} are taken (--max-line-bytes)",
        raw=b"",
        digest=digest,
    )
