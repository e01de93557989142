"""The whole pipeline between ports that are lists: order, stops, failures."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from loader.errors import LedgerFailed, SourceChanged
from loader.model.batch import Batch, Prior
from loader.model.outcome import Settlement
from loader.model.record import CallRecord, Chunk, Item, Span
from loader.model.summary import Ending
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    Found,
    Halt,
    HaltReason,
    ItemCreated,
    Proof,
    ReadVerdict,
    Reply,
)
from loader.pipeline.batcher import Bounds, batch_of
from loader.pipeline.channel import WINDOW
from loader.pipeline.concurrency import Concurrency
from loader.pipeline.courier import Courier, Doubts
from loader.pipeline.gate import Gate
from loader.pipeline.group import Policy
from loader.pipeline.health import Health
from loader.pipeline.limiter import Limiter
from loader.pipeline.progress import Progress
from loader.pipeline.run import Run, run
from loader.pipeline.stop import Stop
from tests.conftest import records


@dataclass
class Lines:
    """A source that is a list."""

    items: list[CallRecord]
    at: int = 0

    async def read(self, end: int | None = None) -> Chunk:
        found = [
            each
            for each in self.items
            if each.offset >= self.at and (end is None or each.offset < end)
        ][:7]
        if found:
            self.at = found[-1].offset + found[-1].size
        return found

    async def skip(self, span: Span, end_line: int) -> bytes | None:
        self.at = span.end
        return None


@dataclass
class Story:
    """A journal and a portal that write down what happens, in order."""

    events: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    known: dict[int, Prior] = field(default_factory=dict)
    there: dict[str, str] = field(default_factory=dict)
    answer: Callable[[Sequence[CallRecord]], CreateVerdict | None] = lambda _: None
    fail_arm_at: int | None = None

    async def claim(self, records: Sequence[CallRecord]) -> list[Item]:
        return list(records)

    async def arm(self, batch: Batch, *, doubted: frozenset[int], **_: Any) -> None:
        await asyncio.sleep(0)
        if self.fail_arm_at == len([e for e in self.events if e[0] == "arm"]):
            raise LedgerFailed("disk full")
        lines = (batch.records[position].line for position in sorted(doubted))
        self.events.append(("arm", tuple(lines)))

    async def pass_over(self, batch: Batch) -> None:
        self.events.append(("pass", ()))

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        self.settled.append(settlement)

    async def recovered(self, batch: Batch) -> Batch:
        return replace(batch, prior=self.known[batch.span.start])

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        self.events.append(("create", tuple(each.line for each in records)))
        await asyncio.sleep(0)
        verdict = self.answer(records)
        if verdict is None:
            for each in records:
                self.there[each.trace_id] = str(each.line)
            items = {n: ItemCreated(str(r.line)) for n, r in enumerate(records)}
            verdict = Proof(items)
        return Reply(verdict)

    async def read(
        self, trace_ids: Sequence[str], *, archived: bool
    ) -> Reply[ReadVerdict]:
        self.events.append(("read", ()))
        found = {} if archived else self.there
        return Reply(Found({t: found[t] for t in trace_ids if t in found}))


@dataclass(frozen=True)
class Known:
    span: Span
    first_line: int
    end_line: int
    lines: int
    recover: bool
    digest: bytes


def parts(story: Story, items: list[CallRecord], **more: Any) -> Run:
    stop, progress = more.pop("stop", Stop()), Progress()
    now, chance = asyncio.get_running_loop().time, random.Random(1)
    policy = more.pop("policy", Policy.ASK)
    healths = [Health(now=now, chance=chance, patience_s=0.2) for _ in range(2)]
    courier = Courier(
        portal=story,
        journal=story,
        gate=Gate(
            concurrency=Concurrency(64),
            limiter=Limiter(None, stop=stop, now=now, chance=chance),
            stop=stop,
            progress=progress,
            now=now,
        ),
        creates=healths[0],
        reads=healths[1],
        stop=stop,
        progress=progress,
        doubts=Doubts(policy, "trace"),
        chance=chance,
    )
    defaults: dict[str, Any] = {
        "source": Lines(items),
        "known": [],
        "promised": {},
        "workers": 3,
        "frontier": 0,
        "linger_s": 1.0,
    }
    return Run(
        journal=story,
        courier=courier,
        stop=stop,
        progress=progress,
        bounds=more.pop("bounds", Bounds(inputs=10)),
        **(defaults | more),
    )


def sent(story: Story) -> list[int]:
    return [line for kind, lines in story.events if kind == "create" for line in lines]


async def test_every_line_is_armed_sent_and_settled_once():
    """To the end of the source, and the frontier with it."""
    story, items = Story(), records(95)
    whole = parts(story, items)
    ending = await run(whole)

    assert ending is Ending.COMPLETE
    assert sorted(sent(story)) == list(range(1, 96))
    assert sum(len(s.outcomes) for s in story.settled) == 95
    assert whole.progress.created == 95
    assert whole.progress.frontier == items[-1].offset + items[-1].size


async def test_nothing_is_sent_before_its_row_is_armed():
    """Rule 1, for every request, also those after a doubt."""
    doubts = iter([Doubt("cut")] * 4)
    story = Story(answer=lambda _: next(doubts, None))
    await run(parts(story, records(60)))

    armed: set[int] = set()
    for kind, lines in story.events:
        if kind == "arm":
            armed |= set(lines)
        elif kind == "create":
            assert set(lines) <= armed


async def test_a_doubt_is_read_before_it_is_sent_again():
    """Rule 3: between two sends of a line there is a read."""
    story = Story()
    first = iter([Doubt("cut")])
    story.answer = lambda _: next(first, None)
    await run(parts(story, records(10), workers=1))

    kinds = [kind for kind, _ in story.events]
    assert kinds == ["arm", "create", "read", "read", "arm", "create"]


async def test_a_stop_finishes_what_is_in_flight_and_begins_nothing():
    """What was not begun stays unread."""
    stop = Stop()

    def interrupt(_: Sequence[CallRecord]) -> None:
        stop.interrupt("test")

    story = Story(answer=interrupt)
    ending = await run(parts(story, records(300), stop=stop, workers=2))

    assert ending is Ending.INTERRUPTED
    assert 0 < len(sent(story)) <= 20
    assert sum(len(s.outcomes) for s in story.settled) == len(sent(story))


async def test_a_halt_of_the_portal_stops_the_run_resumable():
    """The reason is told, and nothing is in doubt."""
    halt = Halt(HaltReason.UNAUTHORIZED, "token refused")
    story = Story(answer=lambda _: halt)
    whole = parts(story, records(50))
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert whole.stop.reason == "token refused"
    assert all(not s.doubted and not s.closed for s in story.settled)


async def test_a_portal_that_accepts_nothing_ends_the_patience():
    """A bound after which the run stops, resumable."""
    story = Story(answer=lambda _: Doubt("503"))
    whole = parts(story, records(20))
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert "503" in str(whole.stop.reason)


@pytest.mark.parametrize("at", [0, 1, 4])
async def test_nothing_is_sent_after_the_ledger_has_failed(at: int):
    """Fail-stop: no request follows a row that could not be made durable."""
    story = Story(fail_arm_at=at)
    whole = parts(story, records(200))
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert isinstance(whole.stop.failure, LedgerFailed)
    assert len([e for e in story.events if e[0] == "create"]) <= at


async def test_without_a_key_a_lost_answer_is_held_and_never_sent_again():
    """Hold mode."""
    first = iter([Doubt("cut")])
    story = Story(answer=lambda _: next(first, None))
    whole = parts(story, records(30), policy=Policy.HOLD, workers=1)
    await run(whole)

    assert sorted(sent(story)) == list(range(1, 31))
    assert whole.progress.in_doubt == 10


def known(items: list[CallRecord], *, recover: bool) -> Known:
    batch = batch_of(items)
    return Known(
        batch.span, batch.first_line, batch.end_line, len(items), recover, batch.digest
    )


async def test_a_resumed_run_skips_the_settled_and_recovers_the_open():
    """Settled spans are not read, open ones are asked for, gaps are sent."""
    items = records(40)
    spans = [known(items[:10], recover=False), known(items[20:30], recover=True)]
    start = spans[1].span.start
    everything = frozenset(range(10))
    prior = Prior(attempt=1, undecided=everything, doubted=everything, keyed=True)
    story = Story(known={start: prior})
    story.there = {item.trace_id: "there" for item in items[20:25]}
    whole = parts(story, items, known=spans, frontier=spans[0].span.end)
    ending = await run(whole)

    assert ending is Ending.COMPLETE
    assert sorted(sent(story)) == [*range(11, 21), *range(26, 41)]
    assert whole.progress.frontier == items[-1].offset + items[-1].size


async def test_a_span_that_changed_since_stops_the_run():
    """Refused with the offset; what was in flight is finished."""
    items = records(40)
    wrong = replace(known(items[20:30], recover=True), digest=b"x" * 8)
    story = Story()
    whole = parts(story, items, known=[wrong])
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert isinstance(whole.stop.failure, SourceChanged)
    assert whole.stop.failure.offset == wrong.span.start
    assert set(sent(story)) <= set(range(1, 21))


async def test_what_was_settled_ahead_does_not_keep_the_frontier_back():
    """A gap before a settled span: the frontier passes both, and the window stays."""
    items = records(WINDOW + 40)
    settled = [known(items[n : n + 10], recover=False) for n in range(10, 30, 10)]
    whole = parts(Story(), items, known=settled, bounds=Bounds(inputs=1))
    async with asyncio.timeout(60):  # it would wait for ever
        ending = await run(whole)

    assert ending is Ending.COMPLETE
    assert whole.progress.frontier == items[-1].offset + items[-1].size


async def test_a_line_that_a_settled_one_repeats_must_still_be_that_record():
    """It was never sent; were it another now, the record would be nowhere."""
    items = records(20)
    promised = {12: items[11].trace_id}
    same = await run(parts(Story(), items, promised=promised))
    other = parts(Story(), items, promised={12: "another"})
    ending = await run(other)

    assert same is Ending.COMPLETE
    assert ending is Ending.STOPPED
    assert isinstance(other.stop.failure, SourceChanged)
    assert other.stop.failure.offset == items[11].offset


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError(5, "Input/output error"), "cannot be read"), (KeyError("x"), "KeyError")],
)
async def test_a_source_that_fails_lets_the_answers_in_flight_come(error, words):
    """A cancelled answer would be a doubt, and without a key held for ever."""

    class Broken(Lines):
        async def read(self, end: int | None = None) -> Chunk:
            if self.at > self.items[30].offset:
                raise error
            return await super().read(end)

    story, items = Story(), records(95)
    whole = parts(story, items, source=Broken(items), policy=Policy.HOLD)
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert words in str(whole.stop.reason)
    assert sum(len(s.outcomes) for s in story.settled) == len(sent(story))
    assert whole.progress.in_doubt == 0


@pytest.mark.parametrize("where", ["create", "settle"])
async def test_a_mistake_of_ours_ends_the_run_resumable(where: str):
    """The other workers finish; the batch at hand is asked about next time."""
    story = Story()

    async def broken(*_: Any) -> Any:
        raise TypeError

    setattr(story, where, broken)
    whole = parts(story, records(30))
    ending = await run(whole)

    assert ending is Ending.STOPPED
    assert "TypeError in test_run.py" in str(whole.stop.reason)


async def test_a_failure_after_a_wish_to_stop_is_the_reason():
    """Interrupted, and then the ledger fails: the run did not end in peace."""
    stop = Stop()
    story = Story(fail_arm_at=1)

    def interrupt(_: Sequence[CallRecord]) -> Doubt:
        stop.interrupt("test")
        return Doubt("cut")

    async def failing(batch: Batch, settlement: Settlement) -> None:
        raise LedgerFailed("disk full")

    story.answer = interrupt
    story.settle = failing  # type: ignore[method-assign]
    ending = await run(parts(story, records(30), stop=stop, workers=1))

    assert ending is Ending.STOPPED
    assert stop.reason == "disk full"


async def test_a_slow_source_waits_for_no_more_than_its_linger():
    """Counted from the first line of the batch, not from the last."""

    class Slow(Lines):
        async def read(self, end: int | None = None) -> Chunk:
            if self.at:
                await asyncio.sleep(0.02)
            found = [each for each in self.items if each.offset >= self.at][:1]
            self.at = found[0].offset + found[0].size if found else self.at
            return found

    story, items = Story(), records(9)
    await run(parts(story, items, source=Slow(items), linger_s=0.05))

    assert len([kind for kind, _ in story.events if kind == "create"]) > 1


async def test_cancelling_a_run_leaves_no_task_behind():
    """Cancel is a fact: nothing goes on in the background."""
    hanging = asyncio.Event()
    story = Story()

    async def never(records: Sequence[CallRecord]) -> Any:
        hanging.set()
        await asyncio.Event().wait()

    story.create = never  # type: ignore[method-assign]
    before = asyncio.all_tasks()
    task = asyncio.create_task(run(parts(story, records(100))))
    await hanging.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == before
