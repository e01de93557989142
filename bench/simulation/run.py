"""One schedule from its seed to its report."""

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from loader.assembly.count import read_known, summarise
from loader.ledger import recovery, store
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.settings import Place
from loader.model.summary import Ending

from .after import draw_after
from .afterlife import Afterlife
from .disk import Disk
from .invariants import ALWAYS, AT_THE_END, SETTLED, View, check
from .lines import OUTSIDE, TITLE, Kind, Line, digest_of, trace_id_of
from .lives import Life
from .part import Part
from .plan import TRACE, LifePlan, Plan, draw, promise
from .report import Report
from .shelf import Book, Shelf
from .stage import Stage

#: for the few files there are; what a disk keeps of them is asked elsewhere
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a name of its own is made there


def simulate(seed: int, *, mode: str | None = None, tell: bool = False) -> Report:
    """Run the schedule of a seed and check it against the portal's truth.

    Args:
        seed: decides everything that is drawn.
        mode: draw only loads of this mode.
        tell: keep the story.
    """
    return Schedule(draw(seed, mode), tell=tell).run()


class Schedule:
    """All lives of one load. What changes: the stage, and what was found."""

    def __init__(self, plan: Plan, *, tell: bool) -> None:
        self._plan = plan
        self._stage = Stage(plan, tell=tell)
        self._after = draw_after(plan)
        self._content = b"".join(line.raw for line in plan.lines)
        digest = digest_of(plan.lines)
        self._names = {
            line.number: trace_id_of(line, digest)
            for line in plan.lines
            if line.title and line.first is None
        }
        self._shelf = Shelf(
            Book(
                disk=Disk(self._stage.rng),
                place=Place(Path("nowhere")),
                content=self._content,
                offsets=self._offsets(),
            )
        )
        self._history: dict[int, Result] = {}
        self._resent = False

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

    def run(self) -> Report:
        """Live all lives, then check what they came to."""
        plan, stage = self._plan, self._stage
        stage.story.say(f"mode {plan.mode}, {len(plan.lines)} lines")
        self._people()
        for life in plan.lives[: -1 if self._after.early else None]:
            ending = self._live(life).ending
            if stage.stuck:
                break
            if not life.calm:
                self._check(life, ending, final=False)
            else:
                stage.world.advance(math.inf)
                self._check(life, ending, final=True)
        self._live_on()
        stage.loop.close()
        return stage.report()

    def _live_on(self) -> None:
        """Do what is done with the load after its runs."""
        last = self._plan.lives[-1]
        if self._stage.stuck or not self._after.acts:
            return
        memory = _MEMORY if _MEMORY.is_dir() else None
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            self._shelf.head.place = Place(Path(folder))
            Afterlife(
                stage=self._stage,
                after=self._after,
                shelf=self._shelf,
                rerun=self._live,
                check=lambda: self._check(last, Ending.RUNNING, final=False),
            ).run()

    def _people(self) -> None:
        """Fill the portal with what others, and earlier loads, have put there."""
        world = self._stage.world
        for number in range(3):
            properties = {OUTSIDE: f"taken-{number}", TITLE: "another's"}
            world.create({"properties": properties})
        if self._plan.mode == "key":
            world.make_unique(TRACE)
        for line in self._plan.lines:
            if line.kind is Kind.PRESENT:
                name = self._names[line.number]
                world.create({
                    "objectWriteTraceId": name,
                    "properties": line.properties | {TRACE: name},
                    "associations": line.associations,
                })  # fmt: skip

    def _live(self, plan: LifePlan) -> Life:
        """Let one run of the load live."""
        self._resent = self._resent or plan.resend
        content = self._content[: plan.visible]

        def cast(part: Part) -> Life:
            return Life(part=part, by_key=self._plan.by_key, content=content)

        return self._stage.perform(
            plan, [self._shelf.head.disk], cast, offsets=self._shelf.head.offsets
        )

    # -- what it came to --

    def _check(self, plan: LifePlan, ending: Ending, *, final: bool) -> None:
        view = self._view(plan, ending)
        for each in check(view, AT_THE_END if final else ALWAYS):
            self._stage.violate(each)
        # what a correction changes are rejected lines of the first load
        settled = (State.CREATED,) if self._shelf.copies else SETTLED
        for row in view.rows:
            if row.state in settled:
                self._history.setdefault(row.line, row)

    def _view(self, plan: LifePlan, ending: Ending) -> View:
        shelf, door = self._shelf, self._stage.door
        connection, overlay = shelf.head.disk.kept, shelf.overlay()
        every_line = shelf.lines(self._plan.lines)
        lines = [
            line
            for line in every_line
            if line.offset < plan.visible and line.kind is not Kind.BLANK
        ]
        summary = summarise(
            read_known(connection, overlay),
            source="",
            count_lines=lambda gaps: _count(lines, gaps),
            promise=promise(plan),
            identity=store.read_identity(connection),
            ending=ending,
        )
        known = recovery.read_plan(connection, keyed=plan.keyed, resend=plan.resend)
        return View(
            lines=lines,
            every_line=every_line,
            disputed=self._stage.disputed,
            trace_ids=self._names,
            calls=list(self._stage.world.calls.values()),
            rows=list(overlay.results(connection)),
            summary=summary,
            frontier=known.frontier.end,
            history={
                line: row
                for line, row in self._history.items()
                if row.state is not State.REJECTED or not shelf.copies
            },
            unaskable=door.unaskable,
            named=door.named if self._answers_name else None,
            resend=plan.resend,
            resent=self._resent,
            always_keyed=self._plan.mode == "key",
            mended=shelf.ways(),
            mended_ids={name for copy in shelf.begun() for name in copy.offsets},
        )


def _count(lines: Sequence[Line], gaps: Sequence[tuple[int, int | None]]) -> int:
    """Count the lines in gaps of the source."""
    return sum(
        start <= line.offset < (math.inf if end is None else end)
        for start, end in gaps
        for line in lines
    )
