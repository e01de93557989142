"""Rows of ``results`` and of the two result files, as NDJSON or CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from loader.model.outcome import State
from loader.model.result import Result

from .files import replaced
from .text import printable

#: what makes a spreadsheet take a cell for a formula
_FORMULA = ("=", "+", "-", "@")

#: columns of the CSV form, in order
COLUMNS: tuple[str, ...] = (
    "line",
    "offset",
    "objectWriteTraceId",
    "state",
    "id",
    "category",
    "message",
    "correlationId",
    "duplicateOf",
    "undone",
)


def as_row(result: Result) -> dict[str, Any]:
    """Return a row under the contract's names; keys without meaning are left out."""
    row: dict[str, Any] = {
        "line": result.line,
        "offset": result.offset,
        "objectWriteTraceId": result.trace_id,
        "state": result.state.value,
        "id": result.object_id,
    }
    if result.state is State.REJECTED:
        row["category"] = result.category
    if result.state in (State.REJECTED, State.IN_DOUBT):
        row["message"] = result.message
    if result.state is State.REJECTED:
        row["correlationId"] = result.correlation_id
    if result.duplicate_of is not None:
        row["duplicateOf"] = result.duplicate_of
    if result.undone:
        row["undone"] = True
    return row


def ndjson(results: Iterable[Result]) -> Iterator[bytes]:
    """Give each row as a JSON line."""
    for result in results:
        yield orjson.dumps(as_row(result), option=orjson.OPT_APPEND_NEWLINE)


def as_csv(results: Iterable[Result]) -> Iterator[bytes]:
    """Give a header and each row as CSV (RFC 4180).

    Category and message are the portal's words, and a spreadsheet takes a cell that
    begins with ``=``, ``+``, ``-`` or ``@`` for a formula and runs it. Such a cell gets
    an apostrophe in front; control characters are escaped. NDJSON has the very words.
    """
    buffer = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for result in results:
        yield _emptied(buffer)
        writer.writerow(as_row(result) | _harmless(result))
    yield _emptied(buffer)


def _harmless(result: Result) -> dict[str, str]:
    """Return the cells with the portal's words, fit for a spreadsheet."""
    words = {"category": result.category or "", "message": result.message or ""}
    if result.state not in (State.REJECTED, State.IN_DOUBT):
        return {}
    return {name: _cell(text) for name, text in words.items() if text}


def _cell(text: str) -> str:
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


class Wrote(msgspec.Struct, frozen=True):
    """Which load wrote a row, so that a corrected copy of it is known for what it is.

    The names are those of the row's fields.
    """

    #: the load's folder
    load: str
    #: digest of its source
    source: str


def write_records(
    path: Path,
    results: Iterable[Result],
    raw_line: Callable[[Result], bytes],
    *,
    wrote: Wrote,
) -> int:
    """Replace a result file: each row with ``record``, the line as it was.

    Each row says too which load ``wrote`` it. ``record`` is the line's JSON object; a
    line that is none, or nests too deep for whoever reads the file, is given as text,
    and one too long to keep as null. A corrected copy of the file is again a source.

    Returns:
        the number of rows.
    """
    number = 0
    origin = msgspec.structs.asdict(wrote)
    with replaced(path) as file:
        for result in results:
            record = _record(raw_line(result), is_deep=result.category == "TOO_DEEP")
            row = as_row(result) | origin | {"record": record}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            number += 1
    return number


def _record(raw: bytes, *, is_deep: bool) -> object:
    if not raw:
        return None
    try:
        value = None if is_deep else orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        # some readers of a file break its lines at a carriage return, too
        return orjson.Fragment(raw.strip().replace(b"\r", b" "))
    return raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
