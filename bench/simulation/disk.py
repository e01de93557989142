"""The ledger's disk, and the real writer on virtual time.

The database is a real one in memory: a killed process leaves what it has committed. A
power cut leaves what was flushed, which with ``synchronous=FULL`` is the same; with
less, as the connection itself says, it is what the last checkpoint held, and as many of
the commits since as chance wants.

The writer is the product's, without its thread: operations that arrive while a commit
is under way share the next, and a commit takes virtual time.
"""

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from loader.ledger import integrity, sql, store
from loader.ledger.writer import _GROUP, Writer, _Job

from .points import Points

LEDGER = Path("ledger.db")
#: pages are copied at each write; these ledgers are small, so their pages are too
_PAGE = 1024
_EMPTY = (
    "BEGIN",
    "DELETE FROM load",
    "DELETE FROM batch",
    "DELETE FROM exception",
    "DELETE FROM identity",
    "DELETE FROM tally",
    "DELETE FROM verification",
    "DELETE FROM finding",
    "DELETE FROM undo",
    "DELETE FROM spared",
    sql.QUERIES["insert_tally"],
    sql.QUERIES["sum_tally"],
    "DELETE FROM mark",
    "INSERT INTO mark VALUES (1, 'simulated', 0, 0, 0, 0, NULL)",
    sql.QUERIES["sum_mark"],
    "COMMIT",
)


class DiskFault(StrEnum):
    """How a commit fails."""

    #: ENOSPC: the transaction is still open
    FULL = "disk full"
    #: EIO: the transaction is gone
    LOST = "disk error, commit lost"
    #: EIO at the flush: a next process finds the transaction all the same
    KEPT = "disk error, commit kept"


class Connection(sqlite3.Connection):
    """A real connection whose n-th commit from now on fails, when that was planned."""

    fault: DiskFault | None = None
    #: commits until then
    left: int = 0
    struck: Callable[[DiskFault], None] | None = None
    committed: Callable[[], None] | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401 - SQLite's own
        """Run a statement; a commit may fail."""
        if sql != "COMMIT":
            return super().execute(sql, parameters)
        if self.fault is not None:
            self.left -= 1
            if self.left < 0:
                self._fail(self.fault)
        cursor = super().execute(sql)
        if self.committed is not None:
            self.committed()
        return cursor

    def _fail(self, fault: DiskFault) -> None:
        self.fault = None
        if self.struck is not None:
            self.struck(fault)
        if fault is DiskFault.FULL:
            raise sqlite3.OperationalError("database or disk is full")
        super().execute("COMMIT" if fault is DiskFault.KEPT else "ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")


def _connected() -> Connection:
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, factory=Connection
    )
    integrity.add_row_sum(connection)
    return connection


def _opened(image: bytes) -> Connection:
    """Open what is left after a power cut, as a new process does."""
    connection = _connected()
    connection.deserialize(image)
    store._configure(connection)
    store._check(connection, LEDGER, rebuilding=False)
    return connection


@lru_cache(maxsize=16)
def _ledger(
    schema: str, configure: Callable[[sqlite3.Connection], None], number: int
) -> Connection:
    """Make a ledger once: to parse its schema again would take half of a schedule.

    It is right for this schema and this configuration only; to configure it again would
    make SQLite compile every statement anew.
    """
    del schema, number
    connection = _connected()
    configure(connection)
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    store._create(connection)
    return connection


def _new(number: int) -> Connection:
    """Return an empty ledger, configured as the product does it.

    It is the one of this number in the schedule before.
    """
    connection = _ledger(sql.SCHEMA, store._configure, number)
    connection.fault = connection.committed = None
    if connection.in_transaction:
        connection.rollback()
    for statement in _EMPTY:
        connection.execute(statement)
    return connection


def _flushes_each_commit(connection: sqlite3.Connection) -> bool:
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    return bool(level >= 2)  # noqa: PLR2004 - SQLite's FULL


@dataclass(slots=True)
class Disk:
    """What outlives a process. What changes: the database, and what is flushed."""

    rng: random.Random
    #: which of the schedule's ledgers it has
    number: int = 0
    connection: Connection | None = None
    #: states since the last flush, when a power cut may ask for them
    images: list[bytes] | None = None

    def start(self, *, may_lose_power: bool) -> Connection:
        """Open the ledger as a new process does."""
        if self.connection is None:
            self.connection = _new(self.number)
        connection = self.connection
        if connection.in_transaction:
            connection.rollback()
        self.images = None
        connection.committed = None
        if may_lose_power and not _flushes_each_commit(connection):
            self.images = [connection.serialize()]
            connection.committed = self._keep
        return connection

    @property
    def kept(self) -> Connection:
        """What a next process would find."""
        assert self.connection is not None  # noqa: S101 - a process has been
        if self.connection.in_transaction:
            self.connection.rollback()
        return self.connection

    def stop(self, *, power_cut: bool) -> None:
        """The process is gone, with the power or without."""
        if power_cut:
            self._lose_power()

    def _keep(self) -> None:
        if self.images is not None and self.connection is not None:
            self.images.append(self.connection.serialize())

    def _lose_power(self) -> None:
        """Lose what was not flushed."""
        if self.images is not None:
            self.connection = _opened(self.rng.choice(self.images))


class _Queue:
    """Stands in for the queue between loop and thread."""

    def __init__(self, put: Callable[[_Job], None]) -> None:
        self._put = put

    def put(self, job: "_Job | None") -> None:
        if job is not None:
            self._put(job)


class SimWriter(Writer):
    """The product's writer; its thread is a timer.

    What changes: the jobs that wait for the commit under way.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        points: Points,
        latency: Callable[[], float],
    ) -> None:
        super().__init__(connection)
        self._jobs = cast("Any", _Queue(self._arrived))
        self._points = points
        self._latency = latency
        self._waiting: deque[_Job] = deque()
        self._busy = False

    def _arrived(self, job: _Job) -> None:
        if self._points.dead:
            return
        self._waiting.append(job)
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        """Take what is there; it is durable a moment later."""
        if self._points.dead:
            return
        size = min(len(self._waiting), _GROUP)
        jobs = [self._waiting.popleft() for _ in range(size)]
        self._reach(jobs, "before")
        asyncio.get_running_loop().call_later(self._latency(), self._end, jobs)

    def _end(self, jobs: Sequence[_Job]) -> None:
        if self._points.dead:
            return
        self._commit(jobs)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._begin)
        else:
            self._busy = False

    def _tell(self, jobs: Sequence[_Job]) -> None:
        """Committed, and nobody knows yet."""
        self._reach(jobs, "after")
        super()._tell(jobs)

    def _reach(self, jobs: Sequence[_Job], when: str) -> None:
        for job in jobs:
            self._points.reach(f"{_what(job)} {when}")


_NAMES = {"_run_bound": "plan", "_live": "bind", "read_identity": "identity"}


def _what(job: _Job) -> str:
    """Name an operation by the method that asked for it."""
    operation: Any = job.operation
    operation = getattr(operation, "func", operation)
    path = str(operation.__qualname__).partition(".<locals>")[0]
    name = path.rpartition(".")[2]
    return _NAMES.get(name, name)
