"""A portal with a true rolling window, and a courier that sends to it for a minute.

On a virtual clock: a minute takes a fraction of a second, and every run is the same.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.simulation.clock import VirtualLoop
from loader.model.batch import Batch
from loader.model.record import CallRecord
from loader.model.settings import Rate
from loader.model.verdict import (
    Allowance,
    CreateVerdict,
    Doubt,
    Found,
    ItemCreated,
    Proof,
    ReadVerdict,
    Reply,
    Wait,
)
from loader.pipeline.concurrency import Concurrency
from loader.pipeline.courier import Courier, Doubts
from loader.pipeline.gate import Gate
from loader.pipeline.group import Policy
from loader.pipeline.health import Health
from loader.pipeline.limiter import Limiter
from loader.pipeline.progress import Progress
from loader.pipeline.stop import Stop
from tests.conftest import a_batch

Of = Callable[[float], float]
INTERVAL_S = 10.0


@dataclass
class Rolling:
    """What the portal is like; each function is of the time since the start."""

    limit: Of = lambda _: 100
    #: response time in seconds, and how far it strays
    latency: Of = lambda _: 0.5
    stray: float = 0.0
    #: mean of the travel time, which is exponential
    travel_s: float = 0.005
    headers: bool = True
    #: the headers are as of the arrival of the request, not of its answer
    early: bool = False
    #: share of the limit that somebody else uses
    neighbour: Of = lambda _: 0.0
    #: requests that are worked on at a time; more wait for each other
    desks: int = 1_000_000
    #: in flight beyond which the portal is in trouble
    most: int = 1_000_000
    #: share of requests that fail for no reason, of the time
    trouble: Of = lambda _: 0.0
    seed: int = 1
    taken: deque[tuple[float, bool]] = field(default_factory=deque)
    arrived: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    troubled: list[float] = field(default_factory=list)
    #: of each quarter of a second: our share of what was left by others
    looks: list[tuple[float, float]] = field(default_factory=list)
    now: Callable[[], float] = lambda: 0.0

    def start(self, now: Callable[[], float]) -> None:
        """Begin; inside the running loop."""
        self.now, self.rng = now, random.Random(self.seed)
        self.free = asyncio.Semaphore(self.desks)
        self.inside = 0

    def window(self) -> int:
        while self.taken and self.taken[0][0] <= self.now() - INTERVAL_S:
            self.taken.popleft()
        return len(self.taken)

    def take(self, *, ours: bool) -> bool:
        if self.window() >= self.limit(self.now()):
            return False
        self.taken.append((self.now(), ours))
        return True

    async def live(self) -> None:
        """Somebody else sends at a steady pace, and takes what there is."""
        while True:
            pace = self.neighbour(self.now()) * self.limit(self.now()) / INTERVAL_S
            await asyncio.sleep(1 / pace if pace else 0.1)
            if pace:
                self.take(ours=False)

    async def look(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            used = self.window()
            ours = sum(each for _, each in self.taken)
            left = self.limit(self.now()) - (used - ours)
            self.looks.append((self.now(), min(1.0, ours / max(1, left))))

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        await asyncio.sleep(self.rng.expovariate(1 / self.travel_s))
        taken = self.take(ours=True)
        early = max(0, int(self.limit(self.now())) - self.window())
        verdict: CreateVerdict
        if not taken:
            self.refused.append(self.now())
            verdict = Wait("429")
        else:
            self.arrived.append(self.now())
            self.inside += 1
            verdict = await self.perform(records)
            self.inside -= 1
        allowance = None
        if self.headers:
            limit = int(self.limit(self.now()))
            allowance = Allowance(
                limit,
                early if self.early else max(0, limit - self.window()),
                INTERVAL_S,
            )
        await asyncio.sleep(self.rng.expovariate(1 / self.travel_s))
        return Reply(verdict, allowance)

    async def perform(self, records: Sequence[CallRecord]) -> CreateVerdict:
        if self.inside > self.most or self.rng.random() < self.trouble(self.now()):
            self.troubled.append(self.now())
            await asyncio.sleep(0.05)
            return Doubt("503")
        stray = 1 + self.stray * self.rng.uniform(-1, 1)
        async with self.free:
            await asyncio.sleep(self.latency(self.now()) * stray)
        return Proof({n: ItemCreated(str(n)) for n in range(len(records))})

    async def read(self, _: Sequence[str], **__: Any) -> Reply[ReadVerdict]:
        return Reply(Found({}))

    async def arm(self, _: Batch, **__: Any) -> None:
        await asyncio.sleep(self.rng.expovariate(1 / 0.003))

    async def settle(self, *_: Any) -> None:
        """Remember nothing."""

    # -- what came of it --

    def use(self, start: float, end: float) -> float:
        """Tell how full of us its window was on average, of what others left."""
        seen = [use for at, use in self.looks if start <= at < end]
        return sum(seen) / len(seen)

    def done(self, start: float, end: float) -> float:
        """Tell how many requests a second it has worked on without trouble."""
        arrived = sum(start <= at < end for at in self.arrived)
        return (arrived - sum(start <= at < end for at in self.troubled)) / (
            end - start
        )

    @property
    def throttled(self) -> float:
        return len(self.refused) / (len(self.refused) + len(self.arrived))


def sent_to(
    portal: Rolling,
    *,
    seconds: float = 60.0,
    rate: Rate | None = Rate(),  # noqa: B008 - frozen
) -> Concurrency:
    """Send as much as may be sent for so long; return what was learnt."""
    loop = VirtualLoop(most_turns=50_000_000, latest=1e9)
    concurrency = Concurrency(64)
    try:
        loop.run_until_complete(_send(portal, concurrency, rate, seconds, loop.time))
    finally:
        loop.abandon()
        loop.close()
    return concurrency


async def _send(
    portal: Rolling,
    concurrency: Concurrency,
    rate: Rate | None,
    seconds: float,
    now: Callable[[], float],
) -> None:
    portal.start(now)
    stop, progress, chance = Stop(), Progress(), random.Random(7)
    creates, reads = (Health(now=now, chance=chance, patience_s=1e6) for _ in range(2))
    gate = Gate(
        concurrency=concurrency,
        limiter=Limiter(rate, stop=stop, now=now, chance=chance),
        stop=stop,
        progress=progress,
        now=now,
    )
    courier = Courier(
        portal=portal,
        journal=portal,
        gate=gate,
        creates=creates,
        reads=reads,
        stop=stop,
        progress=progress,
        doubts=Doubts(Policy.ASK, "trace"),
        chance=chance,
    )
    batch = a_batch(1)

    async def work() -> None:
        while not stop.is_set:
            async with gate.hand():
                await courier.deliver(batch)

    beside = [asyncio.create_task(each) for each in (portal.look(), portal.live())]
    workers = [asyncio.create_task(work()) for _ in range(concurrency.most)]
    await asyncio.sleep(seconds)
    stop.interrupt("the time is over")
    await asyncio.gather(*workers)
    for each in beside:
        each.cancel()
