"""The loads of one schedule: the first, and the corrections of its rejected records.

What became of a line of the first load is what the product's overlay says of it. What
the portal must hold of a line that a person has made good is what he made of it; he may
do so in more ways than one.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loader.assembly.overlay import Overlay
from loader.ledger import store
from loader.model.settings import Place

from .disk import Disk
from .lines import Line


@dataclass(slots=True, kw_only=True)
class Book:
    """One load: its disk, its folder, its source. What changes: the disk."""

    disk: Disk
    place: Place
    content: bytes
    #: offset of the line behind each ID
    offsets: Mapping[str, int]

    @property
    def source(self) -> Path:
        """Where the file of its lines is, once somebody needs one."""
        return self.place.corrected

    @property
    def has_begun(self) -> bool:
        """Some process has opened its ledger."""
        return self.disk.connection is not None

    @property
    def is_bound(self) -> bool:
        """It has reached the portal."""
        return self.has_begun and store.read_identity(self.disk.kept) is not None


@dataclass(slots=True, kw_only=True)
class Copy(Book):
    """A corrected copy of rejected rows."""

    #: lines of the first load as this copy has them
    mended: Mapping[int, Line]
    #: all the ways in which it has lines
    ways: tuple[Line, ...]
    #: lines of which it has a row as it was: that may come first, and keep the ID
    left: frozenset[int | None]
    #: of its lines: what nothing stands in the way of
    promised: frozenset[int]


@dataclass(slots=True)
class Shelf:
    """A load and its corrections. What changes: these are added."""

    head: Book
    copies: list[Copy] = field(default_factory=list[Copy])

    def begun(self) -> list[Copy]:
        """Return the corrections that have begun, in order."""
        return [each for each in self.copies if each.has_begun]

    def bound(self) -> list[Book]:
        """Return the loads that have reached the portal, the first one first."""
        return [each for each in (self.head, *self.copies) if each.is_bound]

    def connections(self) -> list[sqlite3.Connection]:
        """Return the ledgers of the corrections."""
        return [each.disk.kept for each in self.begun()]

    def overlay(self) -> Overlay:
        """Return what the corrections say over the results of the first."""
        return Overlay(tuple(self.connections()))

    def lines(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """Return the lines of the first load as people have made them good."""
        mended: dict[int, Line] = {}
        for copy in self.begun():
            mended |= copy.mended
        return tuple(mended.get(each.number, each) for each in lines)

    def ways(self) -> dict[str, list[Line]]:
        """Return the ways in which lines of a title were made good."""
        ways: dict[str, list[Line]] = {}
        for copy in self.begun():
            for line in copy.ways:
                ways.setdefault(line.title, []).append(line)
        return ways

    def promised(self) -> set[int]:
        """Return the lines that some correction makes good, and none leaves as it was.

        One that another has begun to send as it was is refused, and has to be corrected
        once more.
        """
        left = {number for copy in self.begun() for number in copy.left}
        return {
            line.number
            for copy in self.begun()
            for line in copy.mended.values()
            if line.number in copy.promised
            and (line.first or line.number) not in left
            and line.number not in left
        }
