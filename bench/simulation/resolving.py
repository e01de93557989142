"""Records in doubt, and a person who says what became of them.

He knows the truth, and says it, or skips a record. Now and then he errs, and says that
it is a call which is another record's, or none: that must not be taken.

R1  a word that cannot be true changes nothing
R2  what he says is not there is open again; the next run sends it once (I1, I5)
R3  what he says it is is recorded so, and stays (I2, I7, I8)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loader.assembly.asking import Desk
from loader.assembly.opened import Opened
from loader.assembly.resolve import Walk
from loader.ledger import projection
from loader.model.doubt import Doubt, ItIs, Resolution, SendAgain, Skip, Word
from loader.model.outcome import State
from loader.model.result import Result

from .chance import happens
from .shelf import Shelf
from .stage import Stage
from .undoing import created_by
from .world import Call


@dataclass(slots=True)
class Resolving:
    """One walk of a person. What changes: what he said, rightly and wrongly."""

    stage: Stage
    shelf: Shelf
    errs: bool
    #: load and line of which he said what cannot be
    _wrong: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    #: of each load and line: the call that it is, None for one to be sent again
    _said: dict[tuple[str, int], str | None] = field(
        default_factory=dict[tuple[str, int], str | None]
    )

    async def work(self, loads: Sequence[Opened], desk: Desk) -> Resolution:
        """Do what the command does."""
        walk = Walk(list(loads), desk, self._decide, searches=True)
        await walk.run()
        return await walk.resolution()

    def _decide(self, doubt: Doubt, left: int) -> Word:
        del left
        rng, door = self.stage.rng, self.stage.door
        if happens(rng, 0.2):
            return Skip()
        if self.errs and happens(rng, 0.15):
            self._wrong.add((doubt.load, doubt.line))
            return ItIs(self._not_it())
        call = self._call_of(doubt.trace_id)
        self._said[doubt.load, doubt.line] = None if call is None else call.id
        if call is not None:
            door.names([doubt.trace_id])
            return ItIs(call.id)
        door.of(doubt.trace_id).renew()
        return SendAgain()

    def _not_it(self) -> str:
        """Return the call of another record, or one that is not there."""
        others = [row.object_id or "" for row in created_by(self.shelf.bound())]
        return self.stage.rng.choice([*others, "77777777"])

    def _call_of(self, trace_id: str) -> Call | None:
        calls = self.stage.world.calls.values()
        return next((each for each in calls if each.trace_id == trace_id), None)

    def check(self, *, ended: bool) -> Iterator[str]:
        """Give every break that may be seen after any process.

        One that has ``ended``, and was not cut off, has taken every word.
        """
        for book in self.shelf.bound():
            load = str(book.place.folder.absolute())
            rows = list(projection.results(book.disk.kept))
            if ended:
                yield from self._missed(load, rows)
            for row in rows:
                is_wrong = (load, row.line) in self._wrong
                if is_wrong and row.state is not State.IN_DOUBT:
                    yield f"R1: line {row.line} is {row.state.value} by a wrong word"

    def _missed(self, load: str, rows: Sequence[Result]) -> Iterator[str]:
        """Give the words of which nothing came."""
        known = {row.line: row for row in rows}
        for (where, line), object_id in self._said.items():
            row = known.get(line)
            if where != load:
                continue
            if object_id is not None and (row is None or row.object_id != object_id):
                yield f"R3: line {line} is not the call {object_id}, as was said"
            is_held = row is not None and row.state is State.IN_DOUBT
            if object_id is None and is_held:
                yield f"R2: line {line} is held still, though it is to be sent again"
