"""Mistakes in corrections: C1 to C3 of the simulation, and U4."""

import sqlite3

from loader.assembly import overlay
from loader.assembly.family import Family
from loader.assembly.guard import Guard, Origin
from loader.assembly.overlay import Overlay
from loader.ledger import origins
from loader.ledger.origins import Claim
from loader.ledger.projection import Counts
from loader.model.record import CallRecord, Known, Malformed
from loader.model.result import Result

from .switch import Swap, Swaps, Way, mistake


@mistake("C2: what another copy has begun to send is left to it")
def begun_is_sent_by_another() -> Swaps:
    """A correction sends a row that another copy has begun to send."""
    return [Swap(origins, "will_send", lambda *_: False)]


@mistake("C1: what is there is not sent")
def there_is_corrected() -> Swaps:
    """A correction sends a row whose record is on the portal already."""

    def wrong(
        self: Guard, item: CallRecord | Malformed, origin: Origin
    ) -> CallRecord | Malformed | Known:
        del self, origin
        return item

    return [Swap(Guard, "_by_states", wrong)]


@mistake("C1: what may be there is not sent")
def doubtful_is_corrected() -> Swaps:
    """A correction sends a row whose record is in doubt."""

    def wrong(
        self: Guard, record: CallRecord, first: Result, latest: Result | None
    ) -> CallRecord | Malformed:
        del self, first, latest
        return record

    return [Swap(Guard, "_sendable", wrong)]


@mistake("C1: of two rows of a line one is sent")
def two_rows_are_two_records() -> Swaps:
    """A correction sends both rows that correct the same line."""
    right: Way = origins.claim_origin

    def wrong(
        connection: sqlite3.Connection, origin: str, *, line: int, trace_id: str | None
    ) -> Claim:
        right(connection, origin, line=line, trace_id=trace_id)
        return Claim(line, same_id=True)

    return [Swap(origins, "claim_origin", wrong)]


@mistake("C1: a row of no line that is known is not sent")
def strays_are_sent() -> Swaps:
    """A correction sends rows of other loads, and of lines that are not theirs."""
    right: Way = Guard._origin_of

    def wrong(self: Guard, item: CallRecord | Malformed) -> Origin | None:
        origin: object = right(self, item)
        return origin if isinstance(origin, Origin) else None

    return [Swap(Guard, "_origin_of", wrong)]


@mistake("C3: results are those of the corrections, too")
def corrections_are_not_shown() -> Swaps:
    """Results show a corrected line as it was first."""
    return [Swap(Overlay, "_found", lambda *_: None)]


@mistake("C3: counts are those of the corrections, too")
def corrections_are_not_counted() -> Swaps:
    """The counts leave out what corrections came to."""

    def wrong(counts: Counts, corrected: object) -> Counts:
        del corrected
        return counts

    return [Swap(overlay, "counted_over", wrong)]


@mistake("U4: nothing is sent for a load that was taken back")
def undone_is_corrected() -> Swaps:
    """A correction does not look whether its first load was taken back."""
    return [Swap(Family, "check_not_undone", lambda _: None)]
