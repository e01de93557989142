"""What a file is now: its checksum, and whether the loaded part is what was loaded."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from loader.model.record import Span

from .lines import PIECE_BYTES


class Checked(msgspec.Struct, frozen=True):
    """A file that was read from its first byte to its last."""

    sha256: str
    size: int
    #: start of the first span that is not what it was, in bytes
    changed_at: int | None


def checked(path: Path, spans: Iterable[tuple[Span, bytes]]) -> Checked:
    """Read a file once: all of it for its SHA-256, and each span against its digest.

    The spans are in order of the file and do not overlap.

    Raises:
        OSError: it cannot be read.
    """
    whole = hashlib.sha256()
    at, changed_at = 0, None
    with path.open("rb", buffering=0) as file:
        for span, digest in spans:
            for piece in _pieces(file, span.start - at):
                whole.update(piece)
            part = hashlib.blake2b(digest_size=8)
            for piece in _pieces(file, span.size):
                whole.update(piece)
                part.update(piece)
            if changed_at is None and part.digest() != digest:
                changed_at = span.start
            at = span.end
        for piece in _pieces(file, None):
            whole.update(piece)
        return Checked(whole.hexdigest(), file.tell(), changed_at)


def _pieces(file: BinaryIO, size: int | None) -> Iterator[bytes]:
    """Read so many bytes, or all that are left, as far as they are there."""
    while size is None or size > 0:
        piece = file.read(PIECE_BYTES if size is None else min(PIECE_BYTES, size))
        if not piece:
            return
        if size is not None:
            size -= len(piece)
        yield piece
