"""The stages: producer, feed, workers, sink, and the channels between them.

A stage owns the channel it writes and closes it when done. On a stop the producer ends
early, and every later stage finishes what it holds.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping

from loader.errors import (
    LedgerFailed,
    LoaderError,
    SourceChanged,
    SourceFailed,
    Unexpected,
)
from loader.model.batch import Batch
from loader.model.outcome import Settlement
from loader.model.record import Blank, CallRecord, Chunk, Item
from loader.telemetry import get_logger

from .batcher import Batcher, batch_of
from .channel import Channel, Window
from .courier import Courier
from .ports import Journal, KnownSpan, Source
from .progress import Progress
from .stop import Stop

log = get_logger()


class Cut:
    """Ends a batch: what comes next does not follow on."""


async def produce(
    source: Source,
    known: Iterable[KnownSpan],
    promised: Mapping[int, str],
    *,
    journal: Journal,
    channel: Channel[Chunk | Batch | Cut],
    stop: Stop,
    progress: Progress,
) -> None:
    """Read the source: over known spans, again where something is open, then onwards.

    A span that is not what it was, or a failure of source or ledger, stops the run:
    what is in flight is finished, since a cancelled answer would be a doubt.
    """
    reader = _Reader(source, promised, journal, channel, progress)
    try:
        await stop.unless(reader.run(known))
        await stop.unless(channel.close())
    except LoaderError as failure:
        stop.fail(failure)
    except OSError as error:
        stop.fail(SourceFailed(f"the source cannot be read: {error.strerror}"))
    except Exception as error:  # noqa: BLE001 - of ours, or of a caller's iterator
        stop.fail(Unexpected(error))


class _Reader:
    """The producer's way through the source. What changes: its position."""

    def __init__(
        self,
        source: Source,
        promised: Mapping[int, str],
        journal: Journal,
        channel: Channel[Chunk | Batch | Cut],
        progress: Progress,
    ) -> None:
        self._source = source
        self._promised = promised
        self._journal = journal
        self._channel = channel
        self._progress = progress
        self._position = 0

    async def run(self, known: Iterable[KnownSpan]) -> None:
        """Go through the source, known spans and unknown lines as they come."""
        for each in known:
            if each.span.start > self._position:
                await self._read(each.span.start)
            if each.span.start != self._position:
                raise changed(each)  # the source ends before it
            await (self._recover(each) if each.recover else self._skip(each))
        await self._read(None)

    async def _read(self, end: int | None) -> None:
        """Read unknown lines up to an offset, or to the end of the source."""
        while chunk := await self._source.read(end):
            items = await self._claimed(chunk)
            self._note(items)
            await self._channel.put(items)
        await self._channel.put(Cut())

    def _note(self, items: Chunk) -> None:
        self._position = items[-1].offset + items[-1].size
        self._progress.read_to = self._position
        blanks = [each for each in items if isinstance(each, Blank)]
        self._progress.lines_read += len(items) - len(blanks)

    async def _skip(self, known: KnownSpan) -> None:
        digest = await self._source.skip(known.span, known.end_line)
        if digest is not None and digest != known.digest:
            raise changed(known)
        self._position = self._progress.read_to = known.span.end
        self._progress.lines_read += known.lines

    async def _recover(self, known: KnownSpan) -> None:
        """Read a span again, join it with the ledger's memory, hand it on whole."""
        items: list[Item] = []
        while chunk := await self._source.read(known.span.end):
            items += await self._claimed(chunk)
        if not items:
            raise changed(known)
        batch = batch_of(items)
        if batch.span != known.span or batch.digest != known.digest:
            raise changed(known)
        self._note(items)
        await self._channel.put(await self._journal.recovered(batch))

    async def _claimed(self, chunk: Chunk) -> Chunk:
        """Find lines that repeat an ID of their own; derived IDs cannot repeat."""
        if self._promised:
            self._check_promised(chunk)
        named = [each for each in chunk if isinstance(each, CallRecord) and each.named]
        if not named:
            return chunk
        claimed = iter(await self._journal.claim(named))
        return [
            next(claimed) if isinstance(each, CallRecord) and each.named else each
            for each in chunk
        ]

    def _check_promised(self, chunk: Chunk) -> None:
        """A line that a settled one repeats must still be that record."""
        for each in chunk:
            wanted = self._promised.get(each.line)
            if wanted is None or isinstance(each, Blank) or each.trace_id == wanted:
                continue
            raise SourceChanged(
                f"line {each.line} (offset {each.offset}) had another ID, which a "
                "later line repeats that counts as loaded; restore the source, or use "
                "--load-dir NEW for a new load",
                offset=each.offset,
            )


def changed(known: KnownSpan) -> SourceChanged:
    """Make the error for a span that is not what it was."""
    return SourceChanged(
        f"the source changed in lines {known.first_line} to {known.end_line - 1} "
        f"(offset {known.span.start}), which were loaded before; "
        "restore it, or use --load-dir NEW for a new load",
        offset=known.span.start,
    )


class Feed:
    """The shared batcher: workers take whole batches from it, in order of the source.

    What changes: the batches that are ready, whether the channel has ended, and when
    the batch that is being formed must be sealed.
    """

    def __init__(
        self,
        channel: Channel[Chunk | Batch | Cut],
        batcher: Batcher,
        window: Window,
        stop: Stop,
        *,
        linger_s: float,
    ) -> None:
        self._channel = channel
        self._batcher = batcher
        self._window = window
        self._stop = stop
        self._linger_s = linger_s
        self._ready: deque[Batch] = deque()
        self._ended = False
        self._seal_at: float | None = None
        self._turn = asyncio.Lock()

    async def take(self) -> Batch | None:
        """Return the next batch; None when there is none, or the run stops."""
        async with self._turn:
            if not self._window.has_room:
                await self._stop.unless(self._window.room())
            while not self._ready and not self._ended and not self._stop.is_set:
                if self._channel.is_empty:
                    await self._stop.unless(self._fill())
                else:
                    self._take_in(self._channel.get_nowait())
            if self._stop.is_set or not self._ready:
                return None
            return self._window.take(self._ready.popleft())

    async def _fill(self) -> None:
        """Take one value from the channel; seal when the source is slow."""
        try:
            async with asyncio.timeout_at(self._deadline()):
                value = await self._channel.get()
        except TimeoutError:
            self._ready += self._batcher.seal()
            return
        self._take_in(value)

    def _deadline(self) -> float | None:
        """When the batch at hand is sealed: so long after its first line came."""
        if self._batcher.is_empty:
            self._seal_at = None
        elif self._seal_at is None:
            self._seal_at = asyncio.get_running_loop().time() + self._linger_s
        return self._seal_at

    def _take_in(self, value: Chunk | Batch | Cut | None) -> None:
        match value:
            case Batch():
                self._ready += self._batcher.seal()
                self._ready.append(value)
            case Cut() | None:
                self._ready += self._batcher.seal()
                self._ended = value is None
            case _:
                sealed = self._batcher.feed(value)
                self._ready += sealed
                if sealed:
                    self._seal_at = None  # another batch is at hand


Settled = tuple[Batch, Settlement]


async def work(
    feed: Feed, courier: Courier, results: Channel[Settled], stop: Stop
) -> None:
    """Deliver batch after batch, until there is none."""
    try:
        while await _worked(feed, courier, results):
            pass
    except LedgerFailed as failure:
        stop.fail(failure)
    except Exception as error:  # noqa: BLE001 - the next run asks about the batch
        stop.fail(Unexpected(error))


async def _worked(feed: Feed, courier: Courier, results: Channel[Settled]) -> bool:
    """Deliver one batch; False when there is none."""
    async with courier.gate.hand():
        batch = await feed.take()
        if batch is None:
            return False
        settlement = await courier.deliver(batch)
        if settlement is not None:
            await results.put((batch, settlement))
        return True


async def sink(
    results: Channel[Settled],
    journal: Journal,
    *,
    window: Window,
    progress: Progress,
    stop: Stop,
) -> None:
    """Make outcomes durable, then move the frontier and count.

    Whatever waits is settled together, so that it shares one commit. After a failure
    settlements are only drained: the next run asks for those records.
    """
    async for first in results:
        group = [first, *results.drain()]
        try:
            await asyncio.gather(*(_settle(journal, *each) for each in group))
        except LedgerFailed as failure:
            stop.fail(failure)
            continue
        except Exception as error:  # noqa: BLE001 - workers must still be drained
            stop.fail(Unexpected(error))
            continue
        for batch, settlement in group:
            progress.settle(batch, settlement)
            if settlement.closed:
                window.settle(batch)
        progress.frontier = window.frontier.offset
        log.debug("ledger.settled", batches=len(group), frontier=progress.frontier)


async def _settle(journal: Journal, batch: Batch, settlement: Settlement) -> None:
    if batch.records:
        await journal.settle(batch, settlement)
    else:
        await journal.pass_over(batch)
