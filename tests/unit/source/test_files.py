"""Files: opened, sought, checked, counted."""

import gzip
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from loader.errors import SourceChanged, UsageError
from loader.model.record import Blank, CallRecord, Item, Span
from loader.source.base import Source
from loader.source.decode import DecodeOptions
from loader.source.files import check_readable, count_lines, open_file, read_line
from loader.source.identity import source_digest
from tests.conftest import a_line

OPTIONS = DecodeOptions()


async def all_items(source: Source, end: int | None = None) -> list[Item]:
    """Read chunk after chunk to the end."""
    items: list[Item] = []
    while chunk := await source.read(end):
        items += chunk
    return items


def digest(raw: bytes) -> bytes:
    """Hash as the ledger has it."""
    return hashlib.blake2b(raw, digest_size=8).digest()


def data_of(path: Path) -> bytes:
    """Return the bytes of a file."""
    return path.read_bytes()


def rotate(path: Path) -> None:
    """Give the name of a file to another one."""
    path.rename(path.with_suffix(".1"))
    path.write_bytes(b"another")


def open_descriptors() -> int:
    """Count the descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of 600 calls: more than two chunks."""
    path = tmp_path / "calls.ndjson"
    path.write_bytes(b"".join(a_line(number) for number in range(1, 601)))
    return path


async def test_a_file_says_what_it_is(path: Path, monkeypatch: Any):
    """An absolute path, a size, a digest, and that it can seek."""
    monkeypatch.chdir(path.parent)
    async with open_file(Path(path.name), OPTIONS) as source:
        assert source.name == str(path)
        assert source.size == len(data_of(path))
        assert source.digest == source_digest(a_line(1))
        assert source.is_seekable


async def test_an_empty_file_has_no_items(tmp_path: Path):
    """It is a source like any other."""
    empty = tmp_path / "empty"
    empty.touch()
    async with open_file(empty, OPTIONS) as source:
        assert await source.read() == []
        assert source.digest == source_digest(b"")


async def test_a_file_is_read_to_where_its_end_is_found(path: Path):
    """Also when it grew since it was opened."""
    async with open_file(path, OPTIONS) as source:
        first = await source.read()
        with path.open("ab") as file:
            file.write(a_line(601))
        items = [*first, *await all_items(source)]

    assert [each.line for each in items] == list(range(1, 602))


async def test_what_is_known_is_passed_by_seeking(path: Path):
    """The items after it are the same as if it had been read."""
    async with open_file(path, OPTIONS) as source:
        whole = await all_items(source)
    at = whole[300]
    async with open_file(path, OPTIONS) as source:
        assert await source.skip(Span(0, at.offset), at.line) is None
        assert await all_items(source) == whole[300:]


async def test_a_span_without_line_break_can_be_read_again_after_growth(path: Path):
    """It is recovered as it was; the line break that came since is no line."""
    loaded = len(data_of(path)) - 1
    async with open_file(path, OPTIONS) as source:
        before = await all_items(source, loaded)
        with path.open("ab") as file:
            file.write(a_line(601))
        after = await all_items(source)

    assert before[-1].offset + before[-1].size == loaded
    assert [(type(each), each.line) for each in after] == [
        (Blank, 600),
        (CallRecord, 601),
    ]


async def test_a_seek_into_a_line_finds_out_whether_it_went_on(path: Path):
    """Nothing but a line break may follow what was the end."""
    async with open_file(path, OPTIONS) as source:
        await source.skip(Span(0, 10), 2)
        with pytest.raises(SourceChanged) as caught:
            await source.read()

    assert caught.value.offset == 10


async def test_a_seek_to_the_end_finds_nothing(path: Path):
    """Everything was loaded before."""
    async with open_file(path, OPTIONS) as source:
        await source.skip(Span(0, len(data_of(path))), 601)
        assert await source.read() == []


async def test_a_span_is_checked_without_moving_the_reader(path: Path):
    """Verification runs beside the reading."""
    path.write_bytes(path.read_bytes() * 2)
    data = data_of(path)
    async with open_file(path, OPTIONS) as source:
        first = await source.read()
        assert await source.digest_of(Span(7, 9000)) == digest(data[7:9000])
        assert await source.digest_of(Span(0, 10**9)) == digest(data)
        rest = await all_items(source)

    assert rest[0].line == first[-1].line + 1


async def test_the_open_file_is_checked_not_another_of_its_name(path: Path):
    """A log that is rotated meanwhile does not look like a change."""
    data = data_of(path)
    async with open_file(path, OPTIONS) as source:
        rotate(path)
        assert await source.digest_of(Span(0, 500)) == digest(data[:500])


async def test_a_symbolic_link_is_read(path: Path):
    """Exports are often published under a fixed name."""
    link = path.with_name("latest")
    link.symlink_to(path)
    async with open_file(link, OPTIONS) as source:
        assert len(await all_items(source)) == 600


async def test_a_fifo_is_a_stream(tmp_path: Path):
    """Opening it waits for no writer, and takes none away."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def write() -> None:
        with fifo.open("wb") as file:
            file.write(a_line(1) + a_line(2))

    check_readable(fifo)
    writer = threading.Timer(0.05, write)
    writer.start()
    async with open_file(fifo, OPTIONS) as source:
        items = await all_items(source)
    writer.join()

    assert len(items) == 2
    assert (source.is_seekable, source.size) == (False, None)
    assert source.name == str(fifo)


async def test_descriptors_are_closed(path: Path, tmp_path: Path):
    """Of files and FIFOs, read or not."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    before = open_descriptors()
    async with open_file(path, OPTIONS) as source:
        await source.digest_of(Span(0, 9))
    writer = threading.Thread(target=fifo.write_bytes, args=[a_line(1)])
    writer.start()
    async with open_file(fifo, OPTIONS):
        pass
    writer.join()

    assert open_descriptors() == before


@pytest.mark.parametrize("name", ["missing", ".", "nul\0"])
async def test_what_cannot_be_read_is_told_at_once(tmp_path: Path, name: str):
    """One sentence: what, why, and what to do."""
    with pytest.raises(UsageError, match="give a file"):
        async with open_file(tmp_path / name, OPTIONS):
            pass


def test_a_file_of_somebody_else_is_told_at_once(path: Path, monkeypatch: Any):
    """The mode says no."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(UsageError, match="may not"):
        check_readable(path)


def test_lines_are_counted_as_they_are_read(tmp_path: Path):
    """Blank lines and a byte order mark do not count, a last line does."""
    path = tmp_path / "f"
    path.write_bytes(b"\xef\xbb\xbf\na\n\n\x0b\r\n \t\r\nlast")

    assert count_lines(path, [(0, None)]) == 3
    assert count_lines(path, [(0, 6), (13, None)]) == 2
    assert count_lines(path, [(5, 6)]) == 0  # the line break of a line before
    assert count_lines(path, [(99, None)]) == 0


def test_a_long_line_is_counted_once(tmp_path: Path):
    """However many pieces it is read in, and blank as its beginning may be."""
    path = tmp_path / "f"
    path.write_bytes(b" " * 3_000_000 + b"x" * 3_000_000 + b"\n" + b" " * 3_000_000)

    assert count_lines(path, [(0, None)]) == 1


@pytest.mark.parametrize("line_break", [b"", b"\n", b"\r\n"])
def test_a_single_line_can_be_read_again(tmp_path: Path, line_break: bytes):
    """For the result files; one that is too long is left out."""
    path = tmp_path / "f"
    path.write_bytes(b"abc\ndefgh" + line_break)

    assert read_line(path, 4, max_bytes=5) == b"defgh" + line_break
    assert read_line(path, 4, max_bytes=4) == b""


def test_a_line_that_reading_would_cut_is_not_read_again_either(tmp_path: Path):
    """Carriage returns at the limit are no line break, as in reading."""
    path = tmp_path / "f"
    path.write_bytes(b"abcde\r\rx\n")

    assert read_line(path, 0, max_bytes=5) == b""


@pytest.mark.parametrize(
    ("begins", "unpack"),
    [(gzip.compress(a_line(1)), "gzip -dc"), (b"\x28\xb5\x2f\xfd\x00", "zstd -dc")],
)
def test_a_compressed_file_is_refused_with_the_way_to_load_it(
    tmp_path: Path, begins: bytes, unpack: str
):
    """Pieces of it would all be rejected as lines."""
    path = tmp_path / "calls.ndjson.gz"
    path.write_bytes(begins)

    with pytest.raises(UsageError, match=f"{unpack} .* run - --load-dir"):
        check_readable(path)
