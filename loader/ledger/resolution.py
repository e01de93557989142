"""Records held in doubt, and what a person says became of them.

Two things can be said, both durable when the operation is: it is this object, which
settles the record as created; or it is not there, which leaves it without outcome and
undoubted in a batch that is open again, so that the next run sends it. Both end a doubt
and change nothing that was settled.
"""

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from .packing import (
    count_objects,
    merge_objects,
    unpack_objects,
    unpack_positions,
    unpack_records,
)
from .sql import QUERIES, BatchRow


class Held(NamedTuple):
    """A record held in doubt, in the order of the columns of ``next_held``."""

    line: int
    offset: int
    trace_id: str
    #: why it is in doubt
    message: str
    #: the line as it was
    raw: bytes


def next_held(connection: sqlite3.Connection, *, after: int) -> Held | None:
    """Return the first record held in doubt behind a line; None when there is none."""
    row = connection.execute(QUERIES["next_held"], (after,)).fetchone()
    return None if row is None else Held(*row)


def count_held(connection: sqlite3.Connection) -> int:
    """Return how many records are held in doubt."""
    (number,) = connection.execute(QUERIES["count_held"]).fetchone()
    return int(number)


def settle_held(connection: sqlite3.Connection, line: int, object_id: str) -> bool:
    """Settle a held record as created; False when it is not held any more."""
    if not _released(connection, line):
        return False
    batch, position = _place_of(connection, line)
    size = len(_lines(batch))
    objects = merge_objects(batch.objects, {position: object_id}, size)
    _write(connection, batch, objects=objects, is_open=bool(batch.open))
    return True


def release_held(connection: sqlite3.Connection, line: int) -> bool:
    """Have the next run send a held record; False when it is not held any more."""
    if not _released(connection, line):
        return False
    batch, _ = _place_of(connection, line)
    _write(connection, batch, objects=batch.objects, is_open=True)
    connection.execute(QUERIES["write_finished"], (False,))
    connection.execute(QUERIES["sum_tally"])
    return True


def _released(connection: sqlite3.Connection, line: int) -> bool:
    return connection.execute(QUERIES["release_held"], (line,)).rowcount == 1


def _place_of(connection: sqlite3.Connection, line: int) -> tuple[BatchRow, int]:
    """Return the batch of a line, and its position there."""
    found = connection.execute(QUERIES["batch_of_line"], {"line": line}).fetchone()
    batch = BatchRow(*found)
    return batch, _lines(batch).index(line)


def _lines(batch: BatchRow) -> list[int]:
    keys = unpack_records(
        batch.records, start=batch.start_offset, first_line=batch.first_line
    )
    return [key.line for key in keys]


def _write(
    connection: sqlite3.Connection,
    batch: BatchRow,
    *,
    objects: bytes | None,
    is_open: bool,
) -> None:
    connection.execute(
        QUERIES["settle"],
        {
            "start": batch.start_offset,
            "objects": objects,
            "created": 0 if objects is None else count_objects(objects),
            "doubted": batch.doubted,
            "doubts": len(unpack_positions(batch.doubted)),
            "open": is_open,
        },
    )


def holders(
    connection: sqlite3.Connection, object_ids: Collection[str]
) -> dict[str, int]:
    """Return which of these objects the ledger has for a record, and for which line."""
    wanted = frozenset(object_ids)
    found: dict[str, int] = {
        object_id: line
        for object_id, line in connection.execute(QUERIES["existing_objects"])
        if object_id in wanted
    }
    for row in connection.execute(QUERIES["batches"]):
        batch = BatchRow(*row)
        if batch.objects is None:
            continue
        lines = _lines(batch)
        objects = unpack_objects(batch.objects, len(lines))
        held = zip(objects, lines, strict=True)
        found |= {each: line for each, line in held if each and each in wanted}
    return found
