"""What a report says: one value, and three ways to show it (page, Markdown, JSON).

Everything is bounded: a load of a million rejects has as many groups and examples as
one of a hundred, and a load of a week as many steps as one of an hour.
"""

import msgspec

from loader.model.certificate import Certificate
from loader.model.outcome import State
from loader.model.summary import Summary


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The source, as it is now."""

    #: without its folder
    name: str
    #: of its first line; the load belongs to it
    digest: str | None
    #: None of a stream, and of a file that is not there any more
    sha256: str | None = None
    size: int | None = None
    #: whether the loaded part is still what was loaded; None when nobody can say
    unchanged: bool | None = None
    #: where the first part begins that is not, in bytes
    changed_at: int | None = None


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the load."""

    began_at: str
    #: of one that was cut off: when it was last heard of
    ended_at: str | None
    #: ``complete``, ``interrupted``, ``stopped``, ``refused``, ``cut off``
    ending: str
    reason: str | None = None
    #: records settled by it, and its requests, as far as they were recorded
    settled: int = 0
    requests: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the time spent loading; all runs are put one behind the other."""

    #: the run that it is of, from 1
    run: int
    #: in seconds of loading
    start: float
    end: float
    settled: int
    requests: int
    throttled: int
    #: requests a second that the limiter allowed; None without a limit
    allowed: float | None
    #: the time over which the portal counts requests; 0 without a limit
    window_s: float = 0.0
    #: how the load stood at the end of it
    created: int
    existing: int
    rejected: int
    in_doubt: int
    #: requests that failed in it, by kind
    errors: dict[str, int] = {}


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a group. What is personal is there only when it was asked for."""

    line: int
    offset: int
    correlation_id: str | None = None
    trace_id: str | None = None
    message: str | None = None
    #: the line as it was, cut to a length
    record: str | None = None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Records refused, or in doubt, for one reason."""

    #: empty of records in doubt
    category: str
    #: without the values of a record
    message: str
    number: int
    first_lines: list[int]
    examples: list[Example]


class Groups(msgspec.Struct, frozen=True):
    """Records by reason, the most frequent first."""

    shown: list[Group] = []
    #: records of further reasons, which are too many to show
    others: int = 0


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A load of a corrected copy of the rejected records."""

    name: str
    began_at: str | None
    lines: int
    created: int
    existing: int
    rejected: int
    in_doubt: int
    certificate: Certificate | None = None


class UndoFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back: calls that this load had created, archived."""

    begun_at: str
    #: None while it is not at its end
    ended_at: str | None
    #: to archive, and archived so far
    calls: int
    archived: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report says."""

    made_at: str
    version: str
    #: it may hold what customers said: not for everybody's eyes
    with_data: bool
    #: the portal was the built-in one
    rehearsal: bool
    summary: Summary
    key_property: str | None
    source: SourceFacts
    #: of the rows of ``results``, as NDJSON
    results_sha256: str
    results_rows: int
    #: all of them, or the first and the last of many
    runs: list[RunFacts]
    further_runs: int
    steps: list[Step]
    errors: dict[str, int]
    rejected: Groups
    in_doubt: Groups
    corrections: list[Correction] = []
    #: what ``verify`` found last
    certificate: Certificate | None = None
    undo: UndoFacts | None = None

    @property
    def groups(self) -> tuple[tuple[State, Groups], ...]:
        """What a person has to look at, by state."""
        return (State.REJECTED, self.rejected), (State.IN_DOUBT, self.in_doubt)
