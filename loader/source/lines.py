r"""Bytes to lines, each with its number and offset, in bounded memory.

Only ``\n`` ends a line. A line longer than the limit is read to its end in pieces and
leaves nothing but its length and digest.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from loader.errors import SourceChanged
from loader.model.record import Blank, Chunk, Item, Malformed

from .decode import Decoder

#: a chunk has at most so many lines, and stops growing after so many bytes
CHUNK_LINES = 256
CHUNK_BYTES = 256 << 10
_PIECE = 1 << 20


@dataclass(slots=True)
class Position:
    """Where a reader is. What changes: all of it, as lines are read."""

    offset: int = 0
    line: int = 1
    #: the byte before ``offset`` ends a line, or there is none
    at_line_start: bool = True


class LineReader:
    """Reads chunks of items from a binary file that stands at ``position``."""

    def __init__(
        self, file: BinaryIO, decoder: Decoder, *, max_line_bytes: int
    ) -> None:
        self._file = file
        self._decoder = decoder
        self._max = max_line_bytes
        self.position = Position()

    def chunk(self, end: int | None) -> Chunk:
        """Return the next items, none beyond the offset ``end``; nothing at the end.

        Raises:
            SourceChanged: the line that was last in an earlier run goes on.
        """
        items: list[Item] = []
        began = self.position.offset
        while len(items) < CHUNK_LINES and self.position.offset - began < CHUNK_BYTES:
            if end is not None and self.position.offset >= end:
                break
            raw = self._file.readline(self._max + 2)
            if not raw:
                break
            items.append(self._item(raw))
        return items

    def _item(self, raw: bytes) -> Item:
        """Make an item of a line, or of the first piece of one that is too long."""
        at = self.position
        if not at.at_line_start:
            return self._remainder(raw)
        if len(raw.rstrip(b"\r\n")) > self._max:
            item: Item = self._oversized(raw)
        else:
            item = self._decoder.decode(raw, line=at.line, offset=at.offset)
            at.at_line_start = raw.endswith(b"\n")
        at.offset += item.size
        at.line += 1
        return item

    def _remainder(self, raw: bytes) -> Item:
        """Take the line break that the former last line has got since."""
        at = self.position
        if raw.strip(b"\r\n"):
            raise SourceChanged(
                f"line {at.line - 1} was the last and had no line break; it has been "
                f"continued since at offset {at.offset}; restore the source, "
                "or use --load-dir NEW",
                offset=at.offset,
            )
        item = Blank(at.line - 1, at.offset, raw)
        at.offset += len(raw)
        at.at_line_start = raw.endswith(b"\n")
        return item

    def _oversized(self, raw: bytes) -> Malformed:
        """Read on to the end of the line, keeping its length and digest only."""
        at = self.position
        state = hashlib.blake2b(raw, digest_size=8)
        size = len(raw)
        while not raw.endswith(b"\n"):
            raw = self._file.readline(_PIECE)
            if not raw:
                break
            state.update(raw)
            size += len(raw)
        at.at_line_start = raw.endswith(b"\n")
        return Malformed(
            line=at.line,
            offset=at.offset,
            size=size,
            reason="LINE_TOO_LONG",
            message=f"the line has {size:,} bytes; at most {self._max:,} are taken "
            "(--max-line-bytes)",
            raw=b"",
            digest=state.digest(),
        )

    def skip(self, end: int, end_line: int) -> bytes:
        """Read over bytes up to an offset; return their digest (blake2b-64)."""
        state = hashlib.blake2b(digest_size=8)
        left = end - self.position.offset
        last = b"\n"
        while left > 0:
            piece = self._file.read(min(left, _PIECE))
            if not piece:
                break
            state.update(piece)
            left -= len(piece)
            last = piece[-1:]
        self.position = Position(end - left, end_line, last == b"\n")
        return state.digest()
