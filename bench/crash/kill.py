"""SIGKILL at every failpoint, and at every call on the load's files.

Each trial kills one process at one place, from the start of a load or in the midst of
its resumption, and then sees that the load survives it.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from . import tracing
from .beginnings import Beginnings
from .trial import SETTINGS, Trial
from .victim import Plan, arguments

T = TypeVar("T")

_TRACED_CALL = re.compile(r"^(\d+) +[\d.]+ (\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process is killed."""

    #: in the midst of a resumption, or else from the start of a load
    resumed: bool
    #: a failpoint, or a kind of system call
    name: str
    nth: int
    traced: bool

    def __str__(self) -> str:
        how = "resumed" if self.resumed else "fresh"
        return f"{how} {self.name} #{self.nth}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one trial."""

    place: Place
    #: the process was killed; else it ended before it got there
    reached: bool
    wrong: tuple[str, ...]


async def failpoints(beginnings: Beginnings) -> list[Place]:
    """Return every passage of every failpoint, as a run that is not killed has them."""
    places: list[Place] = []
    for resumed in (False, True):
        async with beginnings.copied(resumed=resumed) as trial:
            file = trial.folder / "counts.json"
            plan = Plan(counts=str(file))
            await trial.start(arguments(plan, "run", trial.source, *SETTINGS))
            counts = msgspec.json.decode(file.read_bytes(), type=dict[str, int])
        places += _each(counts, resumed=resumed, traced=False)
    return places


async def system_calls(beginnings: Beginnings) -> list[Place]:
    """Return every call on the load's files, as counted in the thread with the most."""
    places: list[Place] = []
    for resumed in (False, True):
        async with beginnings.copied(resumed=resumed) as trial:
            every = ",".join(tracing.CALLS.values())
            await trial.start(_traced(trial, every, ()))
            counts = _count((trial.folder / "log").read_text())
        places += _each(counts, resumed=resumed, traced=True)
    return places


def _count(log: str) -> dict[str, int]:
    """Count the calls of a log by kind, in the thread that has the most of them."""
    by_thread = Counter(_TRACED_CALL.findall(log))
    counts: dict[str, int] = {}
    for kind, calls in tracing.CALLS.items():
        names = calls.replace("?", "").split(",")
        of_kind = [n for (_, name), n in by_thread.items() if name in names]
        if of_kind:
            counts[kind] = max(of_kind)
    return counts


def _each(counts: dict[str, int], *, resumed: bool, traced: bool) -> list[Place]:
    return [
        Place(resumed, name, nth, traced)
        for name, count in sorted(counts.items())
        for nth in range(1, count + 1)
    ]


def sampled(
    places: Sequence[T], size: int | None, seed: int, *, sort: Callable[[T], str]
) -> list[T]:
    """Return so many of the places, spread over their sorts; all without a size."""
    if size is None or size >= len(places):
        return list(places)
    mixed = random.Random(seed).sample(places, len(places))
    seen = Counter[str]()
    ranked: list[tuple[int, T]] = []
    for each in mixed:
        seen[sort(each)] += 1
        ranked.append((seen[sort(each)], each))
    ranked.sort(key=lambda pair: pair[0])
    return [each for _, each in ranked[:size]]


async def kill_at(beginnings: Beginnings, place: Place) -> Verdict:
    """Kill a load at a place, and see that it survives."""
    async with beginnings.copied(resumed=place.resumed) as trial:
        if place.traced:
            calls = tracing.CALLS[place.name]
            deadly = f"{calls}:signal=KILL:when={place.nth}"
            command = _traced(trial, calls, [deadly])
        else:
            plan = Plan(deadly=place.name, nth=place.nth)
            command = arguments(plan, "run", trial.source, *SETTINGS)
        ended = await trial.start(command)
        if not ended.is_killed and ended.status != 1:
            trial.wrong.append(f"status {ended.status} unkilled: {ended.err}")
        await trial.survives()
        return Verdict(place, ended.is_killed, tuple(trial.wrong))


def _traced(trial: Trial, calls: str, injections: Sequence[str]) -> list[str]:
    files = tracing.files_of(trial.source)
    log = trial.folder / "log"
    return [
        *tracing.injecting(injections, files, log, calls=calls),
        *arguments(Plan(), "run", trial.source, *SETTINGS),
    ]
