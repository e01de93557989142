"""IDs and unique values that come twice: what ``run`` and the portal make of them."""

from collections.abc import Iterable
from dataclasses import replace

from loader.model.record import SeenRecord

from .advice import REASONS
from .findings import Findings, Kind, Level, Tally
from .repeats import Repeats

#: what ``run`` calls an ID that comes twice, with other content
_REASON = "DUPLICATE_ID"
_REPEATED = Kind(
    Level.WARNING,
    "REPEATED",
    "says the same as an earlier line, under the same ID: it is loaded once, and "
    "counted as existing",
    "leave it, or remove the repetition",
)


class Identities:
    """Watches the IDs of records, and the values of unique properties.

    What changes: what was seen of both, in bounded memory.
    """

    def __init__(self, findings: Findings, unique: Iterable[str] = ()) -> None:
        self._findings = findings
        self._ids = Repeats()
        self._values = {name: Repeats() for name in unique}
        #: there are unique properties to watch
        self.has_unique = bool(self._values)

    def take_named(self, record: SeenRecord) -> None:
        """Take a record whose ID another one may have.

        IDs that differ in case only are the same, as for the ledger, and then their
        records say different things.
        """
        self._ids.add(record.trace_id.lower(), _says(record), record.line)

    def take_values(self, record: SeenRecord) -> None:
        """Take a record's values of unique properties."""
        for name, repeats in self._values.items():
            value = record.properties.get(name)
            if value:
                repeats.add(value, _says(record), record.line)

    def conclude(self) -> list[Tally]:
        """Return what was found, each a tally of lines that are not sent or refused.

        The first are those that are loaded once, with an earlier line; the second those
        that ``run`` rejects; the others those that the portal would refuse.
        """
        repeated, rejected = self._concluded_ids()
        taken = [self._concluded_values(*each) for each in self._values.items()]
        tallies = [repeated, rejected, *taken]
        for each in tallies:
            self._findings.join(each)
        return tallies

    def _concluded_ids(self) -> tuple[Tally, Tally]:
        repeated = Tally(_REPEATED)
        rejected = Tally(Kind(Level.REJECTED, _REASON, "", REASONS[_REASON]))
        first, its_first = 0, 0
        for each in self._ids.found():
            if each.says_the_same:
                repeated.note(each.line)
                continue
            rejected.note(each.line)
            if each.line == rejected.first[0]:
                first, its_first = each.line, each.first_line
        message = f"line {first} has the ID of line {its_first}, with other content"
        rejected.kind = replace(rejected.kind, message=message)
        return repeated, rejected

    def _concluded_values(self, name: str, repeats: Repeats) -> Tally:
        tally = Tally(
            Kind(
                Level.REFUSED,
                "VALUE_TWICE",
                "a value that an earlier line has; the portal takes each but once",
                "give each call its own value, or leave it out",
                name,
            )
        )
        for each in repeats.found():
            if not each.says_the_same:  # else it is not sent at all
                tally.note(each.line)
        return tally

    def close(self) -> None:
        """Let temporary files go."""
        for each in (self._ids, *self._values.values()):
            each.close()


def _says(record: SeenRecord) -> bytes:
    """Return what tells a record from others; derived IDs differ from line to line."""
    name = record.trace_id if record.named else str(record.line)
    return name.encode() + record.content
