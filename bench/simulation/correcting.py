"""Rejected records made good and run again: cut off anywhere, in several copies.

==  ==============================================================================
C1  no line of the first load is there twice, whichever copies have it (I1, I5)
C2  no two loads of a family have created the same object
C3  the results of the first load, with its corrections over them, tell the truth
    (I2, I3, I7, I8, I10)
C4  once faults stop, each correction ends, and what a copy makes good is there
C5  a correction's own counts are those of its rows
C6  one that is run again sends nothing, unless the user said to resend
==  ==============================================================================
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from loader.assembly.conclude import write_files
from loader.assembly.family import Family
from loader.assembly.overlay import Overlay
from loader.ledger import projection, store
from loader.model.outcome import State
from loader.model.record import CallRecord
from loader.model.settings import Place
from loader.model.summary import Ending
from loader.report.rows import as_row
from loader.source.decode import DecodeOptions, Decoder
from loader.source.identity import source_digest

from .after import Act
from .disk import Disk
from .lines import KEY, Kind, Line
from .lives import Life
from .mending import Mender, Row
from .part import Part
from .plan import TRACE, LifePlan
from .shelf import Book, Copy, Shelf
from .stage import Stage

_THERE = (State.CREATED, State.EXISTING)
_MOST_COPIES = 3


@dataclass(slots=True)
class Correcting:
    """One act of corrections. What changes: the shelf."""

    stage: Stage
    shelf: Shelf

    def run(self, act: Act) -> Iterator[None]:
        """Make copies and run them; stop after each process, to be looked at."""
        rng, shelf = self.stage.rng, self.shelf
        for life in act.lives[:-1]:
            if not shelf.copies or rng.random() < 0.5:  # noqa: PLR2004 - as good as any
                self._take_copy(life)
            if shelf.copies:
                self._live(rng.choice(shelf.copies), life)
                yield
        calm = act.lives[-1]
        for copy in shelf.copies:
            ending = self._live(copy, calm).ending
            yield
            if ending is not Ending.COMPLETE and not self.stage.stuck:
                self.stage.violate(f"C4: a correction is {ending.value}")
        before = self.stage.door.creates
        for copy in shelf.copies:
            self._live(copy, calm)
            yield
        if self.stage.door.creates > before and not calm.resend:
            self.stage.violate("C6: corrections that were run again send something")

    # -- a person --

    def _take_copy(self, life: LifePlan, most: int = _MOST_COPIES) -> None:
        """Make good what is rejected by now; the same content is no new copy."""
        shelf, plan, rng = self.shelf, self.stage.plan, self.stage.rng
        if len(shelf.copies) >= most:
            return
        bound = shelf.bound()
        book = rng.choice(bound) if rng.random() < 0.3 else shelf.head  # noqa: PLR2004
        lines = {line.number: line for line in plan.lines}
        number = len(shelf.copies) + 1
        mender = Mender(rng, lines, plan.by_key, number)
        content = mender.take(self._rejected(book), self._others(lines))
        if not content or any(each.content == content for each in shelf.copies):
            return
        digest = hashlib.blake2b(content, digest_size=6).hexdigest()
        place = Place(shelf.head.place.corrections / f"{number:04}-{digest}")
        place.folder.mkdir(parents=True)
        shelf.copies.append(
            Copy(
                disk=Disk(rng, number),
                place=place,
                content=content,
                offsets=_offsets(content, life, by_key=plan.by_key),
                mended=mender.mended,
                ways=tuple(mender.ways),
                promised=frozenset(mender.promised),
                left=frozenset(mender.left),
            )
        )
        of = "the first" if book is shelf.head else book.place.folder.name
        self.stage.story.say(f"copy {number}: {len(mender.rows)} rows of {of}")

    def _rejected(self, book: Book) -> list[Row]:
        """Have the product write the rejected rows of a load."""
        shelf, connection = self.shelf, book.disk.kept
        overlay = shelf.overlay() if book is shelf.head else Overlay()
        write_files(
            connection,
            book.place,
            store.read_identity(connection),
            overlay,
            read_line=lambda offset: _line_at(book.content, offset),
        )
        rows = [
            orjson.loads(each) for each in book.place.rejected.read_bytes().splitlines()
        ]
        return [self._placed(row) for row in rows]

    def _placed(self, row: Any) -> Any:  # noqa: ANN401 - JSON
        """Name folders as if they were always the same."""
        if not isinstance(row, dict) or "load" not in row:
            return row
        root = str(self.shelf.head.place.folder)
        load = row["load"].replace(root, "/calls.ndjson.load")
        return row | {"load": load, "record": self._placed(row["record"])}

    def _others(self, lines: dict[int, Line]) -> list[Row]:
        """Give rows that have no business in a copy: created, or in doubt."""
        head = self.shelf.head.disk.kept
        identity = store.read_identity(head)
        wrote = {
            "load": "/calls.ndjson.load",
            "source": identity.source_digest if identity is not None else "",
        }
        return [
            as_row(each) | wrote | {"record": orjson.loads(lines[each.line].raw)}
            for each in self.shelf.overlay().results(head)
            if each.state is not State.REJECTED
            and each.duplicate_of is None
            and lines[each.line].kind is not Kind.MALFORMED
        ][:5]

    # -- a process --

    def refused(self, calm: LifePlan) -> bool:
        """Make another copy, and run all; tell whether all of them were refused."""
        self._take_copy(calm, most=_MOST_COPIES + 1)
        return all(self._live(copy, calm).refused for copy in self.shelf.copies)

    def _live(self, copy: Copy, plan: LifePlan) -> Life:
        """Run a copy."""
        shelf, by_key = self.shelf, self.stage.plan.by_key
        identity = store.read_identity(shelf.head.disk.kept)
        assert identity is not None  # noqa: S101 - others are not corrected
        others = [each for each in shelf.begun() if each is not copy]
        self._renew(copy)

        def cast(part: Part) -> Life:
            _, first, *rest = part.connections
            names = tuple(each.place.folder.name for each in others)
            family = Family(shelf.head.place, identity, first, tuple(rest), names)
            return Life(part=part, by_key=by_key, content=copy.content, family=family)

        self.stage.story.say(f"copy {shelf.copies.index(copy) + 1} runs")
        disks = [each.disk for each in (copy, shelf.head, *others)]
        return self.stage.perform(plan, disks, cast, offsets=copy.offsets)

    def _renew(self, copy: Copy) -> None:
        """What was rejected everywhere, and is under way nowhere, may be sent again."""
        door, shelf = self.stage.door, self.shelf
        ledgers = [shelf.head.disk.kept, *shelf.connections()]
        states: dict[str, set[State]] = {}
        for ledger in ledgers:
            for row in projection.results(ledger):
                states.setdefault(row.trace_id or "", set()).add(row.state)
        armed = {name for ledger in ledgers for name in door.armed(ledger)}
        for name in copy.offsets:
            if states.get(name) == {State.REJECTED} and name not in armed:
                door.of(name).renew()

    # -- the truth --

    def check(self) -> Iterator[str]:
        """Give every break that may be seen after any process."""
        owners: dict[str, str] = {}
        for book in (self.shelf.head, *self.shelf.begun()):
            rows = list(projection.results(book.disk.kept))
            name = book.place.folder.name
            for row in rows:
                if row.state is State.CREATED and row.object_id is not None:
                    other = owners.setdefault(row.object_id, name)
                    if other != name:
                        yield f"C2: {row.object_id} was created by two loads"
            counts, listed = (
                projection.counts(book.disk.kept),
                Counter(row.state.value for row in rows),
            )
            if listed != _nonzero(
                created=counts.created,
                existing=counts.existing,
                rejected=counts.rejected,
                in_doubt=counts.in_doubt,
            ):
                yield f"C5: {dict(listed)} are listed, not {counts}"

    def check_end(self) -> Iterator[str]:
        """Give every break that is left when all copies have come to their end."""
        door, shelf = self.stage.door, self.shelf
        rows = {row.line: row for row in shelf.overlay().results(shelf.head.disk.kept)}
        for number in sorted(shelf.promised()):
            row = rows[number]
            is_held = row.state is State.IN_DOUBT and row.trace_id in door.unaskable
            if row.state not in _THERE and not is_held:
                what = f"{row.state.value} ({row.category}, {row.message})"
                yield f"C4: line {number} was made good, and is {what}"


def _nonzero(**numbers: int) -> Counter[str]:
    return Counter({name: number for name, number in numbers.items() if number})


def _line_at(content: bytes, offset: int) -> bytes:
    return content[offset:].splitlines(keepends=True)[0]


def _offsets(content: bytes, life: LifePlan, *, by_key: bool) -> dict[str, int]:
    """Return where each ID of a copy is first, as the product reads it."""
    lines = content.splitlines(keepends=True)
    options = DecodeOptions(
        key=KEY if by_key else None, trace_property=TRACE if life.keyed else None
    )
    decoder = Decoder(source_digest(lines[0]), options)
    offsets: dict[str, int] = {}
    at = 0
    for number, raw in enumerate(lines, 1):
        item = decoder.decode(raw, line=number, offset=at)
        if isinstance(item, CallRecord):
            offsets.setdefault(item.trace_id, at)
        at += len(raw)
    return offsets
