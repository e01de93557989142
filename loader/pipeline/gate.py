"""The way out for every request of a run: room in flight, then a turn.

The awaiting half of ``concurrency``. Room comes first, since a turn is logged as sent:
who waited after it would arrive later than the log says, too close to the next.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from loader.model.verdict import (
    Allowance,
    CreateVerdict,
    Doubt,
    Failed,
    Found,
    Halt,
    Oversized,
    Proof,
    ReadVerdict,
    Refusal,
    Unclear,
    Unsent,
    Wait,
)

from .concurrency import START, Concurrency, Sign
from .limiter import Limiter
from .progress import Progress
from .stop import Stop

#: batches at hand beyond those in flight
AHEAD = 4


@dataclass(slots=True)
class Flight:
    """A request that may leave. What changes: when it left, what its answer says."""

    #: when it got its turn
    turn_at: float
    #: its turn while it has not left
    left_at: float
    has_left: bool = False
    sign: Sign = Sign.NOTHING


@dataclass(slots=True, kw_only=True)
class Gate:
    """Lets requests out one after the other, first come, first served.

    What changes: who waits, and how many batches are at hand.
    """

    concurrency: Concurrency
    limiter: Limiter
    stop: Stop
    progress: Progress
    now: Callable[[], float]
    _hands: int = 0
    # each event has one waiter, who holds the lock: others would clear it unseen
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _hand_line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _hand_free: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def hand(self) -> AsyncIterator[None]:
        """Wait until one more batch may be at hand.

        A few more than may be in flight: one that is ready to leave shows that the
        limit binds, and batches that only wait cost memory.
        """
        async with self._hand_line:
            while self._hands >= max(START, int(self.concurrency.limit)) + AHEAD:
                if self.stop.is_set:
                    break
                self._hand_free.clear()
                await self.stop.unless(self._hand_free.wait())
            self._hands += 1
        try:
            yield
        finally:
            self._hands -= 1
            self._hand_free.set()

    @contextlib.asynccontextmanager
    async def flight(self) -> AsyncIterator[Flight | None]:
        """Wait for room and a turn; None when the run stops instead."""
        turn_at = await self._turn()
        if turn_at is None:
            yield None
            return
        flight = Flight(turn_at, turn_at)
        try:
            yield flight
        finally:
            self._ended(flight)

    def left(self, flight: Flight, at: float) -> None:
        """The request left then: its row, or its connection, took a moment."""
        self.limiter.left(flight.left_at, at)
        self.concurrency.left(at)
        flight.left_at, flight.has_left = at, True

    def answered(
        self, flight: Flight, allowance: Allowance | None, left_at: float | None
    ) -> None:
        """An answer has come; it may know better when its request left."""
        self.limiter.learn(allowance, flight.left_at, left_at)
        flight.left_at = flight.left_at if left_at is None else left_at

    async def _turn(self) -> float | None:
        async with self._line:
            while not self.concurrency.has_room and not self.stop.is_set:
                self.concurrency.wanted()
                self._room.clear()
                await self.stop.unless(self._room.wait())
            turn_at = await self.limiter.turn()
            if turn_at is not None:
                self.concurrency.placed()
                self._show()
            return turn_at

    def _ended(self, flight: Flight) -> None:
        self.concurrency.answered(
            flight.sign,
            sent_at=flight.left_at if flight.has_left else None,
            now=self.now(),
            pace=self.limiter.pace(),
        )
        self._show()
        self._room.set()
        self._hand_free.set()

    def _show(self) -> None:
        self.progress.in_flight = self.concurrency.in_flight
        self.progress.in_flight_limit = int(self.concurrency.limit)


def sign_of(verdict: CreateVerdict | ReadVerdict, *, explained: bool) -> Sign:
    """Say what an answer means for the requests in flight.

    Args:
        verdict: what it means for the records.
        explained: that it is refused would be for the rate, which is the limiter's.
    """
    match verdict:
        case Proof(items) if items and not verdict.settles:
            return Sign.TROUBLE
        case Proof() | Refusal() | Oversized() | Found() | Unclear():
            return Sign.FINE
        case Wait():
            return Sign.NOTHING if explained else Sign.TROUBLE
        case Doubt() | Failed() | Unsent():
            return Sign.TROUBLE
        case Halt():
            return Sign.NOTHING
