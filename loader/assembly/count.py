"""The final counts of a load, from the ledger and the source."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loader.ledger import projection, recovery
from loader.ledger.projection import Counts
from loader.model.load import LoadIdentity, Promise
from loader.model.outcome import State
from loader.model.record import Span
from loader.model.summary import Ending, Summary

from .overlay import Overlay, counted_over

#: counts the lines that are not blank in gaps of the source; None means to its end
LineCounter = Callable[[Sequence[tuple[int, int | None]]], int]


_ALONE = Overlay()


@dataclass(frozen=True, slots=True)
class Known:
    """What a ledger says, read at one moment."""

    counts: Counts
    #: rejected lines that corrections have brought onto the portal
    corrected: int
    #: the ranges of the source that it does not know; the last is open
    gaps: list[tuple[int, int | None]]
    #: created calls that an undo has archived; None without one
    undone: int | None = None


def read_known(connection: sqlite3.Connection, overlay: Overlay = _ALONE) -> Known:
    """Read what a ledger and its corrections say; afterwards they need not be open."""
    now = overlay.corrected(connection)
    return Known(
        counted_over(projection.counts(connection), now),
        now[State.CREATED] + now[State.EXISTING],
        _gaps(connection),
        overlay.undone(connection),
    )


def _gaps(connection: sqlite3.Connection) -> list[tuple[int, int | None]]:
    """Find what lies between the spans; there may be 100,000, so none is kept."""
    unknown: list[tuple[int, int | None]] = []
    end = 0
    for known in recovery.known_spans(connection, keyed=False, resend=False):
        if known.span.start > end:
            unknown.append((end, known.span.start))
        end = known.span.end
    return [*unknown, (end, None)]


def summarise(
    ledger: Known,
    *,
    source: str,
    count_lines: LineCounter | None,
    promise: Promise,
    identity: LoadIdentity | None,
    ending: Ending,
    reason: str | None = None,
    run_seconds: float = 0.0,
    run_settled: int = 0,
    ignored: dict[str, int] | None = None,
) -> Summary:
    """Add up the ledger, and the lines it does not know.

    ``count_lines`` is None for a stream, whose rest cannot be counted.
    """
    known = ledger.counts
    unknown = count_lines(ledger.gaps) if count_lines is not None else 0
    unread = known.unsent + unknown
    return Summary(
        source=source,
        lines=known.lines + unknown,
        created=known.created,
        existing=known.existing,
        rejected=known.rejected,
        in_doubt=known.in_doubt,
        unread=unread,
        corrected=ledger.corrected,
        requests=known.requests,
        throttled=known.throttled,
        retried=known.retried,
        seconds=round(known.seconds, 3),
        records_per_second=round(run_settled / run_seconds, 1) if run_seconds else 0.0,
        promise=promise,
        portal_id=identity.portal_id if identity is not None else None,
        trace_property=identity.trace_property if identity is not None else None,
        finished=known.finished and not unread and not known.open_batches,
        ending=ending,
        reason=reason,
        ignored_fields=ignored or {},
        undone=ledger.undone,
    )


def merged(plan: recovery.Plan) -> list[recovery.KnownSpan]:
    """Join neighbouring settled spans: a file seeks over them in one step."""
    joined: list[recovery.KnownSpan] = []
    for known in plan.spans:
        last = joined[-1] if joined else None
        if last is None or not _joins(last, known):
            joined.append(known)
            continue
        joined[-1] = recovery.KnownSpan(
            span=Span(last.span.start, known.span.end),
            first_line=last.first_line,
            end_line=known.end_line,
            lines=last.lines + known.lines,
            recover=False,
            digest=b"",
        )
    return joined


def _joins(last: recovery.KnownSpan, known: recovery.KnownSpan) -> bool:
    both_settled = not last.recover and not known.recover
    return both_settled and last.span.end == known.span.start
