"""One side in one weather: run as its user would, and judged by the portal."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import records
from bench.processes import Failed
from loader.sandbox import Scenario
from loader.sandbox.store import Store

from .sides import ROOT, Installed, Side, run_command, variables
from .truth import Left, left_behind
from .weather import ANSWER_MS, Weather

#: far beyond the slowest in good order, whose pauses after a 429 add up
_PATIENCE_S = 600.0
_LOOK_S = 0.005
#: what the loader says of a record: there, or not; ``in_doubt`` is neither
_TOLD = {"created": True, "existing": True, "rejected": False}


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it."""

    left: Left
    #: of the last run, from its start to its end
    seconds: float
    status: int
    #: how many records the portal had when the tool was killed
    killed_at: int | None = None


async def in_weather(
    side: Side, installed: Installed, weather: Weather, lines: int, folder: Path
) -> Trial:
    """Load a new source into a new portal, and look what is left.

    Raises:
        Failed: the side does not end.
    """
    source, state = folder / "calls.ndjson", folder / "portal.db"
    records.write(source, lines)
    keys = [_key(each) for each in source.read_text("utf-8").splitlines()]
    command = run_command(side, installed, source, folder)
    own, killed_at = side.peer is None, None
    async with portal(state, weather.scenario()) as url:
        around = variables(installed, url)
        if weather.kills:
            async with _started(command, around, folder) as process:
                killed_at = await _kill_at(process, state, lines // 2)
        began = time.monotonic()
        async with _started(command, around, folder) as process:
            status = await _end_of(process, side)
        seconds = time.monotonic() - began
    told = await _told_by_loader(source, keys, folder) if own else _told(folder)
    with closing(Store.look(state)) as store:
        left = left_behind(keys, store.by_value(records.KEY), told)
    return Trial(left, seconds, status, killed_at)


@asynccontextmanager
async def portal(state: Path, scenario: Scenario) -> AsyncIterator[str]:
    """Serve a portal in a process of its own; give its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.peers.portal", str(state),
        msgspec.json.encode(scenario).decode(),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the bench, which then ends its portal
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("the portal has no standard output")
        yield (await process.stdout.readline()).decode().strip()
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _started(
    command: list[str], around: Mapping[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a side with all its children in one group, of which none stays behind."""
    with (folder / "side.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(around),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


async def _end_of(process: asyncio.subprocess.Process, side: Side) -> int:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await process.wait()
    except TimeoutError as error:
        raise Failed(f"{side.name} does not end in {_PATIENCE_S:.0f} s") from error


async def _kill_at(
    process: asyncio.subprocess.Process, state: Path, records: int
) -> int:
    """Kill a side once the portal has so many records; say how many it had.

    It is done in the middle of the next answer, where a tool spends its time.
    """
    with closing(Store.look(state)) as store:
        # what another process writes can only be looked at
        while (count := store.count()[0]) < records and process.returncode is None:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(ANSWER_MS / 2 / 1000)
    return count


def _key(line: str) -> str:
    key: str = json.loads(line)["properties"][records.KEY]
    return key


def _told(folder: Path) -> dict[str, bool]:
    """Read an adapter's report; what never came to write one told nothing."""
    report = folder / "report.ndjson"
    rows = report.read_text().splitlines() if report.exists() else []
    return {row["key"]: row["ok"] for row in map(json.loads, rows)}


async def _told_by_loader(
    source: Path, keys: Sequence[str], folder: Path
) -> dict[str, bool]:
    """Read what ``results`` says of each line."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loader", "results", str(source)),
        *("--load-dir", str(folder / "load")),
        cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    rows = map(json.loads, out.splitlines())
    return {
        keys[row["line"] - 1]: _TOLD[row["state"]]
        for row in rows
        if row["state"] in _TOLD
    }
