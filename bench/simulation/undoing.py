"""A load taken back: by the product's undo, cut off anywhere, against the truth.

==  ==============================================================================
U1  what is archived a closed ledger has as created, and a request of ours has made
    (or one of which the portal says nothing)
U2  what was to be left alone when somebody agreed is left alone; all is, if he says no
U3  the seal says that the load is closed before the first call is archived
U4  a load that was taken back sends nothing, and a run of it is refused
U5  what is called archived is archived, at any moment, and the counts say the same
U6  once faults stop, all that was created is archived, but for what is left alone
==  ==============================================================================

U1, U2 and U4 are checked at the door, as requests leave; U3 and U5 after each process.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from loader.assembly.asking import Desk
from loader.assembly.opened import Opened
from loader.assembly.proposing import TOLERANCE
from loader.assembly.undo import Undoing
from loader.ledger import projection, undoing
from loader.ledger.seal import read_seal
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.undo import Proposal, Undone

from .door import Door
from .people import People
from .shelf import Book
from .world import Call

_UNTOLD = "SELECT object_id FROM spared WHERE reason = 'unanswered'"


@dataclass(slots=True, kw_only=True)
class Taking:
    """One undo, all its processes. What changes: what people saw and said."""

    books: Sequence[Book]
    people: People
    door: Door
    mute: AbstractSet[str]
    skip_changed: bool
    #: a person says no to the first proposal
    declines: bool
    _said_no: bool = False

    async def work(self, loads: Sequence[Opened], desk: Desk) -> Undone | None:
        """Do what the command does."""
        took = Undoing("calls.ndjson", desk, lambda _done, _total: None)
        return await took.run(loads, self._agree, skip_changed=self.skip_changed)

    async def _agree(self, proposal: Proposal) -> bool:
        """Say yes, or no; what is to be left alone is so as it stands now.

        Others go on changing calls meanwhile.
        """
        del proposal
        if self.declines:
            self.declines = False
            self._said_no = True
            return False
        is_new = False
        for book in self.books:
            if undoing.read_undo(book.disk.kept) is None:
                is_new = True
                self.door.spared |= self._left_alone(book)
        if is_new:
            self.people.meddle()
        return True

    def _left_alone(self, book: Book) -> set[str]:
        calls = self.door.world.calls
        return {
            row.object_id or ""
            for row in created_by([book])
            if self._is_left_alone(calls[row.object_id or ""])
        }

    def _is_left_alone(self, call: Call) -> bool:
        """By what the portal says of it; to archive one that is gone does no harm."""
        is_touched = not call.archived and is_changed(call)
        return self.skip_changed and (call.id in self.mute or is_touched)

    # -- the truth --

    def check(self) -> Iterator[str]:
        """Give every break that may be seen after any process."""
        calls = self.door.world.calls
        if any(call.removed for call in calls.values()):
            for book in self.books:
                sealed = read_seal(book.place.seal)
                if sealed is None or not sealed.mark.undone:
                    yield "U3: calls are archived, and a seal does not say so"
        rows = list(created_by(self.books))
        for row in rows:
            if row.undone and not calls[row.object_id or ""].archived:
                yield f"U5: line {row.line} is called archived, and is not"
        states = [undoing.read_undo(book.disk.kept) for book in self.books]
        if self._said_no and any(states):
            yield "U2: it is taken back, though somebody said no"
        self._said_no = False
        archived = sum(state.archived for state in states if state is not None)
        if archived != sum(row.undone for row in rows):
            yield f"U5: {archived} are counted as archived, others are listed"

    def check_end(self, undone: Undone | None) -> Iterator[str]:
        """Give every break that is left when the last process has ended."""
        if undone is None or not undone.complete:
            yield f"U6: the undo does not come to its end: {undone}"
            return
        rows, calls = list(created_by(self.books)), self.door.world.calls
        untold = self._untold() if self.skip_changed else set[str]()
        for row in rows:
            object_id = row.object_id or ""
            call, is_spared = calls[object_id], object_id in self.door.spared
            is_due = call.ours and not is_spared and object_id not in untold
            if is_due and not call.archived:
                yield f"U6: line {row.line} was not archived"
            if is_spared and row.undone:
                yield f"U6: line {row.line} is called archived, and was left alone"
        alone = sum(undone.left_alone.values())
        if undone.archived + alone != len(rows) or undone.refused:
            yield f"U6: {len(rows)} were created, and not {undone}"

    def _untold(self) -> set[str]:
        """Return the calls of which reads said nothing, by chance or for good."""
        return {
            object_id
            for book in self.books
            for (object_id,) in book.disk.kept.execute(_UNTOLD)
        }


def is_changed(call: Call) -> bool:
    """Somebody changed it, by what the portal says of it."""
    return call.changed - call.made > TOLERANCE.total_seconds()


def created_by(books: Sequence[Book]) -> Iterator[Result]:
    """Give the rows of what these loads say that they created."""
    for book in books:
        rows = projection.results(book.disk.kept)
        marked = undoing.marked(book.disk.kept, rows)
        yield from (each for each in marked if each.state is State.CREATED)
