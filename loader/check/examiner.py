"""Looks at every line of a source: what ``run`` would do with it, and the portal.

What ``run`` would reject comes as ``Malformed`` from the same decoder that ``run``
reads with, so that the two cannot disagree. A record is judged by what that decoder
has validated.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from loader.model.catalogue import Catalogue
from loader.model.nearest import Nearest
from loader.model.record import Chunk, Malformed, SeenRecord

from . import portal
from .advice import REASONS
from .calls import Durations, documented
from .findings import Findings, Kind, Level, Tally
from .forecast import Requests
from .identities import Identities
from .links import Links
from .values import Judge

#: unknown names that are remembered, unless they are longer than a name can be
_KEPT_NAMES, _LONGEST_NAME = 1000, 100
#: sets of names that are remembered, unless they are larger than a record has use for
_KEPT_SETS, _LARGEST_SET = 1000, 500


class Judges(dict[str, Judge | None]):
    """Judges by property name. What changes: names that nobody knows are remembered."""

    def __init__(
        self, known: dict[str, Judge | None], unknown: Callable[[str], Judge | None]
    ) -> None:
        super().__init__(known)
        self._unknown = unknown
        self._most = len(known) + _KEPT_NAMES

    def __missing__(self, name: str) -> Judge | None:
        judge = self._unknown(name)
        if len(self) < self._most and len(name) <= _LONGEST_NAME:
            self[name] = judge
        return judge


class Examiner:
    """Examines the lines of one source, one after the other.

    What changes: the counts, the findings, and the IDs seen.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        requests: Requests,
        now: datetime,
        identifying: Collection[str] = (),
    ) -> None:
        """Take what the portal is like, and the properties that identify a record.

        Values of these are watched as IDs, not as values that the portal wants unique.
        """
        self.findings = Findings()
        self.requests = requests
        self.lines = 0
        self.records = 0
        #: lines whose worst finding is of a level; what only the whole source shows is
        #: counted beside
        self.worst = dict.fromkeys(Level, 0)
        self.identities = Identities(
            self.findings,
            (
                name
                for name, facts in (catalogue.properties or {}).items()
                if facts.is_unique and name not in identifying
            ),
        )
        self._reasons: dict[str, Tally] = {}
        self._links = Links(self.findings)
        self._durations = Durations(self.findings, "hs_call_duration")
        self._judges = self._judges_of(catalogue, now)
        #: by the names that a record has: records have the same few sets of them
        self._judging: dict[tuple[str, ...], list[tuple[str, Judge]]] = {}

    def take(self, chunk: Chunk) -> None:
        """Look at consecutive lines."""
        for item in chunk:
            if isinstance(item, SeenRecord):
                self._record(item)
            elif isinstance(item, Malformed):
                self.reject(item.reason, item.message, item.line)
            else:
                self.lines -= 1
        self.lines += len(chunk)

    def _record(self, record: SeenRecord) -> None:
        self.records += 1
        self.requests.add(len(record.raw))
        if record.named:
            self.identities.take_named(record)
        properties = record.properties
        if self.identities.has_unique:
            self.identities.take_values(record)
        found = self._links.judge(record.associations)
        names = tuple(properties)
        judging = self._judging.get(names)
        if judging is None:
            judging = self._judging_of(names)
        for name, judge in judging:
            tally = judge(properties[name])
            if tally is not None:
                found.append(tally)
        if found:
            self._note(found, record.line)

    def _judging_of(self, names: tuple[str, ...]) -> list[tuple[str, Judge]]:
        """Return who judges what of a record that has these properties."""
        judges = ((name, self._judges[name]) for name in names)
        judging = [(name, judge) for name, judge in judges if judge is not None]
        known = all(name in self._judges for name in names)
        if known and len(names) <= _LARGEST_SET and len(self._judging) < _KEPT_SETS:
            self._judging[names] = judging
        return judging

    def _note(self, found: list[Tally], line: int) -> None:
        worst = Level.WARNING
        for tally in found:
            tally.note(line)
            worst = max(worst, tally.kind.level)
        self.worst[worst] += 1

    def reject(self, reason: str, message: str, line: int) -> None:
        """Count a line that ``run`` would reject; the first message stands for all."""
        tally = self._reasons.get(reason)
        if tally is None:
            kind = Kind(Level.REJECTED, reason, message, REASONS.get(reason, ""))
            tally = self._reasons[reason] = self.findings.tally(kind)
        self._note([tally], line)

    def conclude(self) -> None:
        """Find what only the whole source shows."""
        short = self._durations.conclude()
        if short is not None:
            self.findings.join(short)
            self.worst[Level.WRONG] += short.lines
        repeated, rejected, *taken = self.identities.conclude()
        self.records -= repeated.lines + rejected.lines
        for each in (rejected, *taken):
            self.worst[each.kind.level] += each.lines

    def _judges_of(self, catalogue: Catalogue, now: datetime) -> Judges:
        known = documented(self.findings, self._durations, now)
        if catalogue.properties is None:
            return Judges({**known}, lambda _: None)
        names = Nearest(catalogue.properties)

        def unknown(name: str) -> Judge:
            tally = self.findings.tally(portal.unknown(name, names))
            return lambda _: tally

        return Judges(portal.judges_of(catalogue, known, self.findings, now), unknown)
