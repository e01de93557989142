"""Lines of a file read again, to compare what became of them with what they say."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from loader.model.record import CallRecord, Span
from loader.model.settings import MEBIBYTE

from .decode import DecodeOptions, Decoder
from .files import check_readable, opened, pieces_of
from .identity import source_digest, span_digest
from .lines import first_line

#: no line that was ever taken is longer, in bytes
_MOST = 16 * MEBIBYTE + 2


class Again:
    """A file whose lines are known by number and offset; for one thread at a time."""

    def __init__(self, file: BinaryIO, options: DecodeOptions) -> None:
        self._file = file
        #: names the source; see ``identity.source_digest``
        self.digest = source_digest(first_line(file.readline))
        self._decoder = Decoder(self.digest, options)

    def digest_of(self, span: Span) -> bytes:
        """Return the digest (blake2b-64) of a span."""
        return span_digest(pieces_of(self._file.fileno(), span))

    def record(self, line: int, offset: int) -> CallRecord | None:
        """Return the record of a line; None when it is none."""
        self._file.seek(offset)
        raw = self._file.readline(_MOST)
        item = self._decoder.decode(raw, line=line, offset=offset)
        return item if isinstance(item, CallRecord) else None


@contextlib.contextmanager
def read_again(path: Path, options: DecodeOptions) -> Iterator[Again]:
    """Open a file that was loaded before.

    Raises:
        UsageError: it cannot be read.
    """
    check_readable(path)
    with os.fdopen(opened(path), "rb") as file:
        yield Again(file, options)
