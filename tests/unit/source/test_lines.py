"""Bytes to lines: breaks, offsets, bounds, chunks."""

import hashlib
import io
import tracemalloc

import pytest

from loader.errors import SourceChanged
from loader.model.record import Blank, CallRecord, Item, Malformed
from loader.source import lines
from loader.source.decode import DecodeOptions, Decoder
from loader.source.lines import Bytes, LineReader, first_line
from tests.conftest import a_line


def reader(data: bytes | Bytes, limit: int = 5000, **options) -> LineReader:
    """Read bytes, or from a file of bytes."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    decoder = Decoder("abc", DecodeOptions())
    return LineReader(file, decoder, max_line_bytes=limit, **options)


def all_items(of: LineReader, end: int | None = None) -> list[Item]:
    """Read chunk after chunk to the end."""
    items: list[Item] = []
    while chunk := of.chunk(end):
        items += chunk
    return items


def digest(raw: bytes) -> bytes:
    """Hash as the ledger has it."""
    return hashlib.blake2b(raw, digest_size=8).digest()


def test_only_a_line_feed_ends_a_line():
    """U+2028, NEL, form feed and a lone CR are part of it."""
    odd = a_line(1, hs_call_body="a\u2028b\u0085c").replace(b"}", b"\r}", 1)
    raw = "é\u2028é\u0085".encode() + b"\x0c\x0b\r.\n"
    items = all_items(reader(odd + raw + a_line(3)))

    assert [(each.line, each.offset) for each in items] == [
        (1, 0),
        (2, len(odd)),
        (3, len(odd) + len(raw)),
    ]


def test_carriage_returns_and_blank_lines_count_as_bytes():
    """Numbers and offsets are those that an editor shows."""
    data = b"\r\n" + a_line(2).replace(b"\n", b"\r\n") + b"  \n" + a_line(4)[:-1]
    items = all_items(reader(data))

    assert [type(each) for each in items] == [Blank, CallRecord, Blank, CallRecord]
    assert [each.line for each in items] == [1, 2, 3, 4]
    assert sum(each.size for each in items) == len(data)


@pytest.mark.parametrize("line_break", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_line_is_exact(line_break, over):
    """Its line break does not count."""
    line = a_line(1)[:-1]
    (item,) = all_items(reader(line + line_break, len(line) - over))

    assert isinstance(item, Malformed) == bool(over)


@pytest.mark.parametrize("line_break", [b"", b"\n", b"\r\n"])
def test_a_line_that_is_too_long_leaves_its_length_and_digest(line_break):
    """Its neighbours are untouched, and its bytes are not kept."""
    long = b"x" * 3_000_000 + line_break
    after = a_line(3) if line_break else b""
    items = all_items(reader(a_line(1) + long + after))

    item = items[1]
    assert isinstance(item, Malformed)
    assert (item.reason, item.size, item.raw) == ("LINE_TOO_LONG", len(long), b"")
    assert item.digest == digest(long)
    assert [each.line for each in items] == ([1, 2, 3] if line_break else [1, 2])


def test_a_line_that_is_too_long_is_alone_in_its_chunk():
    """Its span is digested by its own digest, which no other bytes can join."""
    long = b"x" * 9000 + b"\n"
    data = a_line(1) + long + long + a_line(4) + a_line(5)
    of = reader(data)
    chunks = [[each.line for each in of.chunk()] for _ in range(5)]

    assert chunks == [[1], [2], [3], [4, 5], []]


def test_a_line_of_any_length_takes_bounded_memory():
    """As much as a piece of it, be it as long as a disk."""

    class Endless(io.RawIOBase):
        left = 500_000_000

        def readable(self):
            return True

        def readinto(self, buffer):
            size = min(self.left, len(buffer))
            buffer[:size] = bytes(size)  # what is there could hold a line break
            self.left -= size
            return size

    tracemalloc.start()
    of = reader(io.BufferedReader(Endless(), 1 << 20))
    (item,) = of.chunk()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert item.size == 500_000_000
    assert peak < 8 << 20


def test_chunks_are_bounded_by_lines_and_bytes():
    """A chunk is what travels through the queue at once."""
    short = reader(b"\n" * (lines.CHUNK_LINES + 1))
    long = reader(a_line(1, hs_call_body="x" * 4000) * 300)

    assert len(short.chunk()) == lines.CHUNK_LINES
    size = sum(each.size for each in long.chunk())
    assert lines.CHUNK_BYTES <= size < lines.CHUNK_BYTES + 5000


def test_nothing_is_read_beyond_an_end():
    """A known span ends where it ended, also in the middle of what is a line now."""
    data = a_line(1) + a_line(2)
    of = reader(data)
    end = len(a_line(1)) + 10
    before = all_items(of, end)

    assert sum(each.size for each in before) == end
    assert of.chunk(end) == []


def test_a_long_line_is_not_read_beyond_an_end_either():
    """Its digest is that of the span it was settled with."""
    data = b"x" * 20_000 + b"\n"
    (item,) = all_items(reader(data), 20_000)

    assert isinstance(item, Malformed)
    assert item.digest == digest(data[:-1])


@pytest.mark.parametrize("blank", [b" \t\r" * 4000, b"\xef\xbb\xbf" + b" " * 6000])
def test_a_blank_line_is_blank_however_long(blank: bytes):
    """It is no line when lines are counted, so it is none when they are read."""
    data = blank + b"\n"
    first, second = all_items(reader(data + a_line(2)))

    assert first == Blank(1, 0, b"", length=len(data), digest=digest(data))
    assert second.offset == first.size


def test_a_byte_order_mark_is_blank_only_at_the_start():
    """Further on it is a character like any."""
    mark = b"\xef\xbb\xbf"
    one, other = all_items(reader(b"\n" + mark + b" " * 6000 + b"\n"))

    assert isinstance(one, Blank)
    assert isinstance(other, Malformed)


@pytest.mark.parametrize("end", [b"\r\r", b"\r\rx\n", b"\r\r\n"])
def test_carriage_returns_at_the_limit_do_not_cut_a_line_in_two(end: bytes):
    """A line of exactly the limit with more than a line break after it is too long."""
    data = b"x" * 5000 + end
    first, *rest = all_items(reader(data + (a_line(2) if end[-1:] == b"\n" else b"")))

    assert isinstance(first, Malformed)
    assert (first.reason, first.size) == ("LINE_TOO_LONG", len(data))
    assert [each.line for each in rest] == ([2] if end[-1:] == b"\n" else [])


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
def test_a_line_break_that_came_later_is_no_line(line_break):
    """It is blank, belongs to the line before, and numbers go on."""
    data = a_line(1)[:-1] + line_break + a_line(2)
    of = reader(data)
    loaded = len(a_line(1)) - 1
    first = all_items(of, loaded)
    rest = all_items(of)

    assert [each.size for each in first] == [loaded]
    assert rest[0] == Blank(1, loaded, line_break)
    assert [each.line for each in rest] == [1, 2]


@pytest.mark.parametrize("more", [b"x", b" \n", b"}\n", b"\r\r\n", b"\x0b\n"])
def test_a_last_line_that_went_on_is_a_change(more):
    """It was loaded as it was; now it is another record."""
    loaded = a_line(1)[:-1]
    of = reader(loaded + more)
    all_items(of, len(loaded))

    with pytest.raises(SourceChanged) as caught:
        of.chunk()

    assert caught.value.offset == len(loaded)
    assert "line 1" in str(caught.value)


def test_a_source_that_did_not_grow_simply_ends():
    """A last line without a line break is no reason to complain."""
    of = reader(a_line(1)[:-1])

    assert len(all_items(of)) == 1
    assert of.chunk() == []


def test_a_line_break_may_come_in_two_halves():
    """The file was looked at between its two bytes."""
    loaded = a_line(1)[:-1]
    of = reader(loaded + b"\r\n" + a_line(2))
    all_items(of, len(loaded))
    half, other = all_items(of, len(loaded) + 1), all_items(of, len(loaded) + 2)

    assert [each.raw for each in half + other] == [b"\r", b"\n"]
    assert [each.line for each in all_items(of)] == [2]


def test_skipped_bytes_are_hashed():
    """A stream cannot seek, so it checks on its way."""
    data = a_line(1) + a_line(2) + a_line(3)
    of = reader(data)
    end = len(a_line(1) + a_line(2))

    assert of.skip(end, 3) == digest(data[:end])
    assert [(each.line, each.offset) for each in of.chunk()] == [(3, end)]


def test_a_skip_beyond_the_end_hashes_what_there_is():
    """The digest differs, which is all that a caller needs."""
    of = reader(a_line(1))

    assert of.skip(10_000, 9) == digest(a_line(1))
    assert of.offset == len(a_line(1))


def test_a_skip_into_a_line_knows_that_it_is_in_one():
    """The former last line had no line break, and has one now."""
    of = reader(a_line(1) + a_line(2))
    end = len(a_line(1)) - 1
    of.skip(end, 2)

    assert [type(each) for each in of.chunk()] == [Blank, CallRecord]


def test_a_quiet_source_gives_what_is_there():
    """Lines do not wait for lines that may never come."""
    of = reader(a_line(1) * 3, is_quiet=lambda: True)

    assert [len(of.chunk()) for _ in range(4)] == [1, 1, 1, 0]


def test_the_first_line_that_is_not_blank_names_a_source():
    """Blank lines, and a byte order mark in front of them, do not."""
    file = io.BytesIO(b"\xef\xbb\xbf\r\n  \n" + a_line(3) + a_line(4))

    assert first_line(file.readline) == a_line(3)
    assert first_line(io.BytesIO(b"\n \n").readline) == b""
