"""Which line of a first load a line of its correction corrects, and what came of it.

A correction's rows name a line of the first load, its *origin*, or one that another
correction has by itself. An origin is claimed in the identity table as an ID is, by the
first line that corrects it, so that it can be found without reading the ledger. Beside
the IDs, which are printable, its name begins with a character that is not.
"""

import hashlib
import re
import sqlite3
from typing import NamedTuple

from loader.model.result import Result

from .packing import unpack_records
from .projection import OPEN_REASON, result_of_line
from .sql import QUERIES, BatchRow


class Claim(NamedTuple):
    """Who has an origin: the first line that took it, and whether with the same ID."""

    line: int
    same_id: bool


_DERIVED = re.compile(r"([0-9a-f]{12})-(\d{1,18})-[0-9a-f]{16}")


def claim_origin(
    connection: sqlite3.Connection, origin: str, *, line: int, trace_id: str | None
) -> Claim:
    """Take an origin for a line, unless a line has it.

    A line that is not sent has no ``trace_id`` and takes the origin apart from those
    that are: what it tries to correct may be corrected further down.
    """
    name = _name(origin, sent=trace_id is not None)
    check = hashlib.blake2b((trace_id or "").lower().encode(), digest_size=8).digest()
    connection.execute(QUERIES["claim"], (name, line, check))
    first, known = connection.execute(QUERIES["claimant"], (name,)).fetchone()
    return Claim(first, same_id=known == check)


def result_of_origin(connection: sqlite3.Connection, origin: str) -> Result | None:
    """Return what a correction made of an origin; None for nothing."""
    for sent in (True, False):
        found = connection.execute(
            QUERIES["claimant"], (_name(origin, sent=sent),)
        ).fetchone()
        result = result_of_line(connection, found[0]) if found is not None else None
        if result is not None:
            return result
    return None


def will_send(connection: sqlite3.Connection, origin: str) -> bool:
    """Tell whether a correction has begun to send an origin, and has no outcome yet.

    Its next run sends it again, or finds it and takes it for its own, whatever others
    have done meanwhile.
    """
    found = connection.execute(
        QUERIES["claimant"], (_name(origin, sent=True),)
    ).fetchone()
    if found is None:
        return False
    result = result_of_line(connection, found[0])
    if result is not None and result.message != OPEN_REASON:
        return False
    _, armed = armed_id(connection, found[0])
    return armed is not None


def _name(origin: str, *, sent: bool) -> bytes:
    text = f"\0{'sent' if sent else 'kept'}\0{origin}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def result_of_id(
    connection: sqlite3.Connection, trace_id: str, *, digest: str
) -> Result | None:
    """Return what became of the record with an ID; ``digest`` is the source's."""
    derived = _DERIVED.fullmatch(trace_id)
    if derived is not None and derived[1] == digest:
        line = int(derived[2])
    else:
        name = hashlib.blake2b(trace_id.lower().encode(), digest_size=16).digest()
        found = connection.execute(QUERIES["claimant"], (name,)).fetchone()
        if found is None:
            return None
        line = found[0]
    result = result_of_line(connection, line)
    return result if result is not None and result.trace_id == trace_id else None


def armed_id(connection: sqlite3.Connection, line: int) -> tuple[bool, str | None]:
    """Tell whether a batch covers a line, and the ID with which it sends it."""
    found = connection.execute(QUERIES["batch_of_line"], {"line": line}).fetchone()
    if found is None:
        return False, None
    batch = BatchRow(*found)
    keys = unpack_records(
        batch.records, start=batch.start_offset, first_line=batch.first_line
    )
    return True, next((key.trace_id for key in keys if key.line == line), None)
