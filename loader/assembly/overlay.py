"""What corrections say over the results of their first load.

A rejected line of the first load is shown as the correction has it that got furthest:
on the portal, in doubt, or rejected again, the latest last. Everything else is shown as
the first ledger has it. Each line is looked up, so memory stays bounded.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from loader.ledger import projection
from loader.ledger.lock import owned
from loader.ledger.origins import result_of_origin
from loader.ledger.projection import Counts
from loader.ledger.undoing import marked, read_undo
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.settings import Place
from loader.source.rows import record_of

from .corrections import corrections_of
from .opening import open_ledger

_RANKS = {State.CREATED: 3, State.EXISTING: 2, State.IN_DOUBT: 1, State.REJECTED: 0}


def latest_of(corrections: Sequence[sqlite3.Connection], origin: str) -> Result | None:
    """Return what corrections made of an origin; None for nothing."""
    found = _latest(corrections, origin)
    return None if found is None else found[1]


def _latest(
    corrections: Sequence[sqlite3.Connection], origin: str
) -> tuple[sqlite3.Connection, Result] | None:
    best = None
    for connection in corrections:
        result = result_of_origin(connection, origin)
        if result is not None and (
            best is None or _RANKS[result.state] >= _RANKS[best[1].state]
        ):
            best = connection, result
    return best


@dataclass(frozen=True, slots=True)
class Overlay:
    """The corrections of a load, over its results."""

    corrections: tuple[sqlite3.Connection, ...] = ()

    def results(self, connection: sqlite3.Connection) -> Iterator[Result]:
        """Give the rows of the first load's results, as they are now."""
        for each in marked(connection, projection.results(connection)):
            yield self.over(each)

    def undone(self, connection: sqlite3.Connection) -> int | None:
        """Count the calls that an undo has archived; None where there was no undo."""
        undos = [read_undo(each) for each in (connection, *self.corrections)]
        if undos[0] is None:
            return None
        return sum(each.archived for each in undos if each is not None)

    def over(self, result: Result) -> Result:
        """Return a result of the first load as its corrections have it."""
        found = self._found(result)
        if found is None:
            return result
        correction, latest = found
        repeats = result.duplicate_of is not None and latest.state is State.CREATED
        return msgspec.structs.replace(
            result,
            trace_id=latest.trace_id or result.trace_id,
            state=State.EXISTING if repeats else latest.state,
            object_id=latest.object_id,
            category=latest.category,
            message=latest.message,
            correlation_id=latest.correlation_id,
            undone=next(marked(correction, iter([latest]))).undone,
        )

    def raw(self, result: Result) -> bytes:
        """Return the record of a result of the first load as it was last corrected.

        Empty when it was not.
        """
        found = self._found(result)
        if found is None:
            return b""
        connection, latest = found
        return record_of(projection.raw_line(connection, latest.line))

    def _found(self, result: Result) -> tuple[sqlite3.Connection, Result] | None:
        if not self.corrections or result.state is not State.REJECTED:
            return None
        return _latest(self.corrections, str(result.duplicate_of or result.line))

    def corrected(self, connection: sqlite3.Connection) -> dict[State, int]:
        """Count the rejected lines of the first load by what they are now."""
        counted = dict.fromkeys(State, 0)
        if self.corrections:
            for result in projection.unsettled(connection):
                if result.state is State.REJECTED:
                    counted[self.over(result).state] += 1
        return counted


def counted_over(counts: Counts, corrected: dict[State, int]) -> Counts:
    """Return the counts of a ledger with its corrected lines as they are now."""
    created, existing = corrected[State.CREATED], corrected[State.EXISTING]
    in_doubt = corrected[State.IN_DOUBT]
    return msgspec.structs.replace(
        counts,
        created=counts.created + created,
        existing=counts.existing + existing,
        rejected=counts.rejected - created - existing - in_doubt,
        in_doubt=counts.in_doubt + in_doubt,
    )


@contextlib.contextmanager
def opened_overlay(place: Place) -> Iterator[Overlay]:
    """Open the corrections of a load, and keep them from running meanwhile.

    Raises:
        Owned: one is running; names its process.
        LedgerDamaged: the ledger of one cannot be read.
    """
    corrections = corrections_of(place)
    if not corrections:
        yield Overlay()
        return
    with contextlib.ExitStack() as stack:
        stack.enter_context(owned(Place(place.corrections).lock, shared=True))
        connections: list[sqlite3.Connection] = []
        for each in corrections:
            connections.append(open_ledger(each, shared=True))
            stack.callback(connections[-1].close)
        yield Overlay(tuple(connections))
