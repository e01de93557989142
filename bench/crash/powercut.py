"""Records a load of three processes, and shares out its images among workers."""

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path, PurePosixPath

import msgspec

from loader.assembly.folder import place_of
from loader.sandbox import running

from . import tracing
from .images import Found, Share, examine
from .policies import FIXED, RANDOM, turns
from .replay import Recorded, Replay
from .trial import PORTAL, Trial, write_source
from .victim import Plan, arguments

#: lines of the source when each process starts; the second process is killed
LINES = (70, 140, 200)
_DYING = 1
_DEATH, _NTH = "Writer._tell/before", 12
#: a log of a few hundred calls should have many checkpoints; the product makes one
#: every thousand pages
_CHECKPOINT_PAGES = 40
_SETTINGS = ("--rate", "none", "--workers", "2", "--batch-size", "5", "--json")


async def record(folder: Path, plan: Plan) -> Recorded:
    """Load a growing source in a folder by three processes, each under the tracer.

    Raises:
        RuntimeError: a process did not end as it should.
    """
    source = folder / "calls.ndjson"
    marks = folder.parent / f"{folder.name}.marks"
    logs: list[Path] = []
    async with running(scenario=PORTAL) as portal:
        for number, lines in enumerate(LINES):
            write_source(source, lines)
            logs.append(folder.parent / f"{folder.name}.{number}.log")
            planned = msgspec.structs.replace(
                plan,
                deadly=_DEATH if number == _DYING else None,
                nth=_NTH,
                marks=str(marks),
                checkpoint_pages=_CHECKPOINT_PAGES,
            )
            command = arguments(planned, "run", source, *_SETTINGS)
            trial = Trial(folder, portal)
            ended = await trial.start([*tracing.recording(logs[-1]), *command])
            if ended.is_killed != (number == _DYING) or ended.status not in (-9, 1):
                raise RuntimeError(f"status {ended.status}: {ended.err}")
    load = PurePosixPath(place_of(str(source), None).folder)
    return Recorded(load, PurePosixPath(marks), tuple(logs))


def examined(recorded: Recorded, *, images: int, seed: int, jobs: int) -> Found:
    """Compute and open at least so many images, and add up what was found."""
    calls = sum(1 for _ in Replay(recorded).run())
    each = -(-images // calls)
    rounds = max(1, -(-(each - len(FIXED)) // len(RANDOM)))
    step = jobs * max(1, calls * len(turns(1)) // images)
    shares = [
        Share(recorded=recorded, first=first, step=step, rounds=rounds, seed=seed)
        for first in range(jobs)
    ]
    total = Found()
    if jobs == 1:
        return examine(shares[0])
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(examine, shares):
            total.add(found)
    return total
