"""What a file is now, and whether the loaded part is what was loaded."""

import hashlib
from pathlib import Path

import pytest

from loader.model.record import Span
from loader.source import checksum
from loader.source.checksum import checked

CONTENT = b"".join(b"line %d\n" % number for number in range(2000))


def spans(content: bytes) -> list[tuple[Span, bytes]]:
    """Return spans with gaps before, between and after them."""
    ends = [(10, 500), (500, 900), (1200, 9000), (9000, 9001)]
    return [
        (Span(start, end), hashlib.blake2b(content[start:end], digest_size=8).digest())
        for start, end in ends
    ]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(checksum, "PIECE_BYTES", 64)
    path = tmp_path / "calls.ndjson"
    path.write_bytes(CONTENT)
    return path


def test_a_file_is_what_it_was(file: Path):
    """Read once, for both; the checksum is of all of it."""
    found = checked(file, spans(CONTENT))

    assert found.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (found.size, found.changed_at) == (len(CONTENT), None)


@pytest.mark.parametrize(
    ("at", "begins"), [(0, None), (10, 10), (899, 500), (950, None), (9000, 9000)]
)
def test_a_change_is_found_in_what_was_loaded_alone(
    file: Path, at: int, begins: int | None
):
    """By the first span that differs; the rest may be anything."""
    changed = CONTENT[:at] + b"?" + CONTENT[at + 1 :]
    file.write_bytes(changed)
    found = checked(file, spans(CONTENT))

    assert found.changed_at == begins
    assert found.sha256 == hashlib.sha256(changed).hexdigest()


def test_a_file_that_was_cut_has_changed(file: Path):
    """What is not there any more is not what it was."""
    file.write_bytes(CONTENT[:600])
    found = checked(file, spans(CONTENT))

    assert (found.size, found.changed_at) == (600, 500)


def test_a_file_may_have_grown_or_be_empty(file: Path):
    """Then there is nothing that could differ."""
    file.write_bytes(CONTENT + b"more\n")
    grown = checked(file, spans(CONTENT))
    file.write_bytes(b"")
    empty = checked(file, [])

    assert (grown.changed_at, empty.changed_at) == (None, None)
    assert empty.sha256 == hashlib.sha256(b"").hexdigest()
