"""A load after its runs: act after act, each in processes that are cut off anywhere."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from loader.model.summary import Ending
from loader.model.undo import Undone

from .after import Act, After
from .chance import happens
from .correcting import Correcting
from .lives import Life
from .part import Part
from .people import People
from .plan import LifePlan
from .resolving import Resolving
from .shelf import Shelf
from .stage import Stage
from .undoing import Taking, created_by
from .verifying import Verifying
from .visits import Visit, Work

#: has a run of the load live
Run = Callable[[LifePlan], Life]
#: checks what the ledger of the load says by now
Check = Callable[[], None]


@dataclass(slots=True, kw_only=True)
class Afterlife:
    """The acts of one schedule. What changes: the stage, and what they find."""

    stage: Stage
    after: After
    shelf: Shelf
    rerun: Run
    check: Check

    def run(self) -> None:
        """Act after act."""
        stage = self.stage
        stage.plan.weather.archives = self.after.archives
        verifying = Verifying(stage, self.shelf)
        for act in self.after.acts:
            if stage.stuck or not self.shelf.head.is_bound:
                return
            stage.world.advance(math.inf)
            stage.story.say(f"-- {act.kind} --")
            stage.acts[act.kind] += 1
            if act.kind == "correct":
                self._correct(act)
                continue
            if act.kind == "resolve":
                self._resolve(act)
                continue
            self._choose_mute()
            if act is self.after.acts[0] or act.kind == "undo":
                self._people().meddle()
            if act.kind == "undo":
                self._undo(act)
            else:
                self._verify(act, verifying)

    def _resolve(self, act: Act) -> None:
        """Have a person say what became of records in doubt; the load goes on."""
        stage = self.stage
        for life, error_s in zip(act.lives, act.clock_errors, strict=True):
            resolving = Resolving(stage, self.shelf, errs=not life.calm)
            visit = self._visit(life, resolving.work, error_s)
            ended = visit.ending is Ending.COMPLETE
            for each in resolving.check(ended=ended):
                stage.violate(each)
            self.check()
            if stage.stuck:
                return
        self.rerun(act.lives[-1])
        stage.world.advance(math.inf)
        self.check()

    def _correct(self, act: Act) -> None:
        """Have rejected records made good, and run."""
        stage = self.stage
        correcting = Correcting(stage, self.shelf)
        for _ in correcting.run(act):
            for each in correcting.check():
                stage.violate(each)
            self.check()
            if stage.stuck:
                return
        stage.world.advance(math.inf)
        self.check()
        for each in correcting.check_end():
            stage.violate(each)

    def _people(self) -> People:
        stage = self.stage
        return People(stage.world, stage.rng, stage.story, self.after.busy)

    def _choose_mute(self) -> None:
        """Have the portal say nothing of some calls, but not of all of a load."""
        stage = self.stage
        told = {
            row.object_id
            for book in self.shelf.bound()
            for row in [*created_by([book])][:1]
        }
        for each in stage.world.calls:
            if each not in told and happens(stage.rng, self.after.mute):
                stage.mute.add(each)

    def _visit(self, life: LifePlan, work: Work, error_s: float) -> Visit:
        books = self.shelf.bound()

        def cast(part: Part) -> Visit:
            return Visit(part=part, books=books, work=work, clock_error_s=error_s)

        return self.stage.perform(
            life, [each.disk for each in books], cast, offsets=self.shelf.head.offsets
        )

    def _verify(self, act: Act, verifying: Verifying) -> None:
        """Read back what was created; a glance is left where it was cut off."""
        stage, is_glance = self.stage, act.kind == "glance"
        calm = act.lives[-1]
        lives = act.lives[:-1] if is_glance else (*act.lives, calm)
        result: object = None
        before = stage.door.writes
        for life, error_s in zip(lives, (*act.clock_errors, 0.0), strict=False):
            verifying.note()
            result = self._visit(life, verifying.work, error_s).result
            for each in verifying.check(result):
                stage.violate(each)
            self.check()
            if stage.stuck:
                return
        if stage.door.writes > before:
            stage.violate("V4: a verification writes")
        if not is_glance:
            for each in verifying.check_end(result):
                stage.violate(each)

    def _undo(self, act: Act) -> None:
        """Take it back; then a run is refused."""
        stage, after = self.stage, self.after
        taking = Taking(
            books=self.shelf.bound(),
            people=self._people(),
            door=stage.door,
            mute=stage.mute,
            skip_changed=after.skip_changed,
            declines=after.declines,
        )
        # one more: what was refused when an earlier one ended is tried again
        calm = act.lives[-1]
        undone: object = None
        for life, error_s in zip(
            (*act.lives, calm), (*act.clock_errors, 0.0), strict=True
        ):
            visit = self._visit(life, taking.work, error_s)
            undone = visit.result
            for each in taking.check():
                stage.violate(each)
            self.check()
            if stage.stuck:
                return
        for each in taking.check_end(undone if isinstance(undone, Undone) else None):
            stage.violate(each)
        if not Correcting(stage, self.shelf).refused(calm):
            stage.violate("U4: a correction of what was taken back is not refused")
        if not self.rerun(calm).refused:
            stage.violate("U4: a run of a load that was taken back is not refused")
