"""One load against a portal of this process, and what must be true of it afterwards."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loader.assembly.folder import place_of
from loader.assembly.inspect import opened_results
from loader.assembly.load import load
from loader.errors import LoaderError
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.settings import Settings
from loader.model.summary import Ending
from loader.sandbox import Sandbox, Scenario, StoredCall
from loader.sandbox.scenario import QuotaSettings

ROOT = Path(__file__).parents[2]
LINES = 51
WORKERS = 2
#: refused before sending, by the portal, and after the last batch that is sent
BAD: dict[int, Any] = {5: '{"broken', 17: {"no_such_property": "x"}, LINES: "[]"}
#: a line with an ID of its own, and one that repeats it
NAMED, REPEATED = 20, 41
SETTINGS = (
    "--rate", "none", "--workers", str(WORKERS), "--batch-size", "12", "--json",
)  # fmt: skip
#: a portal that lets everything through, and keeps the promise possible
PORTAL = Scenario(quota=QuotaSettings(limit="none"), installed=("loader_trace_id",))
_BEARER = "any"
#: the status of a process that has to be killed in the end
HUNG = 124
#: nothing here takes a minute, if the machine is not busy; what does hangs
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended; negative: the signal that ended it."""

    status: int
    err: str

    @property
    def is_killed(self) -> bool:
        """It was killed, as planned."""
        return self.status == -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Trial:
    """A source in a folder, and the portal it is loaded into."""

    folder: Path
    portal: Sandbox
    wrong: list[str] = field(default_factory=list[str])

    @property
    def source(self) -> Path:
        """What is loaded."""
        return self.folder / "calls.ndjson"

    @property
    def creates(self) -> int:
        """Create requests that the portal has seen."""
        return self.portal.requests.count("create")

    async def start(self, command: Sequence[str]) -> Ended:
        """Run a process to its end, connected to the portal."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUBSPOT_", "LOADER_", "COV_"))
        }
        process = await asyncio.create_subprocess_exec(
            *command,
            env=inherited
            | {
                "HUBSPOT_BASE_URL": self.portal.base_url,
                "HUBSPOT_ACCESS_TOKEN": _BEARER,
                "PYTHONPATH": str(ROOT),
            },
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                _, err = await process.communicate()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            return Ended(HUNG, "it hangs")
        return Ended(process.returncode or 0, err.decode("utf-8", "replace"))

    async def survives(self) -> None:
        """Resume by the plain command line; note whatever is not as promised."""
        self._check_armed()
        resumed = await self.start(
            (sys.executable, "-m", "loader", "run", str(self.source), *SETTINGS)
        )
        if resumed.status != 1:
            self.wrong.append(f"status {resumed.status} resumed: {resumed.err}")
        before = self.creates
        await self._load_again()
        if self.creates != before:
            self.wrong.append("the run after the last sent something")
        self.check_results()

    async def _load_again(self) -> None:
        """Load once more, in this process: it is quicker, and nothing dies here."""
        settings = Settings(base_url=self.portal.base_url, rate="none")
        try:
            summary = await load(self.source, settings=settings, token=_BEARER)
        except LoaderError as error:
            self.wrong.append(f"the run after the last: {error}")
            return
        if not summary.finished or summary.ending is not Ending.COMPLETE:
            self.wrong.append(f"the run after the last: {summary}")

    def _check_armed(self) -> None:
        """Whatever the portal has must have a durable row (I4)."""
        there = {each.trace_id for each in self.portal.calls()}
        armed = {each.trace_id for each in self._left()} if there else set()
        if missing := there - armed:
            self.wrong.append(f"{len(missing)} were sent without an armed row")

    def _left(self) -> list[Result]:
        """Read what the dead process left, and leave it as it is."""
        copy = self.folder / "copy.load"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(place_of(str(self.source), None).folder, copy)
        with opened_results(str(self.source), copy) as results:
            return list(results)

    def check_results(self) -> None:
        """Compare results and portal, line by line."""
        try:
            with opened_results(str(self.source), None) as results:
                rows = list(results)
        except LoaderError as error:
            self.wrong.append(str(error))
            return
        if drafts := list(place_of(str(self.source), None).folder.glob(".*")):
            self.wrong.append(f"{drafts[0].name} is left")
        if self._told_rejected() != sorted(BAD):
            self.wrong.append("rejected.ndjson is not what was rejected")
        calls = {each.trace_id: each for each in self.portal.calls()}
        if self.portal.audit().duplicates:
            self.wrong.append("some are twice")
        if [row.line for row in rows] != list(range(1, LINES + 1)):
            self.wrong.append(f"{len(rows)} lines have a result")
        if len(calls) != LINES - len(BAD) - 1:
            self.wrong.append(f"the portal has {len(calls)} calls")
        states = Counter(_state_of(row, calls) for row in rows)
        expected = {"created": len(calls), "rejected": len(BAD), "repeated": 1}
        if states != expected:
            self.wrong.append(f"states are {dict(states)}")

    def _told_rejected(self) -> list[int]:
        """Return the lines that the result file has."""
        file = place_of(str(self.source), None).rejected
        rows = file.read_text().splitlines() if file.exists() else []
        return [json.loads(row)["line"] for row in rows]


def _state_of(row: Result, calls: dict[str | None, StoredCall]) -> str:
    """Return what became of a line, if it is what should become of it."""
    if row.line in BAD:
        return row.state
    made = calls.get(row.trace_id)
    number = NAMED if row.line == REPEATED else row.line
    if made is None or made.properties["hs_call_title"] != f"call {number}":
        return "lost"
    if row.object_id != made.id:
        return "misnamed"
    repeats = row.line == REPEATED and row.state is State.EXISTING
    return "repeated" if repeats else row.state


def write_source(path: Path, lines: int = LINES) -> None:
    """Write a source with a few lines that are not simply created."""
    path.write_text("".join(f"{_line(number)}\n" for number in range(1, lines + 1)))


def _line(number: int) -> str:
    wrong = BAD.get(number, {})
    if isinstance(wrong, str):
        return wrong
    who = NAMED if number == REPEATED else number
    properties = {"hs_timestamp": str(1_700_000_000_000 + who)}
    value = {"properties": properties | {"hs_call_title": f"call {who}"} | wrong}
    if who == NAMED:
        value |= {"objectWriteTraceId": "our-own-20"}
    return json.dumps(value)
