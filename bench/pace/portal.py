"""The built-in portal in a process of its own: ``python -m bench.pace.portal FILE``.

Writes its address and its clock as a line of JSON, serves the scenario, writes an empty
line once it has created something, and when its standard input ends a line for each
visit.
"""

import asyncio
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from loader.sandbox import load_scenario, running


class Opening(msgspec.Struct, frozen=True):
    """Where the portal is, and when it began by its own clock, in seconds."""

    base_url: str
    began: float


class Seen(msgspec.Struct, frozen=True):
    """A request, as the portal saw it."""

    at: float
    #: it asked to create calls: the load has begun
    creates: bool
    #: it was refused for the rate
    refused: bool
    #: what the window allowed this client then
    allowed: int


class Rented:
    """A portal that runs. What changes: its visits are there once it has ended."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self.opening = msgspec.json.decode(output.readline(), type=Opening)
        self.visits: list[Seen] = []

    def await_create(self, patience_s: float) -> None:
        """Wait for the first create, but no longer than so many seconds."""
        ready, _, _ = select.select([self._output], [], [], patience_s)
        if ready:
            self._output.readline()


@contextmanager
def rented(scenario: Path) -> Iterator[Rented]:
    """Have a portal for as long as the context lasts, and its visits afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.pace.portal", str(scenario)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None  # noqa: S101 - they are pipes
        assert process.stdout is not None  # noqa: S101
        portal = Rented(process.stdout)
        try:
            yield portal
        finally:
            process.stdin.close()
            seen = msgspec.json.Decoder(Seen)
            portal.visits += seen.decode_lines(process.stdout.read().strip())


async def _serve(scenario: Path) -> None:
    began = time.monotonic()
    async with running(scenario=load_scenario(scenario)) as portal:
        _tell(Opening(portal.base_url, began))
        ending = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
        while not portal.requests.count("create") and not ending.done():
            await asyncio.wait({ending}, timeout=0.02)
        _say(b"\n")
        await ending
        for visit in portal.requests:
            if visit.allowed is not None:
                refused = visit.status == 429  # noqa: PLR2004 - HTTP
                creates = visit.endpoint == "create"
                _tell(Seen(visit.at, creates, refused, visit.allowed))


def _tell(value: msgspec.Struct) -> None:
    _say(msgspec.json.encode(value) + b"\n")


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
