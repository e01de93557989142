"""Who a record is: a pure function of the record and the source, for ever.

Never of time, batch, attempt or chance, so that a lost ledger or another machine finds
the same ID again. ASCII lower case, digits and ``-`` only, since it is unknown whether
HubSpot folds case or trims in unique values.
"""

import hashlib

#: what may surround a line without being part of its content
_AROUND = b" \t\r\n"


def source_digest(first_line: bytes) -> str:
    """Name a source by its first line that is not blank: 12 hex digits.

    A source that grows keeps it.
    """
    return hashlib.blake2b(first_line.strip(_AROUND), digest_size=6).hexdigest()


def line_trace_id(digest: str, line: int, raw: bytes) -> str:
    """Return ``<source digest>-<line number>-<content check>``.

    A person can read the line number off it, and other content has another ID.
    """
    check = hashlib.blake2b(raw.strip(_AROUND), digest_size=8).hexdigest()
    return f"{digest}-{line}-{check}"


def key_trace_id(property_name: str, value: str) -> str:
    """Derive an ID from the source system's own: ``key-`` and 32 hex digits.

    A file that is sorted or exported again gives the same IDs.
    """
    text = f"{property_name}\0{value}".encode()
    return f"key-{hashlib.blake2b(text, digest_size=16).hexdigest()}"
