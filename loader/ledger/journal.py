"""What the pipeline writes: claims, arms, settlements, passes, the tally.

Every method returns only when its rows are durable.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

from loader.errors import LedgerFailed
from loader.model.batch import Batch
from loader.model.outcome import (
    Created,
    Existing,
    InDoubt,
    Outcome,
    Rejected,
    Settlement,
    State,
)
from loader.model.record import CallRecord, Duplicate, Item, Malformed

from .local import local_rows
from .mark import change_mark
from .packing import count_objects, merge_objects, pack_positions, pack_records
from .recovery import recovered
from .sql import QUERIES
from .writer import Writer

DUPLICATE_ID = "DUPLICATE_ID"


class Journal:
    """The write side of a load's ledger.

    ``keyed`` says whether this run's requests carry the trace property, ``resend``
    whether it sends records in doubt again unasked.
    """

    def __init__(
        self, writer: Writer, *, source_digest: str, keyed: bool, resend: bool
    ) -> None:
        self._writer = writer
        self._digest = source_digest
        self._keyed = keyed
        self._resend = resend

    @property
    def failure(self) -> LedgerFailed | None:
        """The error that poisoned the ledger, if one did."""
        return self._writer.failure

    async def claim(self, records: Sequence[CallRecord]) -> list[Item]:
        """Take the records' IDs for their lines; later lines become duplicates.

        Returns one item a record: itself, a ``Duplicate`` of an earlier line with the
        same content, or a ``Malformed`` when the content differs.
        """
        items: list[Item] = await self._writer.run(
            lambda connection: _claim(connection, records)
        )
        return items

    async def arm(
        self, batch: Batch, *, attempt: int, doubted: frozenset[int], payload: bytes
    ) -> None:
        """Record that positions are about to be sent.

        ``doubted`` are all positions that are in doubt from now on, these included;
        ``payload`` is a digest of the request's body.
        """
        row = {
            **_span_columns(batch, self._digest),
            "inputs": len(batch.records),
            "attempt": attempt,
            "keyed": self._keyed,
            "payload": payload,
            "doubted": pack_positions(doubted),
            "doubts": len(doubted),
        }
        held = _held_lines(batch, doubted)
        local = local_rows(batch)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(QUERIES["arm"], row)
            connection.executemany(QUERIES["insert_local"], local)
            connection.executemany(QUERIES["release_held"], held)

        await self._writer.run(write)

    async def pass_over(self, batch: Batch) -> None:
        """Record a span that has no record to send."""
        row = _span_columns(batch, self._digest)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(QUERIES["pass"], row)
            connection.executemany(QUERIES["insert_local"], local_rows(batch))

        await self._writer.run(write)

    async def recovered(self, batch: Batch) -> Batch:
        """Join a span that was read again with what the ledger has of it.

        Raises:
            SourceChanged: its records are not those that were armed.
        """
        joined: Batch = await self._writer.run(
            lambda connection: recovered(connection, batch, resend=self._resend)
        )
        return joined

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        """Record the outcomes of a batch, and which positions remain in doubt."""
        await self._writer.run(
            lambda connection: _settle(connection, batch, settlement, keyed=self._keyed)
        )

    async def write_tally(
        self, *, requests: int, throttled: int, retried: int, seconds: float
    ) -> None:
        """Record what all runs have cost so far."""
        row = (requests, throttled, retried, seconds)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(QUERIES["write_tally"], row)
            connection.execute(QUERIES["sum_tally"])

        await self._writer.run(write)

    async def write_finished(self, *, finished: bool) -> None:
        """Record whether the source has been read to its end with nothing open.

        Then a ledger that was rebuilt is whole again.
        """

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(QUERIES["write_finished"], (finished,))
            connection.execute(QUERIES["sum_tally"])
            if finished:
                change_mark(connection, "mark_rebuilt")

        await self._writer.run(write)


def _span_columns(batch: Batch, source_digest: str) -> dict[str, object]:
    return {
        "start": batch.span.start,
        "end": batch.span.end,
        "first_line": batch.first_line,
        "end_line": batch.end_line,
        "lines": batch.lines,
        "digest": batch.digest,
        "records": pack_records(batch, source_digest),
    }


def _held_lines(batch: Batch, positions: Iterable[int]) -> list[tuple[int]]:
    """Lines whose held row makes way: the batch is asked about again."""
    if batch.prior is None:
        return []
    again = batch.prior.undecided.intersection(positions)
    return [(batch.records[position].line,) for position in again]


def _claim(connection: sqlite3.Connection, records: Sequence[CallRecord]) -> list[Item]:
    keys = [
        (
            # folded: it is unknown whether the portal tells cases apart, and IDs that
            # only it takes for the same would pass one record off as another
            hashlib.blake2b(record.trace_id.lower().encode(), digest_size=16).digest(),
            record.line,
            hashlib.blake2b(
                record.trace_id.encode() + record.content, digest_size=8
            ).digest(),
        )
        for record in records
    ]
    connection.executemany(QUERIES["claim"], keys)
    items: list[Item] = []
    for record, (id_digest, line, content) in zip(records, keys, strict=True):
        first, known = connection.execute(QUERIES["claimant"], (id_digest,)).fetchone()
        if first == line:
            items.append(record)
        elif known == content:
            items.append(_duplicate(record, first))
        else:
            items.append(_clash(record, first))
    return items


def _duplicate(record: CallRecord, first_line: int) -> Duplicate:
    return Duplicate(
        line=record.line, offset=record.offset, first_line=first_line,
        trace_id=record.trace_id, raw=record.raw,
    )  # fmt: skip


def _clash(record: CallRecord, first_line: int) -> Malformed:
    return Malformed(
        line=record.line,
        offset=record.offset,
        size=record.size,
        reason=DUPLICATE_ID,
        message=f"line {first_line} has the same ID (but for upper case, perhaps) "
        "with other content; give this call another objectWriteTraceId, or none (in "
        "its row of rejected.ndjson: there and in its record, or null in both)",
        raw=record.raw,
        trace_id=record.trace_id,
    )


def _settle(
    connection: sqlite3.Connection, batch: Batch, settlement: Settlement, *, keyed: bool
) -> None:
    start = settlement.start
    (blob,) = connection.execute(QUERIES["read_objects"], (start,)).fetchone()
    created = {
        position: outcome.object_id
        for position, outcome in settlement.outcomes.items()
        if isinstance(outcome, Created)
    }
    objects = merge_objects(blob, created, len(batch.records))
    connection.execute(
        QUERIES["settle"],
        {
            "start": start,
            "objects": objects,
            "created": count_objects(objects),
            "doubted": pack_positions(settlement.doubted),
            "doubts": len(settlement.doubted),
            "open": not settlement.closed,
        },
    )
    known = [*settlement.outcomes, *settlement.doubted]
    connection.executemany(QUERIES["release_held"], _held_lines(batch, known))
    unkeyed = _sent_unkeyed(batch)
    connection.executemany(
        QUERIES["insert_exception"],
        [
            _exception_row(
                batch.records[position],
                outcome,
                keyed=keyed and position not in unkeyed,
            )
            for position, outcome in settlement.outcomes.items()
            if not isinstance(outcome, Created)
        ],
    )


def _sent_unkeyed(batch: Batch) -> frozenset[int]:
    """Positions in doubt since a run without the trace property."""
    if batch.prior is None or batch.prior.keyed:
        return frozenset()
    return batch.prior.doubted


def _exception_row(
    record: CallRecord, outcome: Outcome, *, keyed: bool
) -> dict[str, object]:
    row: dict[str, object] = {
        "line": record.line,
        "offset": record.offset,
        "trace_id": record.trace_id,
        "object_id": None,
        "category": None,
        "message": None,
        "correlation_id": None,
        "keyed": keyed,
        "raw": record.raw,
    }
    match outcome:
        case Existing(object_id) | Created(object_id):
            row |= {"state": State.EXISTING, "object_id": object_id, "raw": None}
        case Rejected(category, message, correlation_id):
            row |= {
                "state": State.REJECTED,
                "category": category,
                "message": message,
                "correlation_id": correlation_id,
            }
        case InDoubt(reason):
            row |= {"state": State.IN_DOUBT, "message": reason}
    return row
