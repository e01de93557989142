"""The created records of a load, a sheaf of neighbouring batches at a time.

A verification and an undo walk through the ledger in order of the source, so that how
far they have come is one number, and memory holds a sheaf or two.
"""

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from loader.model.proof import Made
from loader.model.record import Span

from .packing import unpack_objects, unpack_records
from .recovery import KnownSpan
from .sql import QUERIES

#: batches without a created record that one sheaf may hold
_MOST_SPANS = 1000


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Neighbouring batches, and what was created of them."""

    spans: tuple[KnownSpan, ...]
    made: tuple[Made, ...]

    @property
    def end(self) -> int:
        """Where the next sheaf begins, in bytes."""
        return self.spans[-1].span.end


class _Row(NamedTuple):
    start: int
    end: int
    first_line: int
    end_line: int
    lines: int
    digest: bytes
    records: bytes
    objects: bytes | None
    created: int


def read_sheaf(
    connection: sqlite3.Connection, frontier: int, most: int
) -> Sheaf | None:
    """Return the batches from an offset on that hold so many created records at most.

    But one batch at least; None at the end.
    """
    spans: list[KnownSpan] = []
    made: list[Made] = []
    for columns in connection.execute(QUERIES["sheaf"], (frontier,)):
        row = _Row(*columns)
        if spans and (len(made) + row.created > most or len(spans) >= _MOST_SPANS):
            break
        span = Span(row.start, row.end)
        spans.append(
            KnownSpan(
                span, row.first_line, row.end_line, row.lines,
                recover=False, digest=row.digest,
            )
        )  # fmt: skip
        if row.created:
            made += _made(row)
    return Sheaf(tuple(spans), tuple(made)) if spans else None


def _made(row: _Row) -> list[Made]:
    keys = unpack_records(row.records, start=row.start, first_line=row.first_line)
    objects = unpack_objects(row.objects, len(keys))
    return [
        Made(key.line, key.offset, key.trace_id, object_id)
        for key, object_id in zip(keys, objects, strict=True)
        if object_id is not None
    ]
