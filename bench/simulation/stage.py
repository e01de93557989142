"""What outlives a process, and how one lives and dies on it.

The portal, its weather and its door, the clock, and the disks. A process is cast with
its part of all that, runs until it ends or is cut off, and is buried: what it sent
lives on, what it had not flushed may be lost, and its tasks never run again.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from .clock import Stuck, VirtualLoop
from .disk import Disk, DiskFault
from .door import Door
from .part import Part, Process
from .plan import READ_TIMEOUT_S, TRACE, LifePlan, Plan, promise
from .points import Blow, Crashed, Points
from .premises import Premises
from .report import Report, Story
from .world import World

P = TypeVar("P", bound=Process)
#: no honest life takes more
MOST_TURNS = 100_000
MOST_SECONDS = 30_000.0


class Stage:
    """The stage of one schedule. What changes: the world, and what was found."""

    def __init__(self, plan: Plan, *, tell: bool) -> None:
        self.plan = plan
        self.rng = random.Random(plan.seed ^ 0x5EED)
        self.loop = VirtualLoop(most_turns=MOST_TURNS, latest=MOST_SECONDS)
        self.story = Story(self.loop.time, wanted=tell)
        self.world = World(plan.first_id, keeps_values=plan.keeps_values)
        self.door = Door(
            world=self.world, report=self.violate, now=self.loop.time, offsets={}
        )
        self.faults = Counter[str]()
        self.acts = Counter[str]()
        self.violations: list[str] = []
        self.disputed: set[str] = set()
        self.crashes = 0
        self.lives = 0
        self.stuck = False
        self._refused_alone: set[str] = set()
        self._disk_struck = False
        self._blow: Blow | None = None
        #: calls of which the portal never says anything
        self.mute: set[str] = set()
        self.door.mute = self.mute
        self._omitted: set[str] = set()

    def report(self) -> Report:
        """Return what it came to."""
        return Report(
            seed=self.plan.seed,
            mode=self.plan.mode,
            violations=tuple(self.violations),
            faults=self.faults,
            crashes=self.crashes,
            lives=self.lives,
            acts=self.acts,
            stuck=self.stuck,
            requests=self.door.requests,
            story=tuple(self.story.lines),
        )

    def violate(self, what: str) -> None:
        """Note a break, once."""
        if what not in self.violations:
            self.violations.append(what)
            self.story.say(f"VIOLATION {what}")

    def perform(
        self,
        plan: LifePlan,
        disks: Sequence[Disk],
        cast: Callable[[Part], P],
        *,
        offsets: Mapping[str, int],
    ) -> P:
        """Let a process live on these disks, and bury it."""
        self.lives += 1
        self.story.say(
            f"life {self.lives}: {promise(plan).value}, {plan.visible} bytes"
        )
        if plan.keyed:
            self.world.make_unique(TRACE)
        process = cast(self._part(plan, disks))
        ledgers = process.part.connections
        self.door.start(ledgers, offsets=offsets, keyed=plan.keyed, resend=plan.resend)
        self.loop.bound(MOST_TURNS, MOST_SECONDS)
        self._blow = None
        try:
            self.loop.run_until_complete(process.run())
        except Crashed:
            self.crashes += 1
        except Stuck as stuck:
            self.stuck = True
            self.violate(f"I9: stuck: {stuck}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self.violate(f"I9: the run raised {_chain(error)}")
        self._bury(process, disks)
        return process

    def _part(self, plan: LifePlan, disks: Sequence[Disk]) -> Part:
        may_lose_power = Blow.POWER in plan.blows.values()
        connections = [each.start(may_lose_power=may_lose_power) for each in disks]
        connections[0].struck = self._disk_failed
        self._disk_struck = False
        connections[0].left, connections[0].fault = plan.disk or (0, None)
        points = Points(dict(plan.blows), self.story, self._struck)
        self.plan.weather.calm = plan.calm
        premises = Premises(
            world=self.world,
            weather=self.plan.weather,
            door=self.door,
            points=points,
            story=self.story,
            style=self.plan.style.keyed(TRACE if plan.keyed else None),
            rng=self.rng,
            now=self.loop.time,
            faults=self.faults,
            read_timeout_s=READ_TIMEOUT_S,
            refused_alone=self._refused_alone,
            disputed=self.disputed,
            mute=self.mute,
            omitted=self._omitted,
        )
        return Part(
            plan=plan,
            connections=connections,
            points=points,
            premises=premises,
            rng=self.rng,
            now=self.loop.time,
        )

    def _struck(self, blow: Blow, place: str) -> None:
        del place
        self.faults[blow.value] += 1
        self._blow = blow

    def _disk_failed(self, fault: DiskFault) -> None:
        self._disk_struck = True
        self.door.failed_at = self.loop.now
        self.faults[fault.value] += 1
        self.story.say(f"  {fault.value}")

    def _bury(self, process: Process, disks: Sequence[Disk]) -> None:
        """End a process for good; what it sent lives on."""
        part = process.part
        part.points.dead = True
        part.premises.let_go()
        try:
            self.loop.abandon()
        except Stuck as stuck:
            self.violate(f"I9: a task does not end: {stuck}")
        part.connections[0].fault = None
        for disk in disks:
            disk.stop(power_cut=self._blow is Blow.POWER)
        self.door.ledgers = [disk.kept for disk in disks]
        failures = [
            each.failure for each in process.writers if each.failure is not None
        ]
        if failures and not self._disk_struck:
            self.violate(f"I9: the ledger failed by itself: {failures[0]}")
        if process.failure is not None and process.failure not in failures:
            self.violate(f"I9: the run failed: {process.failure}")
        self.door.ends()
        self.story.say(
            f"life {self.lives} ends: {process.ending.value} {process.reason}"
        )
        self.loop.now += part.plan.rest_s


def _chain(error: BaseException) -> str:
    """Name an error; of a group, what is in it."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_chain(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}"
