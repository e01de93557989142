"""Mistakes in what the ledger keeps, and for whom: rules 4, 6, 7, 8 and 9."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from loader.ledger import lock, packing, store
from loader.ledger.writer import Operation, Writer, _Job
from loader.model.batch import Batch
from loader.model.frontier import Frontier
from loader.model.outcome import Settlement
from loader.model.record import Span
from loader.pipeline import stages
from loader.pipeline.channel import Channel, Window
from loader.pipeline.fates import Fates
from loader.pipeline.ports import Journal
from loader.pipeline.progress import Progress
from loader.pipeline.stages import Feed, Settled
from loader.pipeline.stop import Stop
from loader.report import files

from . import checks
from .switch import Swap, Swaps, Way, mistake


@mistake("rule 4, I6: a gap-free prefix")
def frontier_over_a_gap() -> Swaps:
    """The frontier is the end of the farthest span that is settled."""

    def wrong(self: Frontier, span: Span) -> int:
        self.offset = max(self.offset, span.end)
        return self.offset

    return [Swap(Frontier, "settle", wrong)]


@mistake("rule 4, I6: derived from the rows")
def frontier_ahead_of_the_rows() -> Swaps:
    """The frontier moves, and then the outcomes are made durable."""
    right: Way = stages.sink

    async def wrong(
        results: Channel[Settled],
        journal: Journal,
        *,
        window: Window,
        progress: Progress,
        stop: Stop,
    ) -> None:
        ahead = _Ahead(journal, window, progress)
        still = _Still(window.frontier)
        await right(results, ahead, window=still, progress=progress, stop=stop)

    return [Swap(stages, "sink", wrong)]


class _Ahead:
    """A journal that moves the frontier before it writes."""

    def __init__(self, journal: Journal, window: Window, progress: Progress) -> None:
        self._journal = journal
        self._window = window
        self._progress = progress

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        if settlement.closed:
            self._move(batch)
        await self._journal.settle(batch, settlement)

    async def pass_over(self, batch: Batch) -> None:
        self._move(batch)
        await self._journal.pass_over(batch)

    def _move(self, batch: Batch) -> None:
        self._window.settle(batch)
        self._progress.frontier = self._window.frontier.offset


class _Still(Window):
    """A window that somebody else moves."""

    def settle(self, batch: Batch) -> None:
        """Leave it where it is."""


@mistake("rule 4: the distance is bounded", check=checks.a_stuck_batch)
def reader_runs_ahead() -> Swaps:
    """The reader does not mind how far behind the frontier is."""

    async def wrong(_: Window) -> None:
        return None

    return [Swap(Window, "room", wrong)]


@mistake("I3: every line is in exactly one state")
def doubts_are_closed() -> Swaps:
    """A batch that a stop leaves in doubt is closed."""
    right: Way = Fates.take_settlement

    def wrong(self: Fates) -> Settlement:
        settlement: Settlement = right(self)
        stack = self._stack
        return replace(settlement, closed=all(group.doubted for group in stack))

    return [Swap(Fates, "take_settlement", wrong)]


@mistake("rule 10, I3: a stop loses nothing")
def stop_passes_lines_over() -> Swaps:
    """Lines that were read and not sent when a stop came count as done."""
    right: Way = Feed.take

    async def wrong(self: Feed) -> Batch | None:
        batch: Batch | None = await right(self)
        if batch is None and self._ready:
            return replace(self._ready.popleft(), records=())
        return batch

    return [Swap(Feed, "take", wrong)]


@mistake("I8: the recorded object ID is the portal's")
def settle_overwrites_objects() -> Swaps:
    """A settlement replaces the object IDs that its batch had."""
    right: Way = packing.merge_objects

    def wrong(blob: bytes | None, new: Mapping[int, str], size: int) -> bytes:
        del blob
        merged: bytes = right(None, new, size)
        return merged

    return [Swap(packing, "merge_objects", wrong)]


@mistake("rule 7: a failed commit is never retried")
def failed_commit_is_retried() -> Swaps:
    """A commit that failed is committed once more, and succeeds without its rows."""

    def wrong(self: Writer, jobs: Sequence[_Job]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for job in jobs:
                job.run(self._connection)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._roll_back()
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("COMMIT")
        self._tell(jobs)

    return [Swap(Writer, "_commit", wrong)]


@mistake("rule 7: fail-stop", check=checks.a_failing_commit)
def writer_goes_on_after_a_failure() -> Swaps:
    """A writer whose commit failed takes the next operations."""
    right: Way = Writer.run

    async def wrong(self: Writer, operation: Operation) -> object:
        self.failure = None
        return await right(self, operation)

    return [Swap(Writer, "run", wrong)]


@mistake("rule 1: committed before")
def acknowledged_before_the_commit() -> Swaps:
    """Callers are told that their rows are durable while the commit still runs."""

    def wrong(self: Writer, jobs: Sequence[_Job]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            job.run(self._connection)
        self._tell(jobs)
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()

    return [Swap(Writer, "_commit", wrong)]


@mistake("section 8: synchronous=FULL")
def commits_are_not_flushed() -> Swaps:
    """A power cut takes commits that were acknowledged."""
    right: Way = store._configure

    def wrong(connection: sqlite3.Connection) -> None:
        right(connection)
        connection.execute("PRAGMA synchronous = OFF")

    return [Swap(store, "_configure", wrong)]


@mistake("rule 6: one owner", check=checks.a_second_owner)
def two_owners() -> Swaps:
    """The lock of a load is not taken."""

    def wrong(*_: object) -> None:
        return None

    return [Swap(lock, "_take", wrong)]


@mistake("rule 8: a ledger belongs to one portal", check=checks.another_portal)
def any_ledger_will_do() -> Swaps:
    """A ledger of another source, portal or key is taken as it is."""

    def wrong(*_: object) -> None:
        return None

    return [Swap(store, "check_same", wrong)]


@mistake("rule 9: written under a temporary name", check=checks.a_half_written_file)
def result_files_are_written_in_place() -> Swaps:
    """A result file is emptied and written again where it is."""

    @contextlib.contextmanager
    def wrong(path: Path) -> Iterator[BinaryIO]:
        with path.open("wb") as file:
            yield file

    return [Swap(files, "replaced", wrong)]
