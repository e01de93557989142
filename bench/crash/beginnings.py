"""Loads before their trial: new ones, and ones that an earlier death left half done."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click

from loader.sandbox import running

from .failpoints import REQUEST
from .trial import PORTAL, SETTINGS, Trial, write_source
from .victim import Plan, arguments

_TOLD_EVERY = 25

T = TypeVar("T")
R = TypeVar("R")

#: where the first process of a resumed load was killed
FIRST_DEATH = Plan(deadly=REQUEST[-1], nth=2)


class Beginnings:
    """Two folders, made once and copied for each trial, the portal's state included."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    async def make(self, *, resumed: bool) -> None:
        """Make one of them."""
        folder = self._master(resumed=resumed)
        folder.mkdir(parents=True)
        write_source(folder / "calls.ndjson")
        if resumed:
            command = arguments(FIRST_DEATH, "run", folder / "calls.ndjson", *SETTINGS)
            async with self._opened(folder) as trial:
                await trial.start(command)

    @asynccontextmanager
    async def copied(self, *, resumed: bool) -> AsyncIterator[Trial]:
        """Give a trial of its own, and remove it afterwards."""
        self._number += 1
        folder = self._folder / f"trial-{self._number}"
        shutil.copytree(self._master(resumed=resumed), folder)
        try:
            async with self._opened(folder) as trial:
                yield trial
        finally:
            shutil.rmtree(folder)

    def _master(self, *, resumed: bool) -> Path:
        return self._folder / ("resumed" if resumed else "fresh")

    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[Trial]:
        # the tracer's log has wall time; so must the portal, to be compared with it
        state = folder / "portal.db"
        async with running(state=state, scenario=PORTAL, monotonic=time.time) as portal:
            yield Trial(folder, portal)


async def side_by_side(
    work: Callable[[T], Awaitable[R]], items: Iterable[T], *, jobs: int
) -> list[R]:
    """Do the work for all items, so many at a time; return what came of each."""
    waiting = list(items)
    places = asyncio.Semaphore(jobs)
    done = 0

    async def one(item: T) -> R:
        nonlocal done
        async with places:
            result = await work(item)
        done += 1
        if done % _TOLD_EVERY == 0:
            click.echo(f"{done} of {len(waiting)} trials", err=True)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(item)) for item in waiting]
    return [task.result() for task in tasks]
