"""One schedule from its seed to its report."""

import math
import random
from collections import Counter
from collections.abc import Sequence

from loader.assembly.count import read_known, summarise
from loader.ledger import projection, recovery, store
from loader.model.result import Result
from loader.model.summary import Ending

from .clock import Stuck, VirtualLoop
from .disk import Disk, DiskFault
from .door import Door
from .invariants import ALWAYS, AT_THE_END, SETTLED, View, check
from .lines import OUTSIDE, TITLE, Kind, Line, digest_of, trace_id_of
from .lives import READ_TIMEOUT_S, Life, promise
from .plan import TRACE, LifePlan, Plan, draw
from .points import Blow, Crashed, Points
from .premises import Premises
from .report import Report, Story
from .world import World

#: no honest life takes more
MOST_TURNS = 100_000
MOST_SECONDS = 30_000.0


def simulate(seed: int, *, mode: str | None = None, tell: bool = False) -> Report:
    """Run the schedule of a seed and check it against the portal's truth.

    Args:
        seed: decides everything that is drawn.
        mode: draw only loads of this mode.
        tell: keep the story.
    """
    return Schedule(draw(seed, mode), tell=tell).run()


class Schedule:
    """All lives of one load. What changes: the world, and what was found."""

    def __init__(self, plan: Plan, *, tell: bool) -> None:
        self._plan = plan
        self._rng = random.Random(plan.seed ^ 0x5EED)
        self._loop = VirtualLoop(most_turns=MOST_TURNS, latest=MOST_SECONDS)
        self._story = Story(self._loop.time, wanted=tell)
        self._content = b"".join(line.raw for line in plan.lines)
        digest = digest_of(plan.lines)
        self._names = {
            line.number: trace_id_of(line, digest)
            for line in plan.lines
            if line.title and line.first is None
        }
        self._world = World(plan.first_id, keeps_values=plan.keeps_values)
        self._disk = Disk(self._rng)
        self._door = Door(
            offsets=self._offsets(), report=self._violate, now=self._loop.time
        )
        self._faults = Counter[str]()
        self._violations: list[str] = []
        self._history: dict[int, Result] = {}
        self._refused_alone: set[str] = set()
        self._disputed: set[str] = set()
        self._crashes = 0
        self._resent = False
        self._lives = 0
        self._stuck = False

    @property
    def _answers_name(self) -> bool:
        """Answers say which record they speak of."""
        return self._plan.style.echo or self._plan.mode == "key"

    def _offsets(self) -> dict[str, int]:
        return {
            self._names[line.number]: line.offset
            for line in self._plan.lines
            if line.number in self._names
        }

    def _violate(self, what: str) -> None:
        if what not in self._violations:
            self._violations.append(what)
            self._story.say(f"VIOLATION {what}")

    def run(self) -> Report:
        """Live all lives, then check what they came to."""
        self._story.say(f"mode {self._plan.mode}, {len(self._plan.lines)} lines")
        self._people()
        for life in self._plan.lives:
            self._live(life)
            if self._stuck:
                break
        self._world.advance(math.inf)
        if not self._stuck:
            self._check(self._plan.lives[-1], self._ending, final=True)
        self._loop.close()
        return Report(
            seed=self._plan.seed,
            mode=self._plan.mode,
            violations=tuple(self._violations),
            faults=self._faults,
            crashes=self._crashes,
            lives=self._lives,
            stuck=self._stuck,
            requests=self._door.requests,
            story=tuple(self._story.lines),
        )

    def _people(self) -> None:
        """Fill the portal with what others, and earlier loads, have put there."""
        for number in range(3):
            properties = {OUTSIDE: f"taken-{number}", TITLE: "another's"}
            self._world.create({"properties": properties})
        if self._plan.mode == "key":
            self._world.make_unique(TRACE)
        for line in self._plan.lines:
            if line.kind is Kind.PRESENT:
                name = self._names[line.number]
                self._world.create({
                    "objectWriteTraceId": name,
                    "properties": line.properties | {TRACE: name},
                    "associations": line.associations,
                })  # fmt: skip

    # -- a life --

    def _live(self, plan: LifePlan) -> None:
        self._lives += 1
        self._story.say(
            f"life {self._lives}: {promise(plan).value}, {plan.visible} bytes"
        )
        if plan.keyed:
            self._world.make_unique(TRACE)
        self._resent = self._resent or plan.resend
        life = self._life(plan)
        self._door.start(life.connection, keyed=plan.keyed, resend=plan.resend)
        self._loop.bound(MOST_TURNS, MOST_SECONDS)
        self._blow: Blow | None = None
        try:
            self._loop.run_until_complete(life.run())
        except Crashed:
            self._crashes += 1
        except Stuck as stuck:
            self._stuck = True
            self._violate(f"I9: stuck: {stuck}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._violate(f"I9: the run raised {_chain(error)}")
        self._bury(life)
        if not plan.calm and not self._stuck:
            self._check(plan, life.ending, final=False)

    def _life(self, plan: LifePlan) -> Life:
        connection = self._disk.start(may_lose_power=Blow.POWER in plan.blows.values())
        connection.struck = self._disk_failed
        self._disk_struck = False
        connection.left, connection.fault = plan.disk or (0, None)
        points = Points(dict(plan.blows), self._story, self._struck)
        self._plan.weather.calm = plan.calm
        premises = Premises(
            world=self._world,
            weather=self._plan.weather,
            door=self._door,
            points=points,
            story=self._story,
            style=self._plan.style.keyed(TRACE if plan.keyed else None),
            rng=self._rng,
            now=self._loop.time,
            faults=self._faults,
            read_timeout_s=READ_TIMEOUT_S,
            refused_alone=self._refused_alone,
            disputed=self._disputed,
        )
        return Life(
            plan=plan,
            by_key=self._plan.by_key,
            content=self._content[: plan.visible],
            connection=connection,
            points=points,
            premises=premises,
            rng=self._rng,
            now=self._loop.time,
        )

    def _struck(self, blow: Blow, place: str) -> None:
        del place
        self._faults[blow.value] += 1
        self._blow = blow

    def _disk_failed(self, fault: DiskFault) -> None:
        self._disk_struck = True
        self._door.failed_at = self._loop.now
        self._faults[fault.value] += 1
        self._story.say(f"  {fault.value}")

    def _bury(self, life: Life) -> None:
        """End the process for good; what it sent lives on."""
        life.points.dead = True
        life.premises.let_go()
        self._ending = life.ending
        try:
            self._loop.abandon()
        except Stuck as stuck:
            self._violate(f"I9: a task does not end: {stuck}")
        life.connection.fault = None
        if self._blow is Blow.POWER:
            self._disk.lose_power()
        self._door.ledger = self._disk.connection
        failure = life.writer.failure if life.writer is not None else None
        if failure is not None and not self._disk_struck:
            self._violate(f"I9: the ledger failed by itself: {failure}")
        if life.failure is not None and life.failure is not failure:
            self._violate(f"I9: the run failed: {life.failure}")
        self._door.ends()
        self._story.say(f"life {self._lives} ends: {life.ending.value} {life.reason}")
        self._loop.now += life.plan.rest_s

    # -- what it came to --

    def _check(self, plan: LifePlan, ending: Ending, *, final: bool) -> None:
        view = self._view(plan, ending)
        for each in check(view, AT_THE_END if final else ALWAYS):
            self._violate(each)
        for row in view.rows:
            if row.state in SETTLED:
                self._history.setdefault(row.line, row)

    def _view(self, plan: LifePlan, ending: Ending) -> View:
        connection = self._disk.connection
        assert connection is not None  # noqa: S101 - a life has been
        if connection.in_transaction:
            connection.rollback()
        lines = [
            line
            for line in self._plan.lines
            if line.offset < plan.visible and line.kind is not Kind.BLANK
        ]
        summary = summarise(
            read_known(connection),
            source="",
            count_lines=lambda gaps: _count(lines, gaps),
            promise=promise(plan),
            identity=store.read_identity(connection),
            ending=ending,
        )
        known = recovery.read_plan(connection, keyed=plan.keyed, resend=plan.resend)
        return View(
            lines=lines,
            every_line=self._plan.lines,
            disputed=self._disputed,
            trace_ids=self._names,
            calls=list(self._world.calls.values()),
            rows=list(projection.results(connection)),
            summary=summary,
            frontier=known.frontier.end,
            history=self._history,
            unaskable=self._door.unaskable,
            unsure=self._door.unsure,
            named=self._door.named if self._answers_name else None,
            resend=plan.resend,
            resent=self._resent,
            always_keyed=self._plan.mode == "key",
        )


def _count(lines: Sequence[Line], gaps: Sequence[tuple[int, int | None]]) -> int:
    """Count the lines in gaps of the source."""
    return sum(
        start <= line.offset < (math.inf if end is None else end)
        for start, end in gaps
        for line in lines
    )


def _chain(error: BaseException) -> str:
    """Name an error; of a group, what is in it."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_chain(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}"
