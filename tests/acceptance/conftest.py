"""The command line as a real process, against a portal in this one."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

TOKEN = "canary-token-0815"


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    status: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Loader:
    """Runs ``python -m loader`` with an environment of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    #: called in the new process before the program starts
    before: Callable[[], None] | None = None

    async def start(
        self, *arguments: str | Path, stdin: Path | None = None
    ) -> asyncio.subprocess.Process:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUBSPOT_", "LOADER_", "COV_"))
        }
        with (stdin or Path(os.devnull)).open("rb") as file:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "loader",
                *map(str, arguments),
                env=inherited | self.environment,
                cwd=self.folder,
                stdin=file,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                preexec_fn=self.before,
            )

    async def __call__(
        self, *arguments: str | Path, stdin: Path | None = None
    ) -> Ended:
        return await ended(await self.start(*arguments, stdin=stdin))

    async def until(
        self, condition: Callable[[], bool], *arguments: str | Path
    ) -> asyncio.subprocess.Process:
        """Start, and return as soon as the condition holds or the process ends."""
        process = await self.start(*arguments)
        while process.returncode is None and not condition():
            await asyncio.sleep(0.005)
        return process

    async def killed(
        self, condition: Callable[[], bool], *arguments: str | Path
    ) -> Ended:
        """Start, and kill as soon as the condition holds."""
        process = await self.until(condition, *arguments)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        return await ended(process)


async def ended(process: asyncio.subprocess.Process) -> Ended:
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path)
