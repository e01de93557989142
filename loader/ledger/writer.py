"""One thread that owns the connection and commits in groups.

Operations that arrive while a commit runs share the next one. After any error the
writer is poisoned: SQLite has rolled the group back, and a later commit would succeed
without it, so nothing is accepted any more in this process.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from loader.errors import LedgerFailed, Refused

Operation = Callable[[sqlite3.Connection], Any]

#: operations that may share one commit
_GROUP = 512


@dataclass(slots=True)
class _Job:
    operation: Operation
    future: asyncio.Future[Any]
    result: Any = None
    #: what the operation found unfit, without having written anything
    refused: Refused | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Do it; to refuse is a decision, not a failure of the ledger."""
        try:
            self.result = self.operation(connection)
        except Refused as refused:
            self.refused = refused


class Writer:
    """Runs operations in order, each inside a transaction, many to a commit.

    ``await writer.run(operation)`` returns what the operation returned, once it is
    durable. What changes: ``failure``, set once and for ever by the first error.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self.failure: LedgerFailed | None = None

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    async def run(self, operation: Operation) -> Any:  # noqa: ANN401 - the operation's own type
        """Queue an operation and wait until it is durable.

        A caller that is cancelled leaves its operation in the queue: work that was
        done is still recorded.

        Raises:
            LedgerFailed: this or an earlier commit failed.
            Refused: the operation said so; it must do so before it writes.
        """
        if self.failure is not None:
            raise self.failure
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(operation, future))
        return await future

    def _work(self) -> None:
        """Take what is there, commit it together, tell the callers; until closed."""
        closed = False
        while not closed:
            jobs: list[_Job] = []
            job = self._jobs.get()
            while job is not None:
                jobs.append(job)
                if len(jobs) >= _GROUP or self._jobs.empty():
                    break
                job = self._jobs.get()
            closed = job is None
            if jobs:
                self._commit(jobs)

    def _commit(self, jobs: Sequence[_Job]) -> None:
        if self.failure is None:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for job in jobs:
                    job.run(self._connection)
                self._connection.execute("COMMIT")
            except Exception as error:  # noqa: BLE001 - whatever it was, nothing may follow
                self.failure = LedgerFailed(
                    f"the ledger could not be written ({_told(error)}); nothing more "
                    "was sent; free the disk and run the same command again"
                )
                self.failure.__cause__ = error
                if self._connection.in_transaction:
                    self._roll_back()
        self._tell(jobs)

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            return  # the connection is lost; the file's journal undoes the group

    def _tell(self, jobs: Sequence[_Job]) -> None:
        """Wake the callers, all in one call into the loop."""
        loop = jobs[0].future.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, jobs, self.failure)


def _told(error: Exception) -> str:
    """Say what failed; any other error than the disk's could quote a record."""
    if isinstance(error, (sqlite3.Error, OSError)):
        return str(error)
    return type(error).__name__


def _resolve(jobs: Sequence[_Job], failure: LedgerFailed | None) -> None:
    for job in jobs:
        if job.future.done():
            continue
        error = failure or job.refused
        if error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(error)
