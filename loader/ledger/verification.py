"""How far the created records were compared, and what was found.

A sheaf and its findings are one transaction, so a verification that was cut off goes on
behind the last sheaf that is durable. One that has ended begins anew.
"""

import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from loader.model.proof import Counts, Difference, Finding, Standing

from .sql import QUERIES

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Difference, ...]).decode


class Verification(msgspec.Struct, frozen=True):
    """The row of ``verification``."""

    begun_at: str
    ended_at: str | None = None
    #: everything before this offset is compared, in bytes
    frontier: int = 0
    #: created records before it
    compared: int = 0
    #: sent for it, all runs together
    requests: int = 0


def read_verification(connection: sqlite3.Connection) -> Verification | None:
    """Return how far the last one came; None before the first."""
    row = connection.execute(QUERIES["read_verification"]).fetchone()
    return None if row is None else Verification(*row)


def begin_verification(connection: sqlite3.Connection, now: str) -> Verification:
    """Go on with the one that was cut off, or begin.

    It goes on only if what it compared is still all that was created there: a run in
    between may have learnt more. An undo in between has made an end of it.
    """
    known = read_verification(connection)
    if known is not None and known.ended_at is None:
        (created,) = connection.execute(
            QUERIES["created_before"], (known.frontier,)
        ).fetchone()
        if created == known.compared:
            return known
    begun = Verification(now)
    connection.execute(QUERIES["forget_findings"])
    _write(connection, begun)
    return begun


def advance_verification(
    connection: sqlite3.Connection, state: Verification, findings: Sequence[Finding]
) -> None:
    """Record that a sheaf was compared, and what was found."""
    connection.executemany(
        QUERIES["insert_finding"],
        [
            (
                each.line, each.offset, each.trace_id, each.object_id, each.standing,
                _encode(each.differences),
            )
            for each in findings
        ],
    )  # fmt: skip
    _write(connection, state)


def _write(connection: sqlite3.Connection, state: Verification) -> None:
    row = msgspec.structs.astuple(state)
    connection.execute(QUERIES["write_verification"], row)


def read_findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Give what was found, in order of lines."""
    for row in connection.execute(QUERIES["findings"]):
        line, offset, trace_id, object_id, standing, details = row
        yield Finding(
            line, offset, trace_id, object_id, Standing(standing), _decode(details)
        )


def count_findings(connection: sqlite3.Connection, compared: int) -> Counts:
    """Count the records that were compared by how they stand."""
    found: dict[str, int] = dict(
        connection.execute(QUERIES["count_findings"]).fetchall()
    )
    return Counts(equal=compared - sum(found.values()), **found)
