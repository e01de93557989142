"""What became of each record, read from the ledger in order of lines.

A projection: it can be made again at any time and is never the truth.
"""

import heapq
import sqlite3
from collections.abc import Iterator

import msgspec

from loader.model.outcome import State
from loader.model.result import Result

from .packing import RecordKey, unpack_objects, unpack_positions, unpack_records
from .sql import QUERIES, BatchRow, ExceptionRow

#: states that a person has to look at
UNSETTLED = (State.REJECTED, State.IN_DOUBT)
_EVERY_LINE = (1 << 63) - 1
OPEN_REASON = "sent, and not answered yet; run the same command again"


class Counts(msgspec.Struct, frozen=True):
    """Sums over the ledger; ``unsent`` lines are known, but never left."""

    lines: int
    created: int
    existing: int
    rejected: int
    in_doubt: int
    unsent: int
    open_batches: int
    requests: int
    throttled: int
    retried: int
    seconds: float
    finished: bool


def results(connection: sqlite3.Connection) -> Iterator[Result]:
    """Give a row for every line that has an outcome or is in doubt, in line order."""
    for row in connection.execute(QUERIES["batches"]):
        yield from _results_of(connection, BatchRow(*row))


def unsettled(connection: sqlite3.Connection) -> Iterator[Result]:
    """Give the rejected and in-doubt rows in line order, without reading the rest."""
    return heapq.merge(
        _exceptional_rows(connection),
        _open_rows(connection),
        key=lambda result: result.line,
    )


def _exceptional_rows(connection: sqlite3.Connection) -> Iterator[Result]:
    for row in connection.execute(QUERIES["exceptions"], (0, _EVERY_LINE)):
        result = _exceptional(connection, ExceptionRow(*row))
        if result is not None and result.state in UNSETTLED:
            yield result


def _open_rows(connection: sqlite3.Connection) -> Iterator[Result]:
    for row in connection.execute(QUERIES["open_batches"]):
        for result in _sent(BatchRow(*row)).values():
            if result is not None and result.state in UNSETTLED:
                yield result


def _results_of(connection: sqlite3.Connection, batch: BatchRow) -> Iterator[Result]:
    rows = {
        key.line: result for key, result in _sent(batch).items() if result is not None
    }
    for row in connection.execute(
        QUERIES["exceptions"], (batch.first_line, batch.end_line)
    ):
        exception = ExceptionRow(*row)
        result = _exceptional(connection, exception)
        if result is not None:
            rows[exception.line] = result
    return (rows[line] for line in sorted(rows)).__iter__()


def _sent(batch: BatchRow) -> dict[RecordKey, Result | None]:
    """Return created and open records; None for one that was never sent."""
    keys = unpack_records(
        batch.records, start=batch.start_offset, first_line=batch.first_line
    )
    objects = unpack_objects(batch.objects, len(keys))
    doubted = unpack_positions(batch.doubted)
    sent: dict[RecordKey, Result | None] = {}
    for position, (key, object_id) in enumerate(zip(keys, objects, strict=True)):
        if object_id is not None:
            sent[key] = _result(key, State.CREATED, object_id=object_id)
        elif batch.open and position in doubted:
            sent[key] = _result(key, State.IN_DOUBT, message=OPEN_REASON)
        else:
            sent[key] = None
    return sent


def _result(
    key: RecordKey,
    state: State,
    *,
    object_id: str | None = None,
    message: str | None = None,
) -> Result:
    return Result(
        line=key.line,
        offset=key.offset,
        trace_id=key.trace_id,
        state=state,
        object_id=object_id,
        message=message,
    )


def _exceptional(connection: sqlite3.Connection, row: ExceptionRow) -> Result | None:
    if row.duplicate_of is None:
        return Result(
            line=row.line,
            offset=row.offset,
            trace_id=row.trace_id,
            state=State(row.state),
            object_id=row.object_id,
            category=row.category,
            message=row.message,
            correlation_id=row.correlation_id,
        )
    first = result_of_line(connection, row.duplicate_of)
    if first is None:
        return None
    made = first.state is State.CREATED
    return msgspec.structs.replace(
        first,
        line=row.line,
        offset=row.offset,
        state=State.EXISTING if made else first.state,
        duplicate_of=row.duplicate_of,
    )


def result_of_line(connection: sqlite3.Connection, line: int) -> Result | None:
    """Return what became of one line, or None when nothing has yet."""
    exception = connection.execute(QUERIES["exception"], (line,)).fetchone()
    if exception is not None:
        return _exceptional(connection, ExceptionRow(*exception))
    batch = connection.execute(QUERIES["batch_of_line"], {"line": line}).fetchone()
    if batch is None:
        return None
    for key, result in _sent(BatchRow(*batch)).items():
        if key.line == line:
            return result
    return None


def raw_line(connection: sqlite3.Connection, line: int) -> bytes:
    """Return an exceptional line as it was; empty when it was too long to keep."""
    row = connection.execute(QUERIES["raw"], (line,)).fetchone()
    return bytes(row[0] or b"") if row is not None else b""


def counts(connection: sqlite3.Connection) -> Counts:
    """Add up the whole ledger."""
    lines, created, doubts, open_batches = connection.execute(
        QUERIES["count_batches"]
    ).fetchone()
    by_state: dict[str, int] = dict(
        connection.execute(QUERIES["count_exceptions"]).fetchall()
    )
    repeated = _count_duplicates(connection) if "duplicate" in by_state else {}
    existing = by_state.get("existing", 0) + repeated.get("existing", 0)
    rejected = by_state.get("rejected", 0) + repeated.get("rejected", 0)
    in_doubt = doubts + by_state.get("in_doubt", 0) + repeated.get("in_doubt", 0)
    requests, throttled, retried, seconds, finished = connection.execute(
        QUERIES["read_tally"]
    ).fetchone()
    return Counts(
        lines=lines,
        created=created,
        existing=existing,
        rejected=rejected,
        in_doubt=in_doubt,
        unsent=lines - created - existing - rejected - in_doubt,
        open_batches=open_batches,
        requests=requests,
        throttled=throttled,
        retried=retried,
        seconds=seconds,
        finished=bool(finished),
    )


def _count_duplicates(connection: sqlite3.Connection) -> dict[str, int]:
    """Count repeated lines by state: the first's, or existing when it was made."""
    tally: dict[str, int] = dict.fromkeys(State, 0)
    for state, number in connection.execute(QUERIES["count_duplicates"]):
        tally[state or State.EXISTING] += number
    for (first,) in connection.execute(QUERIES["duplicates_of_open"]).fetchall():
        tally[State.EXISTING] -= 1
        result = result_of_line(connection, first)
        if result is not None:
            made = result.state is State.CREATED
            tally[State.EXISTING if made else result.state] += 1
    return tally
