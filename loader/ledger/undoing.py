"""What is taken back of a load, and how far that has come.

The row of ``undo`` and the mark are durable before the first call is archived: from
then on no run sends anything for this load. The batches keep what they say, since a
settled state never changes: the load did create these calls.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from loader.model.outcome import State
from loader.model.proof import Made
from loader.model.result import Result

from .mark import change_mark
from .sql import QUERIES

#: the reason of a call that is not proved to be archived: tried again by the next undo
REFUSED = "refused"
#: such calls that are tried at a time
SOME = 1000
_END = (1 << 63) - 1


class Undo(msgspec.Struct, frozen=True):
    """The row of ``undo``."""

    begun_at: str
    ended_at: str | None
    #: names what was confirmed of this load
    digest: str
    #: to archive
    calls: int
    #: of these: archived
    archived: int = 0
    #: everything before this offset is archived, in bytes
    frontier: int = 0

    @property
    def is_done(self) -> bool:
        """It came to its end, and all that was confirmed is archived."""
        return self.ended_at is not None and self.archived >= self.calls


def read_undo(connection: sqlite3.Connection) -> Undo | None:
    """Return what was taken back; None of a load that nobody has undone."""
    row = connection.execute(QUERIES["read_undo"]).fetchone()
    return None if row is None else Undo(*row)


def begin_undo(connection: sqlite3.Connection, undo: Undo) -> None:
    """Record what was confirmed, before the first call is archived."""
    _write(connection, undo)
    change_mark(connection, "mark_undone")


def forget_spared(connection: sqlite3.Connection) -> None:
    """Begin to look anew: nothing was confirmed yet."""
    connection.execute(QUERIES["forget_spared"])


def spare(connection: sqlite3.Connection, made: Iterable[tuple[Made, str]]) -> None:
    """Record that calls are left alone, each with its reason."""
    rows = [(each.line, each.object_id, reason) for each, reason in made]
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
    connection: sqlite3.Connection, undo: Undo, refused: Iterable[Made] = ()
) -> None:
    """Record that a sheaf was archived, but for what the portal refused."""
    spare(connection, ((each, REFUSED) for each in refused))
    _write(connection, undo)


def refused_after(connection: sqlite3.Connection, line: int) -> list[tuple[int, str]]:
    """Return the lines and objects behind a line that are to be tried again, some."""
    rows = connection.execute(QUERIES["refused_after"], (line, REFUSED, SOME))
    return list(rows.fetchall())


def archived_after_all(
    connection: sqlite3.Connection, undo: Undo, lines: Iterable[int]
) -> None:
    """Record that calls which were refused before are archived now."""
    connection.executemany(QUERIES["forget_refused"], [(each,) for each in lines])
    _write(connection, undo)


def count_spared(connection: sqlite3.Connection) -> dict[str, int]:
    """Count what was left alone, by reason."""
    return dict(connection.execute(QUERIES["count_spared"]).fetchall())


def _write(connection: sqlite3.Connection, undo: Undo) -> None:
    connection.execute(QUERIES["write_undo"], msgspec.structs.astuple(undo))
    # what it compared was not archived yet: one that is under way begins anew
    connection.execute(QUERIES["end_verification"])


def marked(
    connection: sqlite3.Connection, results: Iterator[Result]
) -> Iterator[Result]:
    """Say of created records, in order of lines, that an undo has archived them."""
    undo = read_undo(connection)
    frontier = undo.frontier if undo is not None else 0
    lines = connection.execute(QUERIES["spared"], (0, _END))
    spared = next(lines, (_END,))[0]
    for each in results:
        while spared < each.line:
            spared = next(lines, (_END,))[0]
        archived = (
            each.offset < frontier
            and each.state is State.CREATED
            and each.line != spared
        )
        yield msgspec.structs.replace(each, undone=True) if archived else each
