"""Work done several pieces at a time, with results in order."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from loader.pipeline.abreast import abreast, all_of


async def numbers(count: int) -> AsyncIterator[int]:
    for each in range(count):
        yield each


async def test_results_come_in_order_however_long_each_takes():
    """And so many at most are under way."""
    gates = [asyncio.Event() for _ in range(6)]
    under_way: set[int] = set()
    most = 0

    async def work(number: int) -> int:
        nonlocal most
        under_way.add(number)
        most = max(most, len(under_way))
        if number < 5:
            await gates[number + 1].wait()  # each waits for the next to begin
        gates[number].set()
        under_way.discard(number)
        return number * 10

    gates[3].set()  # but with three at a time the third cannot wait for a fourth
    results = [each async for each in abreast(numbers(6), work, 3)]

    assert results == [(n, n * 10) for n in range(6)]
    assert most == 3


async def test_the_first_failure_cancels_the_others():
    """What was done before it has been given."""
    cancelled = asyncio.Event()

    async def work(number: int) -> int:
        if number == 1:
            raise LookupError
        if number == 2:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
        return number

    given: list[int] = []

    async def take() -> None:
        async with contextlib.aclosing(abreast(numbers(3), work, 3)) as results:
            async for piece, _ in results:
                given.append(piece)

    with pytest.raises(LookupError):
        await take()

    assert given == [0]
    assert cancelled.is_set()


async def test_a_failure_among_all_cancels_the_rest():
    """Nothing is left running."""
    cancelled = asyncio.Event()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(LookupError):
        await all_of([fail(), wait()])

    assert cancelled.is_set()


async def test_all_results_come_in_order():
    """One for each piece."""

    async def same(number: int) -> int:
        await asyncio.sleep(0)
        return number

    assert await all_of([same(2), same(1)]) == [2, 1]
