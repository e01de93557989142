"""What an earlier run left: how far to seek, and what to ask about first.

The frontier is derived, never stored: it is the end of the gap-free prefix of settled
spans. Spans settled beyond a gap are skipped when the reader gets there; open spans,
and held records that can be asked for now, are read again and recovered.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from loader.errors import LedgerDamaged, SourceChanged
from loader.model.batch import Batch, Prior
from loader.model.outcome import State
from loader.model.record import Span

from .packing import RecordKey, unpack_objects, unpack_positions, unpack_records
from .sql import QUERIES, ExceptionRow


class KnownSpan(msgspec.Struct, frozen=True, gc=False):
    """A span that has a row in the ledger; a struct, as there may be 100,000."""

    span: Span
    first_line: int
    end_line: int
    #: lines that are not blank
    lines: int
    #: to be read again: open, or held and now answerable
    recover: bool
    digest: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to seek, and the spans that are known, in order of the source."""

    spans: tuple[KnownSpan, ...]
    #: lines without a batch that settled lines repeat, and the IDs they must have
    promised: Mapping[int, str] = field(default_factory=dict[int, str])

    @property
    def lines(self) -> int:
        """Lines of these spans that are not blank."""
        return sum(each.lines for each in self.spans)

    @property
    def bytes(self) -> int:
        """Their length."""
        return sum(each.span.size for each in self.spans)

    @property
    def frontier(self) -> Span:
        """The gap-free settled prefix, ``[0, frontier)``."""
        end = 0
        for known in self.spans:
            if known.recover or known.span.start != end:
                break
            end = known.span.end
        return Span(0, end)


def read_plan(connection: sqlite3.Connection, *, keyed: bool, resend: bool) -> Plan:
    """Read every span of the ledger.

    Raises:
        LedgerDamaged: spans overlap.
    """
    return Plan(tuple(known_spans(connection, keyed=keyed, resend=resend)))


def known_spans(
    connection: sqlite3.Connection, *, keyed: bool, resend: bool
) -> Iterator[KnownSpan]:
    """Give every span of the ledger from its covering index, one after the other.

    ``keyed``: this run can ask for records by the trace property. ``resend``: it sends
    records in doubt again unasked. With neither, held records stay held.

    Raises:
        LedgerDamaged: spans overlap.
    """
    held = set[int]()
    if keyed or resend:
        held = {
            start for (start,) in connection.execute(QUERIES["held_spans"], (resend,))
        }
    end = 0
    for row in connection.execute(QUERIES["spans"]):
        start, stop, first_line, end_line, lines, is_open, digest = row
        if start < end:
            raise LedgerDamaged(
                f"the ledger's spans overlap at offset {start}; restore it from a "
                "copy, or load into a new --load-dir"
            )
        recover = bool(is_open) or start in held
        yield KnownSpan(Span(start, stop), first_line, end_line, lines, recover, digest)
        end = stop


def resume(connection: sqlite3.Connection, *, keyed: bool, resend: bool) -> Plan:
    """Read the plan of a run, and forget what earlier ones only looked at.

    An ID is claimed when its line is read, which may be long before it is sent. What
    was not sent may have been edited since, and the claims on it would let a record
    pass for the repetition of one that is gone.

    Raises:
        LedgerDamaged: spans overlap.
    """
    plan = read_plan(connection, keyed=keyed, resend=resend)
    connection.execute(QUERIES["release_claims"], {"line": _first_gap(plan)})
    promised = dict(connection.execute(QUERIES["promised"]).fetchall())
    return replace(plan, promised=promised)


def _first_gap(plan: Plan) -> int:
    """Return the first line that no batch covers."""
    end, line = 0, 1
    for known in plan.spans:
        if known.span.start != end:
            break
        end, line = known.span.end, known.end_line
    return line


def recovered(connection: sqlite3.Connection, batch: Batch, *, resend: bool) -> Batch:
    """Join a span that was read again with the ledger's memory of it.

    Raises:
        SourceChanged: the records are not those that were armed.
    """
    start = batch.span.start
    row = connection.execute(QUERIES["batch"], (start,)).fetchone()
    records, attempt, keyed, doubted, objects = row
    keys = unpack_records(records, start=start, first_line=batch.first_line)
    _check_same(keys, batch)
    created = unpack_objects(objects, len(keys))
    decided, held = _exceptional(connection, batch, resend=resend)
    undecided = frozenset(
        position
        for position, key in enumerate(keys)
        if created[position] is None and key.line not in decided
    )
    in_doubt = unpack_positions(doubted) | {
        position for position, key in enumerate(keys) if key.line in held
    }
    return replace(
        batch,
        prior=Prior(
            attempt=attempt,
            undecided=undecided,
            doubted=undecided & in_doubt,
            keyed=bool(keyed),
        ),
    )


def _check_same(keys: Sequence[RecordKey], batch: Batch) -> None:
    known = [(key.line, key.trace_id) for key in keys]
    if known != [(record.line, record.trace_id) for record in batch.records]:
        raise SourceChanged(
            f"lines {batch.first_line} to {batch.end_line - 1} (offset "
            f"{batch.span.start}) give other records than those sent before; restore "
            "the source and the options of the first run, or use --load-dir NEW",
            offset=batch.span.start,
        )


def _exceptional(
    connection: sqlite3.Connection, batch: Batch, *, resend: bool
) -> tuple[set[int], set[int]]:
    """Return the lines that have their outcome, and the held ones to ask for again."""
    decided: set[int] = set()
    held: set[int] = set()
    for row in connection.execute(
        QUERIES["exceptions"], (batch.first_line, batch.end_line)
    ):
        exception = ExceptionRow(*row)
        answerable = exception.state == State.IN_DOUBT and (exception.keyed or resend)
        (held if answerable else decided).add(exception.line)
    return decided, held
