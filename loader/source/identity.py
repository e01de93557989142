"""Who a record is: a pure function of the record and the source, for ever.

Never of time, batch, attempt or chance, so that a lost ledger or another machine finds
the same ID again. Derived IDs are lower-case ASCII, digits and ``-`` only, since it is
unknown whether HubSpot folds case or trims in unique values.
"""

import hashlib
import re
from collections.abc import Iterable

#: so much of a source's first line names the source: a stream must be named before it
#: is read, and its first line may be longer than memory
NAMING_BYTES = 1 << 20
#: longest ID that a line may bring, in characters
MAX_ID_CHARACTERS = 255


def source_digest(first_line: bytes) -> str:
    r"""Name a source by its first line that is not blank: 12 hex digits.

    A source that grows keeps it, and so does one that went through Windows.

    >>> source_digest(b"{}\r\n") == source_digest(b"{}")
    True
    """
    named_by = first_line[:NAMING_BYTES].rstrip(b"\r\n")
    return hashlib.blake2b(named_by, digest_size=6).hexdigest()


def is_digest(text: str) -> bool:
    """Whether a text could name a source."""
    return re.fullmatch("[0-9a-f]{12}", text) is not None


def line_trace_id(digest: str, line: int, raw: bytes) -> str:
    """Return ``<source digest>-<line number>-<content check>``.

    A person can read the line number off it, and other content has another ID.
    """
    return f"{digest}-{line}-{content_check(raw).hex()}"


def content_check(raw: bytes) -> bytes:
    """Hash a line without its line break and the blanks before it (8 bytes)."""
    return hashlib.blake2b(raw.rstrip(b" \t\r\n"), digest_size=8).digest()


def key_trace_id(property_name: str, value: str) -> str:
    """Derive an ID from the source system's own: ``key-`` and 32 hex digits.

    A file that is sorted or exported again gives the same IDs.
    """
    text = f"{property_name}\0{value}".encode()
    return f"key-{hashlib.blake2b(text, digest_size=16).hexdigest()}"


def is_usable(trace_id: str) -> bool:
    """Whether a line's own ID can be one: printable ASCII, no blanks around it.

    The safe reading: nobody knows what HubSpot makes of anything else.
    """
    return (
        0 < len(trace_id) <= MAX_ID_CHARACTERS
        and trace_id.isascii()
        and trace_id.isprintable()
        and trace_id == trace_id.strip()
    )


def span_digest(pieces: Iterable[bytes]) -> bytes:
    """Hash the bytes of a span, given in order and in pieces of any size (8 bytes)."""
    state = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        state.update(piece)
    return state.digest()
