"""How a load stands, and what became of its records, seen from outside.

Nobody opens a live ledger: a running load is known by the ``status.json`` that it
replaces every second.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from loader.errors import LedgerFailed, Owned
from loader.ledger import store
from loader.ledger.lock import owned, owner_of
from loader.model.live import Live
from loader.model.load import InDoubtPolicy, LoadIdentity, promise_of
from loader.model.result import Result
from loader.model.settings import Place
from loader.model.summary import Ending, Summary
from loader.source.files import count_lines, readable

from .count import Known, read_known, summarise
from .family import head_of
from .opened import known_place
from .opening import open_ledger
from .overlay import Overlay, opened_overlay


def standing(source: str, load_dir: str | os.PathLike[str] | None) -> Summary:
    """Return how a load stands: from its owner while it runs, else from its ledger.

    Raises:
        UsageError: there is no such load.
        LedgerDamaged: the ledger cannot be read.
    """
    place = known_place(source, load_dir)
    owner = owner_of(place.lock)
    if owner is not None:
        live = _read_status(place)
        if live is not None and live.pid == owner:
            return live
        return _busy(read_last(place) or _starting(source), owner)
    last = read_last(place)
    try:
        return _from_ledger(source, place, last)
    except LedgerFailed as failure:
        if last is None:
            raise
        return _untouched(last, failure)


def _from_ledger(source: str, place: Place, last: Summary | None) -> Summary:
    """Return how a load stands that nobody runs, by its ledger."""
    busy = None
    with opened(place) as connection, contextlib.ExitStack() as stack:
        identity = store.read_identity(connection)
        try:
            overlay = stack.enter_context(opened_overlay(place))
        except Owned as owned_by:
            overlay, busy = Overlay(), f"a correction is running: {owned_by}"
        known = read_known(connection, overlay)
    # the lock is free again: to count a large source takes long, and a run may start
    # of a correction, what counts are the lines of the copy that was taken of it
    lines = source if head_of(place) == place else str(place.corrected)
    summary = settled(lines, known, identity, last)
    return msgspec.structs.replace(
        summary, source=readable(source), reason=busy or summary.reason
    )


def _busy(last: Summary, owner: int) -> Summary:
    """Return what was last known of a load while somebody is at work on it."""
    reason = (
        f"process {owner} works on it now (a run that begins, verify, undo, resolve); "
        "the counts are those of the last run"
    )
    return msgspec.structs.replace(
        last, ending=Ending.RUNNING, finished=False, reason=reason
    )


def _untouched(last: Summary, failure: LedgerFailed) -> Summary:
    """Return what was last known of a load whose disk is full, or fails."""
    ran = last.ending is Ending.RUNNING
    return msgspec.structs.replace(
        last,
        ending=Ending.INTERRUPTED if ran else last.ending,
        reason=f"{failure}; the counts are those that the last run told",
    )


def settled(
    source: str, known: Known, identity: LoadIdentity | None, last: Summary | None
) -> Summary:
    """Sum up a load that nobody runs; ``last`` is what its last run said."""
    path = Path(source)
    property_name = identity.trace_property if identity is not None else None
    summary = summarise(
        known,
        source=readable(source),
        count_lines=(lambda gaps: count_lines(path, gaps))
        if source != "-" and path.is_file()
        else None,
        promise=promise_of(property_name, InDoubtPolicy.HOLD),
        identity=identity,
        ending=Ending.INTERRUPTED,
    )
    return _with_last(summary, last)


def _starting(source: str) -> Summary:
    """Return the summary of a load that has just begun and told nothing yet."""
    numbers = dict.fromkeys(
        ("lines", "created", "existing", "rejected", "in_doubt", "unread", "requests",
         "throttled", "retried", "seconds", "records_per_second"),
        0,
    )  # fmt: skip
    return msgspec.convert(
        numbers
        | {
            "source": readable(source),
            "promise": "not known yet",
            "portal_id": None,
            "trace_property": None,
            "finished": False,
            "ending": Ending.RUNNING,
        },
        Summary,
    )


def _with_last(summary: Summary, last: Summary | None) -> Summary:
    """Add what only the last run knew, when it came to its own end."""
    if last is None or last.ending is Ending.RUNNING:
        reason = "the last run was cut off"
        return msgspec.structs.replace(summary, reason=reason)
    return msgspec.structs.replace(
        summary,
        ending=last.ending,
        reason=last.reason,
        promise=last.promise,
        records_per_second=last.records_per_second,
        ignored_fields=last.ignored_fields,
    )


def _read_status(place: Place) -> Live | None:
    try:
        return msgspec.json.decode(place.status.read_bytes(), type=Live)
    except (OSError, msgspec.MsgspecError):
        return None


def read_last(place: Place) -> Summary | None:
    """Return what the last run told last, if it can be read."""
    try:
        return msgspec.json.decode(place.status.read_bytes(), type=Summary)
    except (OSError, msgspec.MsgspecError):
        return None


@contextlib.contextmanager
def opened(place: Place) -> Iterator[sqlite3.Connection]:
    """Open the ledger of a load that nobody runs, and keep runs away meanwhile."""
    with owned(place.lock, shared=True):
        connection = open_ledger(place, shared=True)
        try:
            yield connection
        finally:
            connection.close()


@contextlib.contextmanager
def opened_results(
    source: str, load_dir: str | os.PathLike[str] | None
) -> Iterator[Iterator[Result]]:
    """Give the rows of ``results``, in line order.

    Raises:
        Owned: the load is running; names the owner's process.
        UsageError: there is no such load.
        LedgerDamaged: the ledger cannot be read.
    """
    place = known_place(source, load_dir)
    with opened(place) as connection, opened_overlay(place) as overlay:
        yield overlay.results(connection)
