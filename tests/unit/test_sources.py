"""Lines of files and streams: bounds, offsets, resuming, growing."""

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from loader.errors import SourceChanged, UsageError
from loader.model.record import Blank, CallRecord, Item, Malformed, Span
from loader.source.base import Source
from loader.source.decode import DecodeOptions
from loader.source.files import count_lines, open_file, read_line
from loader.source.streams import open_records, open_stream
from tests.conftest import a_line, call, write_source

OPTIONS = DecodeOptions()


async def read_all(source: Source, end: int | None = None) -> list[Item]:
    items: list[Item] = []
    while chunk := await source.read(end):
        items += chunk
    return items


def lines_of(items: list[Item]) -> list[int]:
    return [item.line for item in items if not isinstance(item, Blank)]


async def test_lines_and_offsets_follow_the_bytes(tmp_path: Path):
    """Only a line feed ends a line: U+2028 and a lone CR do not."""
    odd = a_line(1, hs_call_body="one\u2028two\u0085three")
    path = tmp_path / "f"
    path.write_bytes(odd + b"\n" + a_line(2).replace(b"\n", b"\r\n") + a_line(3))
    async with open_file(path, OPTIONS) as source:
        items = await read_all(source)

    assert lines_of(items) == [1, 3, 4]
    assert [item.offset for item in items] == [0, len(odd), len(odd) + 1,
        len(odd) + 1 + len(a_line(2)) + 1]  # fmt: skip


async def test_a_line_of_any_length_takes_bounded_memory(tmp_path: Path):
    """It is rejected by length, its neighbours are untouched, its bytes are hashed."""
    path = tmp_path / "f"
    long = b"x" * 50_000_000 + b"\n"
    path.write_bytes(a_line(1) + long + a_line(3))
    tracemalloc.start()
    async with open_file(path, DecodeOptions(max_line_bytes=5000)) as source:
        items = await read_all(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    rejected = items[1]
    assert isinstance(rejected, Malformed)
    assert (rejected.reason, rejected.size) == ("LINE_TOO_LONG", len(long))
    assert rejected.digest == hashlib.blake2b(long, digest_size=8).digest()
    assert isinstance(items[2], CallRecord)
    assert peak < 20_000_000


@pytest.mark.parametrize("extra", [0, 1])
async def test_the_longest_line_is_exact(tmp_path: Path, extra: int):
    """The bound counts the line without its line break."""
    path = tmp_path / "f"
    line = a_line(1)
    path.write_bytes(line)
    options = DecodeOptions(max_line_bytes=len(line) - 1 - extra)
    async with open_file(path, options) as source:
        (item,) = await read_all(source)

    assert isinstance(item, Malformed) == bool(extra)


async def test_reading_never_goes_beyond_an_end(source: Path):
    """A known span ends where it ended."""
    async with open_file(source, OPTIONS) as opened:
        whole = await read_all(opened)
    end = whole[100].offset
    async with open_file(source, OPTIONS) as opened:
        part = await read_all(opened, end)
        rest = await read_all(opened)

    assert part + rest == whole
    assert len(part) == 100


async def test_a_file_seeks_over_what_is_known(source: Path):
    """The items after it are the same as if it had been read."""
    async with open_file(source, OPTIONS) as opened:
        whole = await read_all(opened)
    at = whole[200]
    async with open_file(source, OPTIONS) as opened:
        digest = await opened.skip(Span(0, at.offset), at.line)
        rest = await read_all(opened)

    assert digest is None
    assert rest == whole[200:]


async def test_a_stream_reads_over_what_is_known_and_hashes_it(source: Path):
    """The digest lets the caller see that it is what it was."""
    data = source.read_bytes()
    async with open_file(source, OPTIONS) as opened:
        whole = await read_all(opened)
    at = whole[200]
    with source.open("rb") as file:
        async with open_stream(file.fileno(), OPTIONS) as stream:
            digest = await stream.skip(Span(0, at.offset), at.line)
            rest = await read_all(stream)

    assert digest == hashlib.blake2b(data[: at.offset], digest_size=8).digest()
    assert rest == whole[200:]


async def test_a_source_is_named_by_its_first_line(tmp_path: Path):
    """Growing keeps the name, another first line changes it; blank ones do not."""
    one = write_source(tmp_path / "one", 3)
    grown = tmp_path / "grown"
    grown.write_bytes(b"\n  \n" + one.read_bytes() + a_line(4))
    other = tmp_path / "other"
    other.write_bytes(a_line(9) + one.read_bytes())
    digests: list[str] = []
    for path in (one, grown, other):
        async with open_file(path, OPTIONS) as source:
            digests.append(source.digest)

    assert digests[0] == digests[1] != digests[2]


async def test_a_line_break_added_to_the_last_line_is_no_new_line(tmp_path: Path):
    """A file that ended without one, and grew."""
    path = tmp_path / "f"
    first = a_line(1)
    path.write_bytes(first + a_line(2))
    async with open_file(path, OPTIONS) as source:
        await source.skip(Span(0, len(first) - 1), 2)
        items = await read_all(source)

    assert [(type(i), i.line) for i in items] == [(Blank, 1), (CallRecord, 2)]


async def test_a_last_line_that_was_continued_is_a_change(tmp_path: Path):
    """It was loaded as it was; now it is another record."""
    path = tmp_path / "f"
    path.write_bytes(a_line(1))
    async with open_file(path, OPTIONS) as source:
        await source.skip(Span(0, 10), 2)
        with pytest.raises(SourceChanged) as caught:
            await read_all(source)

    assert caught.value.offset == 10


async def test_a_digest_of_a_span_does_not_move_the_reader(source: Path):
    """Verification runs beside the reading."""
    async with open_file(source, OPTIONS) as opened:
        first = await opened.read()
        digest = await opened.digest_of(Span(10, 5000))
        second = await opened.read()

    expected = hashlib.blake2b(source.read_bytes()[10:5000], digest_size=8).digest()
    assert digest == expected
    assert second == [] or second[0].line == first[-1].line + 1


async def test_a_silent_pipe_does_not_hold_the_process():
    """A read that nobody waits for any more ends soon."""
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, a_line(1))
        async with open_stream(read_end, OPTIONS) as source:
            task = asyncio.create_task(read_all(source))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    finally:
        os.close(write_end)
        os.close(read_end)


async def test_a_pipe_is_read_to_its_end():
    """Standard input may be a pipe that brings its lines in pieces."""
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, b"\n" + a_line(1) + a_line(2)[:9])
        os.write(write_end, a_line(2)[9:])
        os.close(write_end)
        async with open_stream(read_end, OPTIONS) as source:
            items = await read_all(source)
    finally:
        os.close(read_end)

    assert lines_of(items) == [2, 3]


async def feed(values: list[Any]) -> AsyncIterator[Any]:
    for value in values:
        await asyncio.sleep(0)
        yield value


async def test_records_of_a_program_are_lines_too():
    """Mappings, bytes and text; what cannot be written is rejected like a bad line."""
    values = [call(1), a_line(2), a_line(3).decode(), {"properties": object()}, call(5)]
    async with open_records(feed(values), OPTIONS, name="mine") as source:
        items = await read_all(source)

    assert lines_of(items) == [1, 2, 3, 4, 5]
    assert isinstance(items[3], Malformed)


async def test_records_of_a_program_can_be_passed_over():
    """A second run gets the iterator anew and checks what was loaded."""
    values = [call(n) for n in range(1, 11)]
    async with open_records(feed(values), OPTIONS, name="mine") as source:
        whole = await read_all(source)
    async with open_records(feed(values), OPTIONS, name="mine") as source:
        digest = await source.skip(Span(0, whole[4].offset), 5)
        rest = await read_all(source)

    raw = b"".join(i.raw for i in whole[:4])
    assert digest == hashlib.blake2b(raw, digest_size=8).digest()
    assert rest == whole[4:]


async def test_a_source_that_cannot_be_read_is_told_before_anything_is_sent(tmp_path):
    """One sentence with the name and the reason."""
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(UsageError, match=str(path)):
            async with open_file(path, OPTIONS):
                pass


def test_lines_are_counted_in_ranges(tmp_path: Path):
    """Blank lines do not count; a last line without a line break does."""
    path = tmp_path / "f"
    path.write_bytes(b"a\n\nb\n  \nc\nlast")

    assert count_lines(path, [(0, None)]) == 4
    assert count_lines(path, [(0, 3), (8, None)]) == 3
    assert count_lines(path, [(99, None)]) == 0


def test_a_single_line_can_be_read_again(tmp_path: Path):
    """For the result files; one that is too long is left out."""
    path = tmp_path / "f"
    path.write_bytes(b"abc\ndefgh\n")

    assert read_line(path, 4, max_bytes=5) == b"defgh\n"
    assert read_line(path, 4, max_bytes=4) == b""
