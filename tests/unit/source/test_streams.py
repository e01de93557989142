"""Streams: standard input and pipes, that may be slow, silent or cut off."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.model.record import Item, Malformed, Span
from loader.source.base import Source
from loader.source.decode import DecodeOptions
from loader.source.identity import source_digest
from loader.source.streams import open_stream
from tests.conftest import a_line

OPTIONS = DecodeOptions()
#: what a read that nobody wants any more may still take
SOON_S = 0.4


class Pair:
    """The two ends of a pipe. What changes: the write end, once it is closed."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()

    def write(self, data: bytes) -> None:
        """Write all of it, be it more than the pipe holds."""
        while data:
            data = data[os.write(self.write_end, data) :]

    def close(self) -> None:
        """Close the write end: the stream ends."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1


def data_of(path: Path) -> bytes:
    """Return the bytes of a file."""
    return path.read_bytes()


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A pipe, closed after the test."""
    pair = Pair()
    yield pair
    pair.close()
    os.close(pair.read_end)


async def all_items(source: Source) -> list[Item]:
    """Read chunk after chunk to the end."""
    items: list[Item] = []
    while chunk := await source.read():
        items += chunk
    return items


async def test_a_pipe_is_read_to_its_end(pair: Pair):
    """In lines, however it comes in pieces."""
    data = b"\n" + b"".join(a_line(number) for number in range(1, 3000)) + b"{}"

    def write() -> None:
        for start in range(0, len(data), 999):
            pair.write(data[start : start + 999])
        pair.close()

    writer = threading.Thread(target=write)
    writer.start()
    async with open_stream(pair.read_end, OPTIONS) as source:
        items = await all_items(source)
    writer.join()

    assert b"".join(each.raw for each in items) == data
    assert [each.line for each in items] == list(range(1, 3002))
    assert source.digest == source_digest(a_line(1))


async def test_a_stream_says_what_it_is(pair: Pair):
    """It has no size, cannot seek, and is called as the command line calls it."""
    pair.close()
    async with open_stream(pair.read_end, OPTIONS) as source:
        assert (source.name, source.size, source.is_seekable) == ("-", None, False)
        assert source.digest == source_digest(b"")
        with pytest.raises(UsageError, match="stream"):
            await source.digest_of(Span(0, 1))


async def test_lines_do_not_wait_for_lines_that_may_never_come(pair: Pair):
    """A slow source is loaded as it comes; half a line waits for its other half."""
    pair.write(a_line(1) + a_line(2) + a_line(3)[:20])
    async with open_stream(pair.read_end, OPTIONS) as source, asyncio.timeout(5):
        first = await source.read()
        pair.write(a_line(3)[20:])
        second = await source.read()

    assert [len(first), len(second)] == [2, 1]


async def test_a_regular_file_can_be_standard_input(source: Path):
    """``< calls.ndjson`` works as well, from its beginning to its end."""
    with source.open("rb") as file:
        async with open_stream(file.fileno(), OPTIONS) as stream:
            items = await all_items(stream)

    assert b"".join(each.raw for each in items) == data_of(source)


async def test_what_was_loaded_is_passed_over_and_hashed(source: Path):
    """A stream is read again from its start; the digest says whether it is the same."""
    data = data_of(source)
    with source.open("rb") as file:
        async with open_stream(file.fileno(), OPTIONS) as stream:
            whole = await all_items(stream)
    at = whole[100]
    with source.open("rb") as file:
        async with open_stream(file.fileno(), OPTIONS) as stream:
            digest = await stream.skip(Span(0, at.offset), at.line)
            rest = await all_items(stream)

    assert digest == hashlib.blake2b(data[: at.offset], digest_size=8).digest()
    assert rest == whole[100:]


async def test_a_first_line_of_any_length_is_not_kept(pair: Pair):
    """It names the source by its beginning, and is rejected like any other."""
    long = b"x" * 5_000_000 + b"\n"
    writer = threading.Thread(target=lambda: (pair.write(long), pair.close()))
    writer.start()
    async with open_stream(pair.read_end, OPTIONS) as source:
        (item,) = await all_items(source)
    writer.join()

    assert isinstance(item, Malformed)
    assert (item.reason, item.size) == ("LINE_TOO_LONG", len(long))
    assert source.digest == source_digest(long)


async def test_a_cancelled_read_ends_soon(pair: Pair):
    """A thread that waits for a silent pipe does not keep the process alive."""
    pair.write(a_line(1))
    async with open_stream(pair.read_end, OPTIONS) as source:
        await source.read()
        read = asyncio.create_task(source.read())
        await asyncio.sleep(0.05)
        began = time.monotonic()
        read.cancel()
        with pytest.raises(asyncio.CancelledError):
            await read

    assert time.monotonic() - began < SOON_S


async def test_a_cancelled_opening_ends_soon(pair: Pair):
    """It waits for the first line, which may never come."""

    async def opened() -> None:
        async with open_stream(pair.read_end, OPTIONS):
            pass

    opening = asyncio.create_task(opened())
    await asyncio.sleep(0.05)
    began = time.monotonic()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening

    assert time.monotonic() - began < SOON_S


def test_a_process_with_a_silent_pipe_ends_soon(pair: Pair):
    """The loop waits for its threads when it closes; none may hang."""

    async def interrupted() -> None:
        async with open_stream(pair.read_end, OPTIONS) as source:
            await source.read()
            async with asyncio.timeout(0.05):
                await source.read()

    pair.write(a_line(1))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())

    assert time.monotonic() - began < SOON_S + 0.1


async def test_no_line_is_lost_by_a_cancelled_read(pair: Pair):
    """The read goes on in its thread, and the next one gets its lines."""
    pair.write(a_line(1))
    async with open_stream(pair.read_end, OPTIONS) as source:
        await source.read()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await source.read()
        pair.write(a_line(2))
        async with asyncio.timeout(5):
            items = await source.read()

    assert [each.line for each in items] == [2]


async def test_a_skip_can_be_cancelled_too(pair: Pair):
    """What was loaded may come slowly as well."""
    pair.write(a_line(1))
    began = time.monotonic()
    async with open_stream(pair.read_end, OPTIONS) as source:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await source.skip(Span(0, 10_000), 9)

    assert time.monotonic() - began < SOON_S


async def test_another_reader_may_be_faster(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
):
    """Then nothing is there after all, and the wait goes on."""
    read = os.read
    answers = iter([BlockingIOError])

    def raced(fd: int, size: int) -> bytes:
        if (error := next(answers, None)) is not None:
            raise error
        return read(fd, size)

    monkeypatch.setattr(os, "read", raced)
    pair.write(a_line(1))
    pair.close()
    async with open_stream(pair.read_end, OPTIONS) as source:
        assert len(await all_items(source)) == 1


async def test_input_that_cannot_be_read_is_told(tmp_path: Path):
    """Such as a folder as standard input."""
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(UsageError, match="cannot read -: Is a directory"):
            async with open_stream(fd, OPTIONS):
                pass
    finally:
        os.close(fd)
