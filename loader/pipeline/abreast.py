"""Several pieces of work at a time, whose results come in the order of the pieces.

So how far all of it is done is one number, and what is read ahead is bounded.
"""

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Sequence,
)
from typing import Any, TypeVar

P = TypeVar("P")
R = TypeVar("R")


async def abreast(
    pieces: AsyncIterator[P], work: Callable[[P], Awaitable[R]], width: int
) -> AsyncGenerator[tuple[P, R], None]:
    """Give each piece with its result; begin so many at most before the first is done.

    What fails ends it: the first failure in order is raised, the others are cancelled.
    """
    under_way: deque[tuple[P, asyncio.Future[R]]] = deque()
    try:
        async for piece in pieces:
            under_way.append((piece, asyncio.ensure_future(work(piece))))
            if len(under_way) >= width:
                first, result = under_way.popleft()
                yield first, await result
        while under_way:
            first, result = under_way.popleft()
            yield first, await result
    finally:
        await _cancelled([result for _, result in under_way])


async def all_of(works: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """Do pieces of work side by side; the first failure in order cancels the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return [await task for task in tasks]
    finally:
        await _cancelled(tasks)


async def _cancelled(results: Sequence["asyncio.Future[R]"]) -> None:
    for each in results:
        each.cancel()
    await asyncio.gather(*results, return_exceptions=True)
