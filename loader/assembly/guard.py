"""What a correction may send: a record is created once, whoever corrected it.

Each row of a corrected copy names a line of the first load, or one that another
correction has by itself, which the ledgers of the family know:

============================  ====================================================
the line is                   the row is
============================  ====================================================
rejected                      sent, under the ID that it has
created, existing             ``existing``, and not sent
in doubt                      rejected, and not sent: it may be there already
not loaded yet                rejected, and not sent: the first load will send it
begun by another correction   rejected, and not sent: that one will send it again
of another load, of no line   rejected, and not sent: its own load knows of it
============================  ====================================================

With a trace property a record that another correction holds in doubt is sent under the
same ID: it is asked for before, as all records of a correction are. A line that this
ledger has already stays what it was.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from loader.ledger.journal import DUPLICATE_ID
from loader.ledger.origins import (
    armed_id,
    claim_origin,
    result_of_id,
    will_send,
)
from loader.ledger.projection import result_of_line
from loader.ledger.writer import Writer
from loader.model.outcome import State
from loader.model.record import (
    CallRecord,
    Chunk,
    Item,
    Known,
    Malformed,
    Span,
)
from loader.model.result import Result
from loader.source.base import Source
from loader.source.rows import Row, rows_of

from .family import Family
from .overlay import latest_of

_ON_PORTAL = (State.CREATED, State.EXISTING)


@dataclass(frozen=True, slots=True)
class Origin:
    """The line that a row corrects, and what became of it where it stood first."""

    line: int
    result: Result | None
    #: folder of the correction whose line it is; empty for the first load's
    of: str = ""

    @property
    def name(self) -> str:
        """What its corrections are found by; a repeated line is the first one's."""
        repeated = self.result.duplicate_of if self.result is not None else None
        line = self.line if repeated is None else repeated
        return f"{self.of}:{line}" if self.of else str(line)


class Stray(NamedTuple):
    """Why a row is of no line that the family knows."""

    reason: str
    message: str


class GuardedSource:
    """The lines of a corrected copy, as far as they may be sent."""

    is_seekable = True

    def __init__(
        self, source: Source, family: Family, writer: Writer, *, keyed: bool
    ) -> None:
        self._source = source
        self._writer = writer
        self._guard = Guard(family, keyed=keyed)
        self.name = source.name
        self.digest = source.digest
        self.size = source.size

    @property
    def ignored_fields(self) -> dict[str, int]:
        """Fields that HubSpot's input has no place for, and on how many lines."""
        return self._source.ignored_fields

    async def read(self, end: int | None = None) -> Chunk:
        """Return the next items, none beyond ``end``; nothing at the end."""
        chunk = await self._source.read(end)
        # in the ledger's thread: the first of two lines takes what both correct
        judged: Chunk = await self._writer.run(
            lambda connection: [self._guard.judged(each, connection) for each in chunk]
        )
        return judged

    async def skip(self, span: Span, end_line: int) -> bytes | None:
        """Go over a known span."""
        return await self._source.skip(span, end_line)

    async def digest_of(self, span: Span) -> bytes:
        """Return the digest of a span, without moving."""
        return await self._source.digest_of(span)


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges one line after another, by the ledgers of its family."""

    family: Family
    keyed: bool

    def judged(self, item: Item, own: sqlite3.Connection) -> Item:
        """Return what a line may be; ``own`` is the ledger of this correction."""
        if not isinstance(item, (CallRecord, Malformed)) or not item.raw:
            return item
        was_read, armed = armed_id(own, item.line)
        if was_read:
            return _as_before(item, armed)
        origin = self._origin_of(item)
        if origin is None:
            return item
        if isinstance(origin, Stray):
            return _refused(item, origin.reason, origin.message)
        judged = self._by_states(item, origin)
        claim = claim_origin(
            own,
            origin.name,
            line=item.line,
            trace_id=None if isinstance(judged, Malformed) else judged.trace_id,
        )
        if claim.line == item.line or claim.same_id or isinstance(judged, Malformed):
            return judged  # of two with the same ID, the journal lets only one pass
        return _refused(
            item,
            DUPLICATE_ID,
            f"line {claim.line} corrects the same line of the first load under another "
            "ID; leave one of the two out",
        )

    def _origin_of(self, item: CallRecord | Malformed) -> Origin | Stray | None:
        """Return the line that a row corrects; None for a line of its own."""
        rows = list(rows_of(item.raw))
        digest = self.family.identity.source_digest
        first = [each for each in rows if each.source == digest]
        if first:
            line, offset = first[-1].line, first[-1].offset
            known = result_of_line(self.family.connection, line)
            if known is None or known.offset == offset:
                return Origin(line, known)
        if item.trace_id is not None:
            known = result_of_id(self.family.connection, item.trace_id, digest=digest)
            if known is not None:
                return Origin(known.line, known)
        if first:
            return _NOT_THAT_LINE
        return self._origin_beside(rows[-1]) if rows else None

    def _origin_beside(self, row: Row) -> Origin | Stray:
        """Return the line of another correction that a row names."""
        name = Path(row.load).name
        if name not in self.family.names:
            return Stray(
                "OTHER_LOAD",
                f"the row is of the load in {row.load}; run it in a file of its own",
            )
        connection = self.family.others[self.family.names.index(name)]
        known = result_of_line(connection, row.line)
        if known is None or known.offset != row.offset:
            return _NOT_THAT_LINE
        return Origin(row.line, known, of=name)

    def _by_states(
        self, item: CallRecord | Malformed, origin: Origin
    ) -> CallRecord | Malformed | Known:
        """Decide by what the ledgers of the family say of the line."""
        first = origin.result
        if first is None:
            return _refused(
                item,
                "NOT_LOADED_YET",
                f"line {origin.line} of the first load is not loaded yet; run it to "
                f"its end first ({self.family.first.folder})",
            )
        latest = None
        if first.state is State.REJECTED:
            latest = latest_of(self.family.others, origin.name)
        known = latest or first
        if known.state in _ON_PORTAL and known.object_id:
            return Known(
                line=item.line,
                offset=item.offset,
                trace_id=known.trace_id or "",
                object_id=known.object_id,
                raw=item.raw,
            )
        if isinstance(item, Malformed):
            return item
        if any(will_send(each, origin.name) for each in self.family.others):
            return _refused(
                item,
                "NOT_LOADED_YET",
                "another correction has begun to send this line, and goes on when it "
                "is run again: first run its corrected.ndjson, in "
                f"{self.family.first.corrections}, to its end",
            )
        return self._sendable(item, first, latest)

    def _sendable(
        self, record: CallRecord, first: Result, latest: Result | None
    ) -> CallRecord | Malformed:
        """Refuse a record that may be on the portal, or would pass for another."""
        known = latest or first
        if known.state is State.IN_DOUBT:
            is_asked_for = self.keyed and latest is not None
            if is_asked_for and known.trace_id == record.trace_id:
                return record
            return _refused(record, "IN_DOUBT", _IN_DOUBT)
        if first.category == DUPLICATE_ID and _same(first.trace_id, record.trace_id):
            return _refused(record, DUPLICATE_ID, _SAME_ID)
        return record


_NOT_THAT_LINE = Stray(
    "NOT_THAT_LINE",
    "line or offset of the row are not those of a line that was rejected; leave them "
    "as they were, and correct what is in record",
)
_IN_DOUBT = (
    "the record is in doubt: it may be on the portal already; settle it first by "
    "'python -m loader resolve', or by running its load again"
)
_SAME_ID = (
    "another line has the same ID with other content; give this call another "
    "objectWriteTraceId, in the row and in its record, or null in both"
)


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other.lower()


def _refused(item: CallRecord | Malformed, reason: str, message: str) -> Malformed:
    return Malformed(
        line=item.line,
        offset=item.offset,
        size=item.size,
        reason=reason,
        message=message,
        raw=item.raw,
        trace_id=item.trace_id,
    )


def _as_before(item: CallRecord | Malformed, armed: str | None) -> Item:
    """Return a line that the ledger has as what it has it as.

    What was settled without a request has its row already, whatever it is now.
    """
    if isinstance(item, CallRecord) and armed is not None:
        return msgspec.structs.replace(item, trace_id=armed, named=True)
    return _refused(item, "SETTLED", "the line was settled before")
