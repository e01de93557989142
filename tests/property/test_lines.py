"""Lines of any bytes: nothing is lost, and every boundary is a place to resume."""

import io
import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loader.model.record import Blank, Item, own_digest
from loader.source.decode import DecodeOptions, Decoder
from loader.source.files import count_lines
from loader.source.lines import Bytes, LineReader
from loader.source.pipe import Pipe

RECORD = b'{"properties":{"hs_timestamp":"1"}}'
#: short enough that some lines are longer
LIMIT = 80

_line = st.one_of(
    st.sampled_from([RECORD, b"", b" ", b"\r", b"\xef\xbb\xbf", "\u2028".encode()]),
    st.binary(max_size=12),
    st.integers(LIMIT - 2, LIMIT + 3).map(lambda size: b"x" * size),
    st.integers(LIMIT - 2, LIMIT + 9).map(lambda size: b"\r" * size),
    st.sampled_from([b"x" * LIMIT + b"\r\r", b"x" * LIMIT + b"\r\rx"]),
)
_source = st.lists(st.tuples(_line, st.sampled_from([b"\n", b"\r\n"]))).flatmap(
    lambda pairs: _line.map(lambda last: b"".join(a + b for a, b in pairs) + last)
)


def reader(file: Bytes) -> LineReader:
    """Read from a file of bytes."""
    decoder = Decoder("abc", DecodeOptions())
    return LineReader(file, decoder, max_line_bytes=LIMIT)


def all_items(of: LineReader, end: int | None = None) -> list[Item]:
    """Read chunk after chunk to the end."""
    items: list[Item] = []
    while chunk := of.chunk(end):
        items += chunk
    return items


class Trickle(io.RawIOBase):
    """A file that gives its bytes in pieces of given sizes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__()
        self._data, self._sizes, self._reads = data, sizes, 0

    def readable(self):
        """Say yes."""
        return True

    def readinto(self, buffer):
        """Give the next piece."""
        size = min(self._sizes[self._reads % len(self._sizes)], len(buffer))
        self._reads += 1
        piece, self._data = self._data[:size], self._data[size:]
        buffer[: len(piece)] = piece
        return len(piece)


@given(_source)
def test_the_items_are_the_source(data):
    """Their bytes joined are its bytes; offsets and line numbers follow them."""
    items = all_items(reader(io.BytesIO(data)))

    offset = 0
    for number, item in enumerate(items, start=1):
        assert (item.line, item.offset) == (number, offset)
        raw = data[offset : offset + item.size]
        assert item.raw == (raw if own_digest(item) is None else b"")
        assert b"\n" not in raw[:-1]
        offset += item.size
    assert offset == len(data)


@given(_source)
def test_what_is_read_as_a_line_is_counted_as_one(data):
    """Else the counts would not add up to the lines of the source."""
    items = all_items(reader(io.BytesIO(data)))
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        counted = count_lines(Path(file.name), [(0, None)])

    assert counted == sum(not isinstance(each, Blank) for each in items)


@given(_source, st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_the_items_do_not_depend_on_how_bytes_come(data, sizes):
    """A file in blocks, a slow pipe in drips."""
    whole = all_items(reader(io.BytesIO(data)))
    trickled = all_items(reader(io.BufferedReader(Trickle(data, sizes), 16)))

    assert trickled == whole


@given(_source)
def test_a_pipe_gives_the_lines_of_a_file(data):
    """It is another reader, with a buffer of its own."""
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, data)
        os.close(write_end)
        piped = all_items(reader(Pipe(read_end)))
    finally:
        os.close(read_end)

    assert piped == all_items(reader(io.BytesIO(data)))


@given(_source, st.data())
def test_every_boundary_is_a_place_to_resume(data, choose):
    """Sought or skipped, the items after it are the same."""
    whole = all_items(reader(io.BytesIO(data)))
    number = choose.draw(st.integers(0, len(whole)))
    at = whole[number].offset if number < len(whole) else len(data)
    sought, skipped = io.BytesIO(data), io.BytesIO(data)
    sought.seek(at)
    one, other = reader(sought), reader(skipped)
    one.move(at, number + 1, at_line_start=not at or data[at - 1 : at] == b"\n")
    other.skip(at, number + 1)

    assert all_items(one) == all_items(other) == whole[number:]


@given(_source, st.data())
def test_reading_in_parts_is_reading(data, choose):
    """An end at any boundary, as the ledger's known spans have it."""
    whole = all_items(reader(io.BytesIO(data)))
    ends = [each.offset for each in whole]
    chosen = choose.draw(st.lists(st.sampled_from(ends)).map(sorted)) if ends else []
    of = reader(io.BytesIO(data))
    parts = [each for end in [*chosen, None] for each in all_items(of, end)]

    assert parts == whole


@given(_source, _source)
def test_a_source_that_grows_keeps_its_items(before, after):
    """After a line break, or with one: what was loaded is what it was."""
    loaded = all_items(reader(io.BytesIO(before)))
    glue = b"" if not before or before.endswith(b"\n") else b"\n"
    of = reader(io.BytesIO(before + glue + after))
    again = all_items(of, len(before))
    of.chunk(len(before + glue))
    rest = all_items(of)

    assert again == loaded
    assert all(each.line > len(loaded) for each in rest)
    assert sum(each.size for each in rest) == len(after)
