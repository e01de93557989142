"""Rows of result files: which load wrote them, of which line, and the record inside.

Rows are read leniently: whoever corrected the file may have changed anything in it, and
his editor its form.
"""

from collections.abc import Iterable, Iterator

import msgspec

from .decode import BOM

#: rows in rows that are looked at
_MOST_ROWS = 20
#: a row that an editor spread over several lines may have so many bytes
_MOST_BYTES = 4 << 20


class Row(msgspec.Struct, frozen=True):
    """What a row of ``rejected.ndjson`` or ``in_doubt.ndjson`` says of itself."""

    line: int
    offset: int
    #: folder of the load that wrote it
    load: str
    #: digest of that load's source
    source: str


class _Around(msgspec.Struct, frozen=True):
    record: msgspec.Raw
    properties: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_row = msgspec.json.Decoder(Row).decode
_around = msgspec.json.Decoder(_Around).decode
_text = msgspec.json.Decoder(str).decode
_NOT_ONE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def rows_of(raw: bytes) -> Iterator[Row]:
    """Give the rows of a line of a result file, the outermost first."""
    for text in _nested(raw):
        try:
            row = _row(text)
        except _NOT_ONE:
            continue  # the record, or somebody took a field out of the row
        yield row


def record_of(raw: bytes) -> bytes:
    """Return the record within a line of a result file; empty where it is null."""
    *_, record = _nested(raw)
    return b"" if record == b"null" else record


def _nested(raw: bytes) -> Iterator[bytes]:
    """Give a line, what it is a row around, and so on."""
    text = raw.removeprefix(BOM).strip()
    yield text
    for _ in range(_MOST_ROWS):
        try:
            around = _around(text)
            if around.properties is not msgspec.UNSET:
                return
            text = bytes(around.record)
            if text.startswith(b'"'):
                text = _text(text).encode().removeprefix(BOM)
        except _NOT_ONE:
            return
        yield text


def tidied(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Give rows one to a line again, whatever an editor made of them.

    An object spread over several lines ends where a brace stands as far to the right
    as the one that began it; the brackets and commas of an array are left out.
    """
    held: list[bytes] = []
    size = 0
    for line in lines:
        text = line.strip()
        if held:
            held.append(line)
            size += len(line)
            if text in (b"}", b"},") and _indent(line) == _indent(held[0]):
                yield b" ".join(each.strip() for each in held).rstrip(b",") + b"\n"
                held = []
            elif size > _MOST_BYTES:
                yield from held
                held = []
        elif text.removeprefix(BOM) == b"{":
            held = [line.removeprefix(BOM)]
            size = len(line)
        elif text.removeprefix(BOM) in (b"[", b"]"):
            yield b"\n"
        elif text.startswith(b"{") and text.endswith(b"},"):
            yield text[:-1] + b"\n"
        else:
            yield line
    yield from held


class Tidied:
    """The bytes of rows that are one to a line again, to take lines from.

    What changes: the bytes that were made and not taken yet.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = tidied(lines)
        self._held = b""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, at least one before the end."""
        self._held = self._held or next(self._lines, b"")
        return self._taken(size)

    def readline(self, size: int, /) -> bytes:
        """Return what is left of a line, with its line break, cut to a size."""
        while b"\n" not in self._held and len(self._held) < size:
            more = next(self._lines, b"")
            if not more:
                return self._taken(size)
            self._held += more
        return self._taken(min(size, self._held.find(b"\n") + 1 or size))

    def _taken(self, size: int) -> bytes:
        taken, self._held = self._held[:size], self._held[size:]
        return taken


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())
