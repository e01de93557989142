"""A process that works on loads that have been run: to resolve, verify, or undo them.

The ledgers are opened and compared with their seals as the product does it; the desk
is the product's, on the simulated wire, with small requests and small sheaves, so that
a few records make many.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from loader.assembly.asking import Cost, Desk
from loader.assembly.halting import explain_halt
from loader.assembly.opened import Opened
from loader.assembly.portal import Pace
from loader.errors import LedgerFailed, LoaderError, Stopped, UsageError
from loader.ledger import seal, store
from loader.ledger.mark import Mark, read_mark
from loader.model.load import LoadIdentity, PortalFacts
from loader.model.summary import Ending
from loader.pipeline.limiter import Limiter
from loader.pipeline.stop import Stop

from .answers import moment
from .disk import Connection, SimWriter
from .part import Part
from .plan import rate_of
from .shelf import Book
from .wire import SimClient

PORTAL = "1"


Work = Callable[[Sequence[Opened], Desk], Coroutine[Any, Any, object]]


@dataclass(slots=True, kw_only=True)
class Visit:
    """One process. What changes: ``result``, and how it ended."""

    part: Part
    books: Sequence[Book]
    work: Work
    #: by how much the clock on the wall is wrong, in seconds
    clock_error_s: float = 0.0
    writers: list[SimWriter] = field(default_factory=list[SimWriter])
    ending: Ending = Ending.RUNNING
    reason: str = ""
    failure: LoaderError | None = None
    result: object = None

    async def run(self) -> None:
        """Open, and do the work."""
        stop = Stop()
        self.part.points.interrupt = lambda: stop.interrupt("SIGINT")
        connections = self.part.connections
        try:
            loads = [
                await self._opened(book, connection)
                for book, connection in zip(self.books, connections, strict=True)
            ]
            self.result = await self.work(loads, self._desk(stop))
            self.ending = Ending.COMPLETE
        except UsageError as refused:
            self.ending, self.reason = Ending.STOPPED, str(refused)
        except Stopped as stopped:
            self.ending, self.reason = Ending.STOPPED, str(stopped)
        except LedgerFailed as failure:
            self.ending, self.reason = Ending.STOPPED, str(failure)
            self.failure = failure

    async def _opened(self, book: Book, connection: Connection) -> Opened:
        seal.check_sealed(connection, seal.read_seal(book.place.seal))
        writer = self.part.writer(connection)
        self.writers.append(writer)
        identity: LoadIdentity = await writer.run(store.read_identity)
        mark: Mark = await writer.run(read_mark)
        return Opened(book.source, book.place, connection, writer, identity, mark)

    def _desk(self, stop: Stop) -> Desk:
        part, plan = self.part, self.part.plan
        limiter = Limiter(rate_of(plan), stop=stop, now=part.now, chance=part.rng)
        return Desk(
            client=SimClient(part.premises),
            pace=Pace(stop, limiter, part.rng, part.now),
            portal_id=PORTAL,
            in_flight=asyncio.Semaphore(plan.workers),
            patience_s=plan.patience_s,
            explain=explain_halt(PortalFacts(PORTAL, None, None)),
            cost=Cost(),
            today=lambda: moment(part.now() + self.clock_error_s),
            batch=plan.batch_size,
            sheaf=plan.batch_size + plan.workers,
        )
