"""The counts of a load: while it runs, and when it has ended."""

from enum import StrEnum

import msgspec


class Ending(StrEnum):
    """How a run came to its end; decides the exit status."""

    #: still running
    RUNNING = "running"
    #: the source was read to its end
    COMPLETE = "complete"
    #: the run could not go on; the same command resumes it
    STOPPED = "stopped"
    #: a signal, or the caller, asked it to stop; the same command resumes it
    INTERRUPTED = "interrupted"


class Corrects(msgspec.Struct, frozen=True, kw_only=True):
    """How the first load stands after a correction."""

    #: its folder
    load: str
    lines: int
    created: int
    existing: int
    rejected: int
    in_doubt: int
    unread: int
    corrected: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a load has done so far, over all its runs.

    ``created + existing + rejected + in_doubt + unread == lines`` once a run has ended.
    """

    source: str
    #: lines of the source that are not blank; an estimate while a load runs
    lines: int
    created: int
    existing: int
    rejected: int
    in_doubt: int
    #: lines without any outcome yet
    unread: int
    #: requests of all kinds sent to the portal
    requests: int
    #: answers 429
    throttled: int
    #: records sent again, or asked for, after a doubt
    retried: int
    #: time spent loading, all runs together
    seconds: float
    #: settled records per second of this run
    records_per_second: float
    promise: str
    portal_id: str | None
    trace_property: str | None
    #: the source was read to its end and nothing is open
    finished: bool
    ending: Ending
    #: why the run ended before its source, and what to do
    reason: str | None = None
    #: fields of the source's lines that HubSpot's create input has no place for, and
    #: on how many lines of this run they were left out
    ignored_fields: dict[str, int] = {}
    #: lines that were rejected, and are on the portal by a corrected copy since
    corrected: int = 0
    #: this load is of a corrected copy: the load whose lines it corrects
    corrects: Corrects | None = None
    #: created calls that ``undo`` has archived; None of a load that nobody has undone
    undone: int | None = None

    @property
    def clean(self) -> bool:
        """Every record is created or existing."""
        return self.finished and not self.rejected and not self.in_doubt
