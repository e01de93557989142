"""What was created, read back by the product's verification, against the truth.

==  ==============================================================================
V1  of a call that was compared is said what is so, or that the portal says nothing
V2  a certificate's counts are those of its findings, and they add up
V3  once faults stop it ends, and one that begins anew says exactly what is so
V4  nothing is written
V5  what is certified as complete is complete
==  ==============================================================================

One that was cut off goes on behind what it compared, so what it said of a call was so
when it was last begun, or since; but what was compared before an undo counts no more.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loader.assembly.asking import Desk
from loader.assembly.opened import Opened
from loader.assembly.verify import Verifier, certified
from loader.hubspot.comparison import USUAL_TYPES
from loader.ledger import undoing, verification
from loader.ledger.verification import Verification
from loader.model.certificate import Certificate
from loader.model.outcome import State
from loader.model.proof import Standing
from loader.model.result import Result

from .shelf import Book, Shelf
from .stage import Stage
from .undoing import created_by
from .world import Call

_THERE = (State.CREATED, State.EXISTING)
#: of one verification of one load: when it was begun, and how much was undone then
_Key = tuple[str, str | None, int]


@dataclass(slots=True)
class Verifying:
    """All verifications of one load. What changes: what was so in their time."""

    stage: Stage
    shelf: Shelf
    _seen: dict[_Key, dict[str, set[Standing]]] = field(
        default_factory=dict[_Key, dict[str, set[Standing]]]
    )

    #: how far each was when the process began
    _before: dict[str, Verification | None] = field(
        default_factory=dict[str, Verification | None]
    )

    async def work(self, loads: Sequence[Opened], desk: Desk) -> list[Certificate]:
        """Do what the command does."""
        verifiers = [
            Verifier(each, desk, USUAL_TYPES, lambda *_: None, lambda _: None)
            for each in loads
        ]
        return await certified(verifiers, with_data=False)

    # -- the truth --

    def note(self) -> None:
        """Remember what is so when a process begins; its sources are files."""
        for book in self.shelf.bound():
            if not book.source.exists():
                book.source.write_bytes(book.content)
            began = verification.read_verification(book.disk.kept)
            self._before[book.place.folder.name] = began
            key = self._key(book, began.begun_at if began is not None else None)
            for key_or_new in (key, self._key(book, None)):
                seen = self._seen.setdefault(key_or_new, {})
                if key_or_new[1] is None:
                    seen.clear()
                for row in created_by([book]):
                    object_id = row.object_id or ""
                    seen.setdefault(object_id, set()).add(self._standing(object_id))

    def _key(self, book: Book, begun_at: str | None) -> _Key:
        undo = undoing.read_undo(book.disk.kept)
        archived = undo.archived if undo is not None else -1
        return book.place.folder.name, begun_at, archived

    def _standing(self, object_id: str) -> Standing:
        """Say how a created call stands, by the portal's truth."""
        call = self.stage.world.calls[object_id]
        if call.id in self.stage.mute:
            return Standing.UNANSWERED
        if call.gone:
            return Standing.MISSING
        if call.archived:
            return Standing.ARCHIVED
        return Standing.EQUAL if _is_as_made(call) else Standing.DIFFERENT

    def check(self, result: object) -> Iterator[str]:
        """Give every break that may be seen after any process."""
        for book in self.shelf.bound():
            yield from self._check_findings(book)
        if isinstance(result, list):
            books = self.shelf.bound()
            for book, certificate in zip(books, result, strict=True):
                yield from self._check_counts(book, certificate)
            if result[0].complete:
                yield from self._check_complete()

    def _said(self, book: Book) -> Iterator[tuple[Result, Standing]]:
        """Give what is said of each call that was compared."""
        state = verification.read_verification(book.disk.kept)
        findings = {
            each.line: each.standing
            for each in verification.read_findings(book.disk.kept)
        }
        for row in created_by([book]):
            if state is not None and row.offset < state.frontier:
                yield row, findings.get(row.line, Standing.EQUAL)

    def _check_findings(self, book: Book) -> Iterator[str]:
        state = verification.read_verification(book.disk.kept)
        if state is None or state == self._before[book.place.folder.name]:
            return  # this process got to say nothing
        begun_at = state.begun_at
        known = self._seen.get(self._key(book, begun_at))
        if known is None:  # it was begun by this very process
            known = self._seen[self._key(book, None)]
            self._seen[self._key(book, begun_at)] = known.copy()
        for row, said in self._said(book):
            true = known.get(row.object_id or "", set[Standing]())
            if said is not Standing.UNANSWERED and said not in true:
                is_so = ", ".join(sorted(true))
                yield f"V1: line {row.line} is {is_so}, and called {said.value}"

    def _check_counts(self, book: Book, certificate: Certificate) -> Iterator[str]:
        said = Counter(standing.value for _, standing in self._said(book))
        told = {each.value: getattr(certificate, each.value) for each in Standing}
        created = sum(1 for _ in created_by([book]))
        if told != {each.value: said[each.value] for each in Standing}:
            yield f"V2: {dict(said)} were found, and {told} are certified"
        if sum(told.values()) != created or certificate.created != created:
            yield f"V2: {told} do not make the {created} that were created"

    def _check_complete(self) -> Iterator[str]:
        head = self.shelf.head
        lost = [
            row.line
            for row in self.shelf.overlay().results(head.disk.kept)
            if row.state not in _THERE
        ]
        if lost:
            yield f"V5: certified as complete, and lines {lost} are not there"
        for book in self.shelf.bound():
            said = [each for _, each in self._said(book)]
            if any(each is not Standing.EQUAL for each in said):
                yield "V5: certified as complete, and not all is equal"

    def check_end(self, result: object) -> Iterator[str]:
        """Give every break that is left when the last has begun anew, and ended."""
        if not isinstance(result, list):
            if not self._is_mute():
                yield f"V3: the verification does not come to its end: {result}"
            return
        for book in self.shelf.bound():
            for row, said in self._said(book):
                so = self._standing(row.object_id or "")
                if said is not so:
                    yield f"V3: line {row.line} is {so.value}, and called {said.value}"

    def _is_mute(self) -> bool:
        """Nothing is left to compare of some load but calls that never get an answer.

        Nobody can tell that from a portal that is down.
        """
        for book in self.shelf.bound():
            state = self._before[book.place.folder.name]
            frontier = state.frontier if state and not state.ended_at else 0
            left = [each for each in created_by([book]) if each.offset >= frontier]
            if left and self.stage.mute.issuperset(
                each.object_id or "" for each in left
            ):
                return True
        return False


def _is_as_made(call: Call) -> bool:
    """What was sent of it is there still; what is there beside is none of ours."""
    as_sent = all(call.properties.get(name) == call.given[name] for name in call.given)
    return as_sent and all(each in call.associations for each in call.linked)
