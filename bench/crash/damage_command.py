"""The ledger of an interrupted load damaged at random, and run again.

One load is interrupted by SIGKILL, so that part of its ledger is in the database and
part in the log; another by SIGTERM, so that all of it is in the database. Each trial
damages a copy in one way that a seed draws, and runs the same command against a copy of
the portal. It may be refused; then ``run --rebuild`` must finish the load. In the end
the portal has every good line once, and the results name it by the portal's own ID.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import loader
from bench.crash.damages import DAMAGES, strike
from bench.output import show
from loader.assembly.inspect import opened_results
from loader.errors import LoaderError, Refused
from loader.sandbox import Sandbox, Scenario, running
from loader.sandbox.scenario import QuotaSettings

LINES = 240
#: lines that are loaded, and checkpointed, before the run that is killed
EARLIER = 120
_BAD = (17, 140, 201)
_KEYED = Scenario(quota=QuotaSettings(limit="none"), installed=("loader_trace_id",))
_SIGNALS = (signal.SIGKILL, signal.SIGTERM)


@dataclass(frozen=True)
class Victim:
    """An interrupted load, an older copy of its folder, and its portal."""

    source: Path
    folder: Path
    older: Path
    portal: Path


@dataclass(frozen=True)
class Outcome:
    """How one trial went."""

    kind: str
    #: the plain command: ``refused``, ``complete``, or what it should not have done
    plain: str
    #: what is wrong in the end; nothing should be
    faults: tuple[str, ...]


def line(number: int) -> bytes:
    """Return a line: some are bad, some have an ID of their own, one comes twice."""
    if number in _BAD:
        return b'{"properties": {"hs_call_title": "no time"}}\n'
    value: dict[str, Any] = {"properties": {"hs_timestamp": str(10**12 + number)}}
    if not number % 5:
        value["objectWriteTraceId"] = f"own-{number}"
    if number == LINES:
        value = json.loads(line(5))
    return json.dumps(value).encode() + b"\n"


async def make_victim(root: Path, number: signal.Signals) -> Victim:
    """Load a half to its end, then the rest, and interrupt that run in the middle."""
    source = root / "calls.ndjson"
    folder, older, portal = root / "calls.ndjson.load", root / "older", root / "p.db"
    source.write_bytes(b"".join(map(line, range(1, EARLIER + 1))))
    async with running(state=portal, scenario=_KEYED) as sandbox:
        await _load(source, folder, sandbox)
        shutil.copytree(folder, older)
        source.write_bytes(b"".join(map(line, range(1, LINES + 1))))
        goal = len(sandbox.requests) + 8
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "loader", "run", str(source),
            "--rate", "none", "--batch-size", "12", "--workers", "2",
            env=dict(os.environ)
            | {"HUBSPOT_BASE_URL": sandbox.base_url, "HUBSPOT_ACCESS_TOKEN": "any"},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        while len(sandbox.requests) < goal and process.returncode is None:  # noqa: ASYNC110 - nothing tells of requests
            await asyncio.sleep(0.001)
        if process.returncode is None:
            process.send_signal(number)
        await process.wait()
    return Victim(source, folder, older, portal)


async def _load(
    source: Path, folder: Path, sandbox: Sandbox, *, rebuild: bool = False
) -> loader.Ending:
    settings = loader.Settings(
        base_url=sandbox.base_url, rate="none", batch_size=12, workers=4
    )
    summary = await loader.load(
        source,
        settings=settings,
        load_dir=folder,
        token="any",  # noqa: S106 - the built-in portal takes any
        rebuild=rebuild,
    )
    return summary.ending


async def trial(victim: Victim, seed: int, room: Path) -> Outcome:
    """Damage a copy as a seed says, run again, rebuild what is refused, look."""
    chance = random.Random(seed)
    kind = chance.choice(sorted(DAMAGES))
    folder, portal = room / "load", room / "portal.db"
    shutil.copytree(victim.folder, folder)
    shutil.copy(victim.portal, portal)
    strike(folder, victim.older, kind, chance)
    async with running(state=portal, scenario=_KEYED) as sandbox:
        plain = await _plain(victim.source, folder, sandbox)
        faults = [] if plain in ("refused", "complete") else [plain]
        if plain != "complete":
            try:
                ending = await _load(victim.source, folder, sandbox, rebuild=True)
                faults += [] if ending is loader.Ending.COMPLETE else [ending.value]
            except LoaderError as error:
                faults.append(f"not rebuilt: {error}")
        faults += differences(victim.source, folder, sandbox)
    return Outcome(kind, plain, tuple(faults))


async def _plain(source: Path, folder: Path, sandbox: Sandbox) -> str:
    try:
        return (await _load(source, folder, sandbox)).value
    except Refused:
        return "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(error).__name__}: {error}"


def differences(source: Path, folder: Path, sandbox: Sandbox) -> list[str]:
    """Compare the portal and the results with the source; nothing should differ."""
    faults: list[str] = []
    there = {each.trace_id: each.id for each in sandbox.calls()}
    if sandbox.audit().duplicates:
        faults.append("twice on the portal")
    if len(there) != LINES - len(_BAD) - 1:
        faults.append(f"{len(there)} calls on the portal")
    try:
        with opened_results(str(source), folder) as results:
            rows = list(results)
    except LoaderError as error:
        return [*faults, f"no results: {error}"]
    if [row.line for row in rows] != list(range(1, LINES + 1)):
        faults.append(f"{len(rows)} rows")
    for row in rows:
        good = row.state in ("created", "existing") and row.object_id == there.get(
            row.trace_id
        )
        if good is (row.line in _BAD) or (not good and row.state != "rejected"):
            faults.append(f"line {row.line} is {row.state} as {row.object_id}")
    return faults


async def sweep(first_seed: int, seeds: int) -> list[Outcome]:
    """Make the victims, and damage one with each seed."""
    with tempfile.TemporaryDirectory() as root:
        victims = [
            await make_victim(Path(tempfile.mkdtemp(dir=root)), number)
            for number in _SIGNALS
        ]
        outcomes: list[Outcome] = []
        for seed in range(first_seed, first_seed + seeds):
            with tempfile.TemporaryDirectory() as room:
                victim = victims[seed % len(victims)]
                outcomes.append(await trial(victim, seed, Path(room)))
        return outcomes


@click.command(epilog="Example: python -m bench damage --seeds 500")
@click.option("--first-seed", default=1, show_default=True, help="The first seed.")
@click.option("--seeds", default=300, show_default=True, help="How many trials.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def damage(first_seed: int, seeds: int, *, as_json: bool) -> None:
    """Damage the ledger of an interrupted load at random, and run it again."""
    outcomes = asyncio.run(sweep(first_seed, seeds))
    faults = [
        f"seed {first_seed + number}, {each.kind}: {'; '.join(each.faults[:3])}"
        for number, each in enumerate(outcomes)
        if each.faults
    ]
    figures = {
        "trials": len(outcomes),
        "by_kind": dict(sorted(Counter(each.kind for each in outcomes).items())),
        "by_outcome": dict(Counter(each.plain for each in outcomes)),
        "violations": len(faults),
        "faults": faults,
    }
    show(figures, as_json=as_json)
    sys.exit(bool(faults))
