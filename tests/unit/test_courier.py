"""Turn, arm, send, ask: the awaiting half, with a portal that answers as told."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from loader.model.batch import Batch
from loader.model.outcome import Created, Settlement
from loader.model.record import CallRecord
from loader.model.settings import Rate
from loader.model.verdict import (
    Allowance,
    CreateVerdict,
    Doubt,
    ErrorKind,
    Failed,
    Found,
    Halt,
    HaltReason,
    ItemCreated,
    ItemError,
    Proof,
    ReadVerdict,
    Reply,
    Unclear,
    Unsent,
    Wait,
)
from loader.pipeline.concurrency import Concurrency
from loader.pipeline.courier import Courier, Doubts
from loader.pipeline.gate import Gate
from loader.pipeline.group import STRIKES, Policy
from loader.pipeline.health import Health
from loader.pipeline.limiter import Limiter
from loader.pipeline.progress import Progress
from loader.pipeline.stop import Stop
from loader.telemetry import outputs
from tests.conftest import a_batch


class Told:
    """A portal that gives the answers it was told, and a journal that forgets."""

    def __init__(self, creates: list[Any], reads: list[Any] = ()) -> None:
        self.creates, self.reads = list(creates), list(reads)
        self.asked: list[tuple[int, bool]] = []
        self.armed: list[frozenset[int]] = []
        self.settled: list[Settlement] = []

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        verdict = self.creates.pop(0) if self.creates else None
        if verdict is None:
            verdict = Proof({n: ItemCreated(str(n)) for n in range(len(records))})
        return Reply(verdict, Allowance(190, 100, 10.0))

    async def read(self, ids: Sequence[str], *, archived: bool) -> Reply[ReadVerdict]:
        self.asked.append((len(ids), archived))
        verdict = self.reads.pop(0) if self.reads else Found({})
        return Reply(verdict)

    async def arm(self, batch: Batch, *, doubted: frozenset[int], **_: Any) -> None:
        self.armed.append(doubted)

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        self.settled.append(settlement)


class NoWait(random.Random):
    """Chance that never waits."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0


def a_courier(told: Told, stop: Stop, **more: Any) -> Courier:
    now, chance = asyncio.get_running_loop().time, NoWait()
    healths = [Health(now=now, chance=chance, patience_s=60.0) for _ in range(2)]
    gate = Gate(
        concurrency=Concurrency(64),
        limiter=Limiter(more.pop("rate", None), stop=stop, now=now, chance=chance),
        stop=stop,
        progress=more.pop("progress", Progress()),
        now=now,
    )
    return Courier(
        portal=told,
        journal=told,
        gate=gate,
        creates=healths[0],
        reads=healths[1],
        stop=stop,
        progress=gate.progress,
        doubts=Doubts(Policy.ASK, "trace"),
        chance=chance,
        **more,
    )


@pytest.mark.parametrize("before", [Unsent("refused"), Wait("429", 0.0)])
async def test_what_was_not_applied_is_sent_again(before: CreateVerdict):
    """Each request is armed anew."""
    told, stop = Told([before]), Stop()
    settlement = await a_courier(told, stop).deliver(a_batch(2))

    assert settlement is not None
    assert settlement.closed
    assert len(told.armed) == 2
    assert told.asked == []


async def test_a_doubt_can_end_the_run():
    """The records stay in doubt, and are asked about by the next run."""
    halt = Halt(HaltReason.MISSING_SCOPE, "no scope")
    told, stop = Told([Doubt("refused", halt=halt)]), Stop()
    settlement = await a_courier(told, stop).deliver(a_batch(2))

    assert settlement is not None
    assert settlement.doubted == {0, 1}
    assert not settlement.closed
    assert stop.is_set
    assert told.asked == []


async def test_an_unclear_read_is_asked_in_halves():
    """Until the answers tell; live ones first, then archived ones."""
    batch = a_batch(4)
    ids = [record.trace_id for record in batch.records]
    reads = [Unclear("207"), Found({ids[0]: "a", ids[1]: "b"}), Found({}), Found({})]
    told, stop = Told([Doubt("cut")], reads), Stop()
    await a_courier(told, stop).deliver(batch)

    assert told.settled[0].outcomes == {0: Created("a"), 1: Created("b")}
    assert told.asked == [(4, False), (2, False), (2, False), (2, True)]
    assert told.armed[1] == {2, 3}


async def test_a_record_that_is_found_archived_is_told():
    """Somebody deleted it, or it is its predecessor in a load that was undone."""
    batch = a_batch(2)
    live, gone = (record.trace_id for record in batch.records)
    told = Told([Doubt("cut")], [Found({live: "a"}), Found({gone: "b"})])
    events: list[dict[str, Any]] = []
    with outputs(lambda _, event: events.append(event)):
        settlement = await a_courier(told, Stop()).deliver(batch)

    assert settlement is not None
    assert settlement.outcomes == {0: Created("a"), 1: Created("b")}
    (event,) = [each for each in events if each["event"] == "delivery.archived"]
    assert (event["line"], event["records"]) == (1, 1)


@pytest.mark.parametrize("put_off", [Wait("429", 0.0), Unsent("refused")])
async def test_a_half_that_was_put_off_is_asked_again_alone(put_off: ReadVerdict):
    """What the other halves have told is kept; to begin anew might never end."""
    batch = a_batch(4)
    ids = [record.trace_id for record in batch.records]
    here = Found({each: each for each in ids[:2]})
    reads = [Unclear("207"), here, put_off, Found({ids[2]: "c", ids[3]: "d"})]
    told = Told([Doubt("cut")], reads)
    await a_courier(told, Stop()).deliver(batch)

    assert told.asked == [(4, False), (2, False), (2, False), (2, False)]


async def test_a_failed_read_is_asked_again_and_nothing_is_sent_meanwhile():
    """No answer is no absence."""
    told = Told([Doubt("cut")], [Failed("503"), Wait("429", 0.0), Found({})])
    settlement = await a_courier(told, Stop()).deliver(a_batch(2))

    assert settlement is not None
    assert settlement.closed
    assert [archived for _, archived in told.asked] == [False, False, False, True]
    assert len(told.armed) == 2


async def test_a_read_that_fails_again_and_again_is_asked_in_halves():
    """And what an answer proved is settled before the next question waits."""
    failing = [Failed("500")] * STRIKES
    told = Told([Proof({0: ItemCreated("a")})], failing)
    settlement = await a_courier(told, Stop()).deliver(a_batch(5))

    assert settlement is not None
    assert settlement.closed
    assert told.settled[0].outcomes == {0: Created("a")}
    assert [size for size, _ in told.asked[: STRIKES + 1]] == [4] * STRIKES + [2]


async def test_records_that_all_failed_for_now_are_no_success():
    """The portal that can do nothing ends the patience; it is not healthy."""
    busy = ItemError(ErrorKind.TRANSIENT, "INTERNAL_ERROR", "later")
    courier = a_courier(Told([Proof({0: busy, 1: busy})]), Stop())
    await courier.deliver(a_batch(2))

    assert courier._creates.accepted == 1


async def test_a_stop_during_a_doubt_leaves_it_in_doubt():
    """It is recorded as such, for the next run to ask."""
    stop = Stop()
    told = Told([Doubt("cut")])

    async def read(*_: Any, **__: Any) -> Reply[ReadVerdict]:
        stop.interrupt("test")
        return Reply(Failed("503"))

    told.read = read  # type: ignore[method-assign]
    settlement = await a_courier(told, stop).deliver(a_batch(2))

    assert settlement is not None
    assert (settlement.doubted, settlement.closed) == ({0, 1}, False)


async def test_a_stop_before_the_first_request_arms_nothing():
    """The batch stays unread."""
    stop = Stop()
    stop.interrupt("test")
    told = Told([])

    assert await a_courier(told, stop).deliver(a_batch(2)) is None
    assert told.armed == []


async def test_alarms_and_halts_are_told_with_the_reason_explained():
    """The event has the reason, the run the explanation."""
    events: list[tuple[str, str]] = []
    halt = Halt(HaltReason.DAILY_LIMIT, "used up")
    stop = Stop()
    told = Told([Doubt("one record twice", alarm=True), halt])
    courier = a_courier(told, stop, explain_halt=lambda h: f"{h.message} until noon")
    with outputs(lambda level, event: events.append((level, event["event"]))):
        await courier.deliver(a_batch(1))

    assert ("error", "delivery.alarmed") in events
    assert ("error", "delivery.halted") in events
    assert stop.reason == "used up until noon"


async def test_a_doubt_may_end_the_run_and_leaves_its_records_in_doubt():
    """What the answer says of the token is heeded; of the records it said nothing."""
    halt = Halt(HaltReason.MISSING_SCOPE, "add the scope")
    told, stop = Told([Doubt("nobody named", halt=halt)]), Stop()
    settlement = await a_courier(told, stop).deliver(a_batch(2))

    assert settlement is not None
    assert (settlement.doubted, settlement.closed) == ({0, 1}, False)
    assert stop.reason == "add the scope"
    assert told.asked == []


async def test_the_portals_allowance_reaches_the_limiter():
    """``auto`` follows the headers of every answer."""
    told, stop = Told([]), Stop()
    courier = a_courier(told, stop, rate=Rate())
    await courier.deliver(a_batch(1))

    assert courier._limiter.window is not None
    assert courier._limiter.window.limit == 190
    assert "use" in repr(courier._limiter)
