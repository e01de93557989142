"""The whole way of the data, on one page.

::

    source ──> produce ──chunks──> Feed ──batches──> work ──settled──> sink ──> journal

The producer reads lines and puts them, a few hundred at a time, into a bounded channel.
The feed forms batches; each worker takes one, gets a turn from the limiter, arms it in
the journal, sends it, and asks about whatever the answer does not prove. The sink makes
outcomes durable in groups and moves the frontier.

Ends: the source is read (``COMPLETE``); somebody asked to stop, and what was in flight
is finished (``INTERRUPTED``, ``STOPPED``); or ledger or source failed, or a mistake of
ours showed, and after a moment for the answers in flight the workers are cancelled.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loader.model.batch import Batch
from loader.model.frontier import Frontier
from loader.model.record import Chunk
from loader.model.summary import Ending

from .batcher import Batcher, Bounds
from .channel import Channel, Window
from .courier import Courier
from .ports import Journal, KnownSpan, Source
from .progress import Progress
from .stages import Cut, Feed, Settled, produce, sink, work
from .stop import Stop

#: chunks, of a few hundred lines each, that may wait for the batcher
AHEAD = 2
#: settlements that may wait for the sink
CAPACITY = 16
#: answers in flight get so long after the run has failed, in seconds
MOMENT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The parts of a run, joined by ``assembly``."""

    source: Source
    known: Sequence[KnownSpan]
    #: lines that later, settled lines repeat, and the IDs that they must have
    promised: Mapping[int, str]
    journal: Journal
    courier: Courier
    stop: Stop
    progress: Progress
    bounds: Bounds
    workers: int
    linger_s: float
    frontier: int


async def run(parts: Run) -> Ending:
    """Load the source to its end, or until something asks to stop.

    Whatever ended it early is in ``stop``: its reason, and its failure if it was one.
    """
    chunks = Channel[Chunk | Batch | Cut](AHEAD)
    results = Channel[Settled](CAPACITY)
    window = Window(Frontier(parts.frontier), parts.known)
    producer = produce(
        parts.source,
        parts.known,
        parts.promised,
        journal=parts.journal,
        channel=chunks,
        stop=parts.stop,
        progress=parts.progress,
    )
    feed = Feed(
        chunks, Batcher(parts.bounds), window, parts.stop, linger_s=parts.linger_s
    )
    settling = sink(
        results,
        parts.journal,
        window=window,
        progress=parts.progress,
        stop=parts.stop,
    )
    async with asyncio.TaskGroup() as stages:
        stages.create_task(producer, name="producer")
        stages.create_task(_work(parts, feed, results), name="workers")
        stages.create_task(settling, name="sink")
    return parts.stop.ending if parts.stop.is_set else Ending.COMPLETE


async def _work(parts: Run, feed: Feed, results: Channel[Settled]) -> None:
    """Run the workers; close their channel when the last has ended."""
    workers = [
        asyncio.create_task(
            work(feed, parts.courier, results, parts.stop), name=f"worker {number}"
        )
        for number in range(parts.workers)
    ]
    hurry = asyncio.create_task(_hurry(parts.stop, workers), name="hurry")
    try:
        await _all_done(workers)
    finally:
        await _cancel([hurry, *workers])
    await results.close()


async def _all_done(workers: Sequence["asyncio.Task[None]"]) -> None:
    """Wait for the workers; the first unexpected error ends the wait."""
    done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    for worker in done:
        if not worker.cancelled():
            worker.result()


async def _hurry(stop: Stop, workers: Sequence["asyncio.Task[None]"]) -> None:
    """Once an error has ended the run, give what is in flight a moment, no more."""
    await stop.failed()
    await asyncio.sleep(MOMENT_S)
    for worker in workers:
        worker.cancel()


async def _cancel(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
