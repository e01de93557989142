"""The end of a run: the counts, the result files, ``status.json``."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from loader.errors import LedgerFailed
from loader.ledger import projection
from loader.ledger.writer import Writer
from loader.model.live import Live
from loader.model.load import LoadIdentity, Promise
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.settings import Place
from loader.model.summary import Ending, Summary
from loader.report.rows import Wrote, write_records
from loader.source.files import LineReader, readable
from loader.telemetry import get_logger

from .count import LineCounter, read_known, summarise
from .overlay import Overlay, opened_overlay
from .watch import write_status

log = get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What is known at the end of a run, besides the ledger."""

    place: Place
    source: str
    identity: LoadIdentity | None
    promise: Promise
    ending: Ending
    reason: str | None
    run_seconds: float
    run_settled: int
    ignored: dict[str, int]
    count_lines: LineCounter | None
    read_line: LineReader | None


async def conclude(writer: Writer, end: Conclusion) -> Summary:
    """Renew the result files and ``status.json``; return the summary.

    Raises:
        LedgerFailed: the ledger cannot be read any more.
    """
    with opened_overlay(end.place) as overlay:

        def concluded(connection: sqlite3.Connection) -> Summary:
            write_files(
                connection, end.place, end.identity, overlay, read_line=end.read_line
            )
            return _summary(connection, end, overlay)

        summary: Summary = await writer.run(concluded)
    write_status(end.place, summary)
    log.info(
        "run.ended",
        ending=summary.ending.value,
        created=summary.created,
        existing=summary.existing,
        rejected=summary.rejected,
        in_doubt=summary.in_doubt,
        unread=summary.unread,
    )
    return summary


def unconcluded(
    live: Live, failure: LedgerFailed, ending: Ending, reason: str | None
) -> Summary:
    """Sum up from the live counts: the ledger has failed and cannot be read."""
    if ending is Ending.COMPLETE:  # and nobody noted it, nor the result files
        ending, reason = Ending.STOPPED, str(failure)
    summary = msgspec.convert(msgspec.to_builtins(live), Summary)
    return msgspec.structs.replace(summary, ending=ending, reason=reason)


def _summary(
    connection: sqlite3.Connection, end: Conclusion, overlay: Overlay
) -> Summary:
    return summarise(
        read_known(connection, overlay),
        source=end.source,
        count_lines=end.count_lines,
        promise=end.promise,
        identity=end.identity,
        ending=end.ending,
        reason=end.reason,
        run_seconds=end.run_seconds,
        run_settled=end.run_settled,
        ignored=end.ignored,
    )


def write_files(
    connection: sqlite3.Connection,
    place: Place,
    identity: LoadIdentity | None,
    overlay: Overlay,
    *,
    read_line: LineReader | None,
) -> None:
    """Renew the result files of a load: what is rejected or in doubt by now.

    Raises:
        LedgerFailed: one cannot be written.
    """
    raw_line = raw_lines(connection, overlay, read_line)
    writer = Wrote(
        load=readable(str(place.folder.absolute())),
        source=identity.source_digest if identity is not None else "",
    )
    for state, path in (
        (State.REJECTED, place.rejected),
        (State.IN_DOUBT, place.in_doubt),
    ):
        shown = (overlay.over(each) for each in projection.unsettled(connection))
        rows = (each for each in shown if each.state is state)
        try:
            write_records(path, rows, raw_line, wrote=writer)
        except OSError as error:
            raise LedgerFailed(
                f"{path} could not be written ({error.strerror}); free the disk and "
                "run the same command again"
            ) from error


def raw_lines(
    connection: sqlite3.Connection, overlay: Overlay, read_line: LineReader | None
) -> Callable[[Result], bytes]:
    """Return what gives the line of a result: as corrected, as kept, or as it is."""

    def raw_line(shown: Result) -> bytes:
        raw = b""
        if overlay.corrections:
            result = projection.result_of_line(connection, shown.line) or shown
            raw = overlay.raw(result)
        raw = raw or projection.raw_line(connection, shown.line)
        if not raw and read_line is not None:
            raw = read_line(shown.offset)
        return raw

    return raw_line
