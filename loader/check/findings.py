"""What was found in a source: kinds of findings, each with its count and first lines.

A finding never holds a value of the source, only line numbers and names of properties.
"""

from bisect import insort
from dataclasses import dataclass, field
from enum import IntEnum

#: line numbers that are kept of each kind
FIRST_LINES = 5
#: kinds that are told apart; further ones of a code are counted together
MAX_KINDS = 300
#: HubSpot's names have at most 100 characters
_LONGEST_NAME = 100


class Level(IntEnum):
    """How bad a finding is; all but the first are problems."""

    #: it loads, and is probably not what was meant
    WARNING = 0
    #: it loads, and is not what was meant
    WRONG = 1
    #: the portal would refuse the record
    REFUSED = 2
    #: ``run`` would reject the line without sending it
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What is wrong, and what to do about it."""

    level: Level
    code: str
    message: str
    advice: str = ""
    #: the property that it is about
    subject: str | None = None


@dataclass(slots=True)
class Tally:
    """One kind of finding. What changes: on how many lines, and the first of them.

    Lines may come in any order.
    """

    kind: Kind
    lines: int = 0
    first: list[int] = field(default_factory=list[int])
    _last: int = 0

    def note(self, line: int) -> None:
        """Count a line, once however often it has this finding."""
        if line == self._last:
            return
        self._last = line
        self.lines += 1
        first = self.first
        if len(first) < FIRST_LINES or line < first[-1]:
            insort(first, line)
            del first[FIRST_LINES:]


def shortened(name: str) -> str:
    """Return the name of a property, cut to what a line can show."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


class Findings:
    """All kinds of findings. What changes: the kinds, and their tallies."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, str], Tally] = {}

    def tally(self, kind: Kind) -> Tally:
        """Return the tally of a kind; the same one for the same words."""
        key = (kind.code, kind.subject or "", kind.message)
        found = self._tallies.get(key)
        if found is None and len(self._tallies) >= MAX_KINDS:
            key = (kind.code, "", "")
            kind = Kind(kind.level, kind.code, "more of the same kind", kind.advice)
            found = self._tallies.get(key)
        if found is None:
            found = self._tallies[key] = Tally(kind)
        return found

    def join(self, tally: Tally) -> None:
        """Take in a tally that was kept apart until it meant something."""
        kind = tally.kind
        self._tallies[kind.code, kind.subject or "", kind.message] = tally

    def found(self) -> list[Tally]:
        """Return what was found: the worst first, then the most frequent."""
        seen = [each for each in self._tallies.values() if each.lines]
        return sorted(seen, key=lambda each: (-each.kind.level, -each.lines))
