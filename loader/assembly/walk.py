"""A walk through the created records of a load, several sheaves at a time, in order."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import TypeVar

from loader.ledger.sheaf import Sheaf, read_sheaf
from loader.ledger.writer import Writer
from loader.pipeline.abreast import abreast

R = TypeVar("R")
#: takes how many records are done, and how many there are
Shown = Callable[[int, int], None]
#: created records that a sheaf holds: what is done with them is one transaction
SHEAF = 1000
#: sheaves that are worked on at a time; one has ten requests in flight
WIDTH = 3


async def walk(
    writer: Writer,
    work: Callable[[Sheaf], Awaitable[R]],
    *,
    frontier: int,
    most: int,
) -> AsyncGenerator[tuple[Sheaf, R], None]:
    """Give each sheaf of so many records at most with what was made of it."""
    sheaves = _sheaves(writer, frontier, most)
    results = abreast(sheaves, work, WIDTH)
    async with contextlib.aclosing(sheaves), contextlib.aclosing(results):
        async for each in results:
            yield each


async def _sheaves(
    writer: Writer, frontier: int, most: int
) -> AsyncGenerator[Sheaf, None]:
    while True:
        read = partial(read_sheaf, frontier=frontier, most=most)
        sheaf: Sheaf | None = await writer.run(read)
        if sheaf is None:
            return
        yield sheaf
        frontier = sheaf.end
