"""IDs that come twice, over a source of any length, in bounded memory.

An entry is 40 bytes: a digest of the ID, a digest of the content, the line. Entries are
sorted in memory and put aside in runs, which are merged at the end: entries of one ID
then stand beside each other, in order of their lines. Nothing but digests is written,
to a temporary file without a name (in ``TMPDIR``): 40 MB for a million IDs.

Decision: runs that are merged; instead of a set, which takes 130 MB per million IDs, or
of a table with an index, whose random writes cost ten times as much.
"""

import hashlib
import heapq
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from loader.errors import Stopped

_ID, _CONTENT, _LINE = 16, 16, 8
_ENTRY = _ID + _CONTENT + _LINE
#: entries that are sorted in memory at once: about 15 MB
RUN_ENTRIES = 100_000
#: entries that are read of each run at once
_READ_ENTRIES = 2_000


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
        self._runs: list[tuple[int, int]] = []
        self._file: BinaryIO | None = None

    def add(self, name: str, says: bytes, line: int) -> None:
        """Take what a line is called, and what it says.

        Raises:
            Stopped: there is no room for temporary files.
        """
        called = hashlib.blake2b(name.encode(), digest_size=_ID).digest()
        content = hashlib.blake2b(says, digest_size=_CONTENT).digest()
        # the line before the content, so that the first line comes first
        self._entries.append(called + line.to_bytes(_LINE, "big") + content)
        if len(self._entries) >= self._run_entries:
            self._put_aside()

    def found(self) -> Iterator[Repeat]:
        """Give each line that is called as an earlier one; in no order."""
        first = b""
        for entry in self._merged():
            if entry[:_ID] != first[:_ID]:
                first = entry
                continue
            line = int.from_bytes(entry[_ID : _ID + _LINE], "big")
            yield Repeat(
                line,
                int.from_bytes(first[_ID : _ID + _LINE], "big"),
                says_the_same=entry[_ID + _LINE :] == first[_ID + _LINE :],
            )

    def close(self) -> None:
        """Let the temporary file go."""
        if self._file is not None:
            self._file.close()

    def _merged(self) -> Iterator[bytes]:
        self._entries.sort()
        runs = [self._read(start, end) for start, end in self._runs]
        return heapq.merge(*runs, self._entries)

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
                "are found by 40 bytes a line; set TMPDIR to a folder with room, and "
                "run the same command again"
            ) from error
        self._runs.append((start, start + len(self._entries) * _ENTRY))
        self._entries = []

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        """Give the entries of a run, some at a time: other runs share the file."""
        file = self._file
        while file is not None and start < end:
            file.seek(start)
            piece = file.read(min(end - start, _READ_ENTRIES * _ENTRY))
            start += len(piece)
            yield from (piece[at : at + _ENTRY] for at in range(0, len(piece), _ENTRY))
