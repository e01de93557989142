"""What is taken back of a load, and how far that has come.

The row of ``undo`` and the mark are durable before the first call is archived: from
then on no run sends anything for this load. The batches keep what they say, since a
settled state never changes: the load did create these calls.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from loader.model.proof import Made

from .mark import change_mark
from .sql import QUERIES


class Undo(msgspec.Struct, frozen=True):
    """The row of ``undo``."""

    begun_at: str
    ended_at: str | None
    #: names what was confirmed
    digest: str
    #: to archive
    calls: int
    #: of these: archived
    archived: int = 0
    #: everything before this offset is archived, in bytes
    frontier: int = 0


def read_undo(connection: sqlite3.Connection) -> Undo | None:
    """Return what was taken back; None of a load that nobody has undone."""
    row = connection.execute(QUERIES["read_undo"]).fetchone()
    return None if row is None else Undo(*row)


def begin_undo(connection: sqlite3.Connection, undo: Undo) -> None:
    """Record what was confirmed, before the first call is archived."""
    _write(connection, undo)
    change_mark(connection, "mark_undone")


def spare(connection: sqlite3.Connection, made: Iterable[Made], reason: str) -> None:
    """Record that calls are left alone, and why."""
    rows = [(each.line, each.object_id, reason) for each in made]
    connection.executemany(QUERIES["insert_spared"], rows)


def spared_among(
    connection: sqlite3.Connection, made: Sequence[Made]
) -> frozenset[int]:
    """Return the lines among these whose calls are left alone."""
    if not made:
        return frozenset()
    lines = (made[0].line, made[-1].line + 1)
    return frozenset(line for line, _ in connection.execute(QUERIES["spared"], lines))


def advance_undo(
    connection: sqlite3.Connection, undo: Undo, refused: Iterable[Made]
) -> None:
    """Record that a sheaf was archived, but for what the portal refused."""
    spare(connection, refused, "refused")
    _write(connection, undo)


def count_spared(connection: sqlite3.Connection) -> dict[str, int]:
    """Count what was left alone, by reason."""
    return dict(connection.execute(QUERIES["count_spared"]).fetchall())


def _write(connection: sqlite3.Connection, undo: Undo) -> None:
    connection.execute(QUERIES["write_undo"], msgspec.structs.astuple(undo))
