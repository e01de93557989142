"""IDs that come twice, over a source of any length, in bounded memory.

An entry is 32 bytes: a digest of the ID, the line, a hash of the content. Entries are
sorted in memory and put aside in runs; at the end those that begin with the same byte
are brought together from all runs, and entries of one ID then stand beside each other,
in order of their lines. Nothing but digests is written, to a temporary file without a
name (in ``TMPDIR``): 32 MB for a million IDs.

Decision: sorted runs; instead of a set, which takes 130 MB per million IDs, or of a
table with an index, whose random writes cost ten times as much.
"""

import hashlib
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from loader.errors import Stopped

_ID, _LINE, _CONTENT = 16, 8, 8
_ENTRY = _ID + _LINE + _CONTENT
#: entries that are sorted in memory at once: about 15 MB
RUN_ENTRIES = 100_000
#: what entries can begin with, and what is beyond them all
_BEGINNINGS = [bytes([each]) for each in range(256)]
_BEYOND = b"\xff" * (_ENTRY + 1)
_CONTENTS = 1 << 64


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line that is called as an earlier one."""

    line: int
    first_line: int
    says_the_same: bool


class Repeats:
    """Finds IDs that come twice.

    What changes: the entries of the run that is being collected, and the runs put aside
    so far.
    """

    def __init__(self, *, run_entries: int = RUN_ENTRIES) -> None:
        self._run_entries = run_entries
        self._entries: list[bytes] = []
        #: of each run, where in the file the entries of each beginning start
        self._runs: list[list[int]] = []
        self._file: BinaryIO | None = None

    def add(self, name: str, says: bytes, line: int) -> None:
        """Take what a line is called, and what it says.

        Raises:
            Stopped: there is no room for temporary files.
        """
        called = hashlib.blake2b(name.encode(), digest_size=_ID).digest()
        # only compared under one name, and in this process
        content = (hash(says) % _CONTENTS).to_bytes(_CONTENT, "big")
        # the line before the content, so that the first line comes first
        self._entries.append(called + line.to_bytes(_LINE, "big") + content)
        if len(self._entries) >= self._run_entries:
            self._put_aside()

    def found(self) -> Iterator[Repeat]:
        """Give each line that is called as an earlier one; in no order."""
        self._entries.sort()
        bounds = _bounds(self._entries)
        for at, (start, end) in enumerate(pairwise(bounds)):
            entries = self._entries[start:end]
            for run in self._runs:
                entries += self._read(run[at], run[at + 1])
            entries.sort()
            yield from _repeats(entries)

    def close(self) -> None:
        """Let the temporary file go."""
        if self._file is not None:
            self._file.close()

    def _put_aside(self) -> None:
        self._entries.sort()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - see close
            start = self._file.seek(0, 2)
            self._file.write(b"".join(self._entries))
            self._file.flush()
        except OSError as error:
            raise Stopped(
                f"no room for temporary files ({error.strerror}): IDs that come twice "
                f"are found by {_ENTRY} bytes a line; set TMPDIR to a folder with "
                "room, and run the same command again"
            ) from error
        self._runs.append([start + at * _ENTRY for at in _bounds(self._entries)])
        self._entries = []

    def _read(self, start: int, end: int) -> list[bytes]:
        if self._file is None:
            return []
        self._file.seek(start)
        piece = self._file.read(end - start)
        return [piece[at : at + _ENTRY] for at in range(0, len(piece), _ENTRY)]


def _bounds(entries: list[bytes]) -> list[int]:
    """Return where the entries of each beginning start, and where the last end."""
    return [bisect_left(entries, each) for each in (*_BEGINNINGS, _BEYOND)]


def _repeats(entries: list[bytes]) -> Iterator[Repeat]:
    """Find entries of one name in sorted entries."""
    first = b""
    for before, entry in pairwise(entries):
        if entry[:_ID] != before[:_ID]:
            continue
        if first[:_ID] != entry[:_ID]:
            first = before
        yield Repeat(
            _line(entry),
            _line(first),
            says_the_same=entry[-_CONTENT:] == first[-_CONTENT:],
        )


def _line(entry: bytes) -> int:
    return int.from_bytes(entry[_ID : _ID + _LINE], "big")
