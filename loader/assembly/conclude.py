"""The end of a run: the counts, the result files, ``status.json``."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from loader.errors import LedgerFailed
from loader.ledger import projection
from loader.ledger.writer import Writer
from loader.model.load import LoadIdentity, Promise
from loader.model.outcome import State
from loader.model.result import Result
from loader.model.settings import Place
from loader.model.summary import Ending, Summary
from loader.report.rows import write_records
from loader.telemetry import get_logger

from .count import LineCounter, read_known, summarise
from .watch import write_status

log = get_logger()

#: reads the line of the source that starts at an offset; empty when it cannot
LineReader = Callable[[int], bytes]


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
    await writer.run(lambda connection: _write_files(connection, end))
    summary: Summary = await writer.run(lambda connection: _summary(connection, end))
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


def _summary(connection: sqlite3.Connection, end: Conclusion) -> Summary:
    return summarise(
        read_known(connection),
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


def _write_files(connection: sqlite3.Connection, end: Conclusion) -> None:
    def raw_line(result: Result) -> bytes:
        raw = projection.raw_line(connection, result.line)
        if not raw and end.read_line is not None:
            raw = end.read_line(result.offset)
        return raw

    for state, path in (
        (State.REJECTED, end.place.rejected),
        (State.IN_DOUBT, end.place.in_doubt),
    ):
        rows = (r for r in projection.unsettled(connection) if r.state is state)
        try:
            write_records(path, rows, raw_line)
        except OSError as error:
            raise LedgerFailed(
                f"{path} could not be written ({error.strerror}); free the disk and "
                "run the same command again"
            ) from error
