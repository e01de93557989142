"""Structured events, as JSON lines, without personal data.

Events are named ``<room>.<what_happened>``; their fields are numbers, offsets, line
numbers, reasons and categories, never a property's value, a body or a token. One event
per batch at most, never per record.

========================  ======  ====================================================
event                     level   fields
========================  ======  ====================================================
run.started               info    source, portal_id, promise, trace_property, resumed,
                                  rebuilding, frontier, version
run.noted                 warning note
run.unobserved            warning error
run.paused                warning reason, until
run.went_on               warning seconds
doubt.resolved            info    line, decision
run.stopping              info    ending, reason
run.ended                 info    ending, created, existing, rejected, in_doubt, unread
preflight.waited          warning reason
delivery.throttled        warning line, records, reason, pause_s
delivery.unsent           warning line, records, reason
delivery.doubted          warning line, records, reason
delivery.archived         warning line, records, reason
delivery.halted           error   line, records, reason
delivery.alarmed          error   line, records, reason
source.verified           info    spans, bytes
ledger.settled            debug   batches, frontier
portal.throttled          warning reason, pause_s
portal.failed             warning reason
verification.started      info    frontier
verification.ended        info    created, equal, requests
undo.started              info    digest, calls
undo.ended                info    archived, refused
========================  ======  ====================================================

The loggers are our own and leave an application's structlog configuration alone: where
events go is a context variable, and without an output they go nowhere.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

#: takes an event's level and its fields
Output = Callable[[str, EventDict], None]

_outputs: ContextVar[tuple[Output, ...]] = ContextVar("loader_outputs", default=())


def _hand_out(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """Give the event to every output of this context; then it has done its work."""
    for output in _outputs.get():
        # whoever logs is at work: that an output cannot be written is not his affair
        with contextlib.suppress(OSError):
            output(level, event)
    raise structlog.DropEvent


def get_logger() -> FilteringBoundLogger:
    """Return a logger whose events go to the outputs of the current context."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.ReturnLogger(),  # never reached; the default would want a stdout
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _hand_out,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return logger


@contextlib.contextmanager
def outputs(*added: Output) -> Iterator[None]:
    """Send the events of this context to these outputs too."""
    token = _outputs.set((*_outputs.get(), *added))
    try:
        yield
    finally:
        _outputs.reset(token)


@contextlib.contextmanager
def log_file(path: Path) -> Iterator[Output]:
    """Append events to a file of mode 0600, a JSON object a line.

    Raises:
        OSError: the file cannot be opened; a symbolic link is refused.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(path, flags, 0o600)

    def write(_: str, event: EventDict) -> None:
        # a full disk must not end a run because of its log; the ledger will
        with contextlib.suppress(OSError):
            os.write(fd, as_json_line(event))

    try:
        yield write
    finally:
        os.close(fd)


def as_json_line(event: EventDict) -> bytes:
    """Encode an event; what JSON does not know becomes its text."""
    return orjson.dumps(_ordered(event), default=str, option=orjson.OPT_APPEND_NEWLINE)


def _ordered(event: EventDict) -> dict[str, Any]:
    head = {key: event[key] for key in ("time", "level", "event") if key in event}
    return head | dict(event)
