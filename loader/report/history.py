"""``history.ndjson``: how a load went, a row a second at first, and rarer later.

Written by the running load beside everything else, and read by ``report``. It holds
counts, rates and kinds of errors, and nothing of any record.

::

    {"run":"began","at":"…"}            a run begins
    {"at":"…","seconds":1.0,"created":100,…}   how the load stands, cumulative
    {"run":"ended","at":"…","ending":"complete","seconds":…,…}
                                        missing when the run was cut off

Decisions

* *A file of its own*, instead of ``run.log``: the log has no counts between the start
  and the end of a run, and may be rotated away. Instead of the ledger: it is no truth
  about records, must cost no durable write, and may be lost without harm.
* *Rarer with time*: after ``n`` seconds of loading a row comes every ``n / 400``, so a
  load of an hour has some 1,300 rows and one of a day 2,700: well below a megabyte.
* *Never a reason to stop*: what cannot be written is left out, and a file that has
  grown beyond ``MOST_BYTES`` (runs without end) is not written any more.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec
from structlog.typing import EventDict

from loader.errors import LoaderError
from loader.model.live import Live
from loader.model.summary import Summary

MOST_BYTES = 4 << 20
#: rows get this share of the time spent loading between them
_SHARE = 1 / 400
_SECOND = 0.9
#: kinds of errors that are told apart in a run, and characters of their names
_KINDS = 20
_KIND_CHARACTERS = 80
OTHER = "other"
#: the ending of a run that failed before it could sum up
REFUSED = "refused"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
#: a descriptor that takes nothing
_NOWHERE = -1
#: events of the log that tell of a failed request, and what it is called
_TOLD = {
    "delivery.throttled": "throttled",
    "delivery.unsent": "not sent",
    "delivery.doubted": "in doubt",
    "delivery.alarmed": "contradictory answer",
    "delivery.halted": "refused",
}


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the file; counts are over the whole load."""

    at: str
    #: ``began``, ``ended``, or empty in between
    run: str = ""
    ending: str = ""
    reason: str | None = None
    #: time spent loading, all runs together
    seconds: float = 0.0
    created: int = 0
    existing: int = 0
    rejected: int = 0
    in_doubt: int = 0
    requests: int = 0
    throttled: int = 0
    #: requests allowed in an interval; 0 without a limit
    rate_limit: int = 0
    rate_interval_s: float = 0.0
    #: failed requests since the row before, by kind
    errors: dict[str, int] = {}

    @property
    def settled(self) -> int:
        """Records that have an outcome."""
        return self.created + self.existing + self.rejected + self.in_doubt


class History:
    """Writes the rows of one run. What changes: the file, and when the last row was."""

    def __init__(self, fd: int, now: Callable[[], datetime]) -> None:
        self._fd = fd
        self._now = now
        self._last: float | None = None
        self._errors: Counter[str] = Counter()
        self._kinds: set[str] = set()

    def began(self) -> None:
        """A run begins."""
        self._write(Row(at=self._moment(), run="began"))

    def event(self, _: str, event: EventDict) -> None:
        """Take an event of the log: failed requests are counted by kind."""
        told = _TOLD.get(event.get("event", ""))
        if told is None:
            return
        kind = f"{told}: {event.get('reason')}"[:_KIND_CHARACTERS]
        if kind not in self._kinds and len(self._kinds) >= _KINDS:
            kind = OTHER
        self._kinds.add(kind)
        self._errors[kind] += 1

    def observe(self, live: Live) -> None:
        """Take how the load stands, once a second; not every time is worth a row."""
        least = max(_SECOND, live.seconds * _SHARE)
        if self._last is not None and live.seconds - self._last < least:
            return
        self._last = live.seconds
        row = msgspec.structs.replace(
            self._row(live),
            rate_limit=live.rate_limit or 0,
            rate_interval_s=live.rate_interval_s or 0.0,
        )
        self._write(row)

    def ended(self, summary: Summary) -> None:
        """The run has come to its own end."""
        row = msgspec.structs.replace(
            self._row(summary),
            run="ended",
            ending=summary.ending.value,
            reason=summary.reason,
        )
        self._write(row)

    def refused(self) -> None:
        """The run ended by an error before it could sum up."""
        self._write(Row(at=self._moment(), run="ended", ending=REFUSED))

    def _row(self, summary: Summary) -> Row:
        """Return how the load stands, and what failed since the last row."""
        row = Row(
            at=self._moment(),
            seconds=round(summary.seconds, 2),
            created=summary.created,
            existing=summary.existing,
            rejected=summary.rejected,
            in_doubt=summary.in_doubt,
            requests=summary.requests,
            throttled=summary.throttled,
            errors=dict(self._errors),
        )
        self._errors.clear()
        return row

    def _moment(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _write(self, row: Row) -> None:
        with contextlib.suppress(OSError):
            if os.fstat(self._fd).st_size < MOST_BYTES:
                os.write(self._fd, msgspec.json.encode(row) + b"\n")


@contextlib.contextmanager
def recorded(path: Path, now: Callable[[], datetime]) -> Iterator[History]:
    """Append to a file of mode 0600; the load's owner alone may write.

    Without the file, which the disk may not take, the load goes on unrecorded.
    """
    with contextlib.ExitStack() as stack:
        fd = _NOWHERE
        with contextlib.suppress(OSError):
            fd = os.open(path, _FLAGS, 0o600)
            stack.callback(os.close, fd)
            _end_line(fd)
        history = History(fd, now)
        history.began()
        try:
            yield history
        except LoaderError:
            history.refused()
            raise


def _end_line(fd: int) -> None:
    """End a line that a power cut has left half written."""
    with contextlib.suppress(OSError):
        size = os.fstat(fd).st_size
        if size and os.pread(fd, 1, size - 1) != b"\n":
            os.write(fd, b"\n")


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a history, without lines that are none; empty without one."""
    decode = msgspec.json.Decoder(Row).decode
    rows: list[Row] = []
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            lines = file.read(2 * MOST_BYTES).splitlines()
        for line in islice(lines, MOST_BYTES):
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                rows.append(decode(line))
    return rows
