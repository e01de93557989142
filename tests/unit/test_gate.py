"""Room, then a turn: who waits, who goes first, and what ends a wait."""

import asyncio
import random

import pytest

from loader.model.verdict import (
    Doubt,
    ErrorKind,
    Failed,
    Found,
    Halt,
    HaltReason,
    ItemCreated,
    ItemError,
    Oversized,
    Proof,
    Refusal,
    Unclear,
    Unsent,
    Wait,
)
from loader.pipeline.concurrency import START, Concurrency, Sign
from loader.pipeline.gate import AHEAD, Gate, sign_of
from loader.pipeline.limiter import Limiter
from loader.pipeline.progress import Progress
from loader.pipeline.stop import Stop


def a_gate(most: int) -> Gate:
    stop, now = Stop(), asyncio.get_running_loop().time
    return Gate(
        concurrency=Concurrency(most),
        limiter=Limiter(None, stop=stop, now=now, chance=random.Random(1)),
        stop=stop,
        progress=Progress(),
        now=now,
    )


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_as_many_leave_as_there_is_room_for_and_in_their_order():
    """The next one when an answer has come."""
    gate = a_gate(2)
    answer = [asyncio.Event() for _ in range(4)]
    left: list[int] = []

    async def send(number: int) -> None:
        async with gate.flight():
            left.append(number)
            await answer[number].wait()

    tasks = [asyncio.create_task(send(number)) for number in range(4)]
    await settle()
    first = list(left)
    shown = gate.progress.in_flight, gate.progress.in_flight_limit
    answer[1].set()
    await settle()
    second = list(left)
    for each in answer:
        each.set()
    await asyncio.gather(*tasks)

    assert (first, second, left) == ([0, 1], [0, 1, 2], [0, 1, 2, 3])
    assert shown == (2, 2)
    assert gate.progress.in_flight == 0


async def test_a_stop_ends_the_wait_for_room():
    """Nothing leaves any more; what is in flight is finished."""
    gate = a_gate(1)

    async with gate.flight() as flying:
        waiting = asyncio.create_task(gate.flight().__aenter__())
        await settle()
        gate.stop.interrupt("test")
        stopped = await waiting

    assert flying is not None
    assert stopped is None


async def test_a_request_that_is_cancelled_makes_room():
    """Its place is not lost."""
    gate = a_gate(1)

    async def send() -> None:
        async with gate.flight():
            await asyncio.Event().wait()

    task = asyncio.create_task(send())
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert gate.concurrency.has_room


async def test_no_more_batches_are_at_hand_than_are_of_use():
    """A few more than may be in flight; a stop lets the others end."""
    gate = a_gate(64)
    at_hand: list[int] = []
    over = asyncio.Event()

    async def hold(number: int) -> None:
        async with gate.hand():
            at_hand.append(number)
            await over.wait()

    tasks = [asyncio.create_task(hold(number)) for number in range(64)]
    for _ in range(5):
        await settle()
    before = len(at_hand)
    gate.stop.interrupt("test")
    over.set()
    await asyncio.gather(*tasks)

    assert before == START + AHEAD
    assert len(at_hand) == 64


BUSY = ItemError(ErrorKind.TRANSIENT, "INTERNAL_ERROR", "later")


@pytest.mark.parametrize(
    ("verdict", "sign"),
    [
        (Proof({0: ItemCreated("1")}), Sign.FINE),
        (Proof({}), Sign.FINE),
        (Proof({0: BUSY}), Sign.TROUBLE),
        (Refusal("VALIDATION_ERROR", "no"), Sign.FINE),
        (Oversized("TOO_LARGE", "no"), Sign.FINE),
        (Found({}), Sign.FINE),
        (Unclear("207"), Sign.FINE),
        (Doubt("HTTP 503"), Sign.TROUBLE),
        (Failed("HTTP 503"), Sign.TROUBLE),
        (Unsent("refused"), Sign.TROUBLE),
        (Halt(HaltReason.DAILY_LIMIT, "used up"), Sign.NOTHING),
    ],
)
def test_every_verdict_says_something_of_the_load(verdict, sign):
    """Whether it works, whether it may be too much, or nothing."""
    assert sign_of(verdict, explained=True) is sign


def test_a_refusal_counts_unless_the_rate_explains_it():
    """Else a throttled load would stop using its rate."""
    assert sign_of(Wait("429"), explained=True) is Sign.NOTHING
    assert sign_of(Wait("429"), explained=False) is Sign.TROUBLE
