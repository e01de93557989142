"""The virtual clock: it jumps, it creeps, and it sees when nothing will ever happen."""

import asyncio

import pytest
from aiolimiter import AsyncLimiter

from bench.simulation.clock import Stuck, VirtualLoop


def run(work, *, turns: int = 10_000, latest: float = 1e6) -> VirtualLoop:
    loop = VirtualLoop(most_turns=turns, latest=latest)
    try:
        loop.run_until_complete(work)
    finally:
        loop.abandon()
        loop.close()
    return loop


def test_a_day_of_sleep_takes_no_time():
    """The selector jumps to the next timer."""
    loop = run(asyncio.sleep(86_400))

    assert 86_400 <= loop.now < 86_401
    assert loop.turns < 10


def test_timers_fire_in_their_order():
    """Whatever the order in which they were set."""
    order: list[int] = []

    async def after(seconds: int) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    async def all_of_them() -> None:
        await asyncio.gather(*(after(seconds) for seconds in (3, 1, 2)))

    run(all_of_them())

    assert order == [1, 2, 3]


def test_a_limiter_that_waits_for_a_residue_ends():
    """The clock creeps: a frozen one would spin for ever."""

    async def acquire() -> None:
        limiter = AsyncLimiter(3, 0.7)
        for _ in range(50):
            await limiter.acquire()

    assert run(acquire()).now > 10


def test_waiting_for_ever_is_an_error():
    """Every task waits, and no timer is set."""

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="every task waits"):
        run(wait())


def test_spinning_for_ever_is_an_error():
    """More turns than any honest run takes."""

    async def spin() -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(Stuck, match="no end"):
        run(spin(), turns=100)


def test_sleeping_for_ever_is_an_error():
    """More time than any honest run takes."""

    async def doze() -> None:
        while True:
            await asyncio.sleep(10)

    with pytest.raises(Stuck, match="no end"):
        run(doze(), latest=1000)


def test_a_function_for_a_thread_runs_in_the_loop():
    """With its result, or with its error."""

    async def work() -> tuple[int, str]:
        number = await asyncio.to_thread(lambda: 7)
        try:
            await asyncio.to_thread(lambda: int("x"))
        except ValueError as error:
            return number, str(error)
        return number, ""

    loop = VirtualLoop(most_turns=1000, latest=10)
    number, message = loop.run_until_complete(work())
    loop.close()

    assert number == 7
    assert "invalid literal" in message
