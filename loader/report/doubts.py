"""Records in doubt and the calls that may be them, side by side, for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from loader.model.doubt import Doubt, Resolution

from .text import pasted, printable

#: characters of a value that are shown
_MOST = 300


def side_by_side(doubt: Doubt) -> Table:
    """Return a table: a row for each property, a column for the line and each call."""
    table = Table(show_lines=False, expand=False)
    table.add_column("")
    table.add_column(f"line {doubt.line}", overflow="fold")
    for number, each in enumerate(doubt.candidates, 1):
        title = f"[{number}] call {each.id}"
        table.add_column(Text(printable(title)), overflow="fold")
    for name, value in doubt.properties.items():
        cells = [_cell(value)]
        for each in doubt.candidates:
            style = "red" if name in each.different else "green"
            cells.append(_cell(each.properties.get(name, "-"), style))
        table.add_row(Text(printable(name), style="bold"), *cells)
    if doubt.candidates:
        made = [_cell(each.created_at or "-") for each in doubt.candidates]
        table.add_row(Text("(created at)", style="dim"), Text(""), *made)
    return table


def _cell(value: str, style: str = "") -> Text:
    text = value if len(value) <= _MOST else f"{value[:_MOST]}…"
    return Text(printable(text), style=style)


def headline(doubt: Doubt, left: int) -> str:
    """Say which record is asked about, and how many are left with it."""
    number = len(doubt.candidates)
    found = (
        "no call of this moment was found; search lags, so it may be there all the same"
        if not number
        else f"{number} call{'s' * (number > 1)} of this moment, the likeliest first"
    )
    return (
        f"line {doubt.line} of {printable(doubt.load)} ({left:,} left in doubt): "
        f"{printable(doubt.message)}; {found}"
    )


def as_object(doubt: Doubt) -> Mapping[str, Any]:
    """Return a doubt as a JSON object, under the names that answers have too."""
    return {
        "load": doubt.load,
        "line": doubt.line,
        "offset": doubt.offset,
        "objectWriteTraceId": doubt.trace_id,
        "message": doubt.message,
        "properties": dict(doubt.properties),
        "candidates": [msgspec.to_builtins(each) for each in doubt.candidates],
    }


def resolution_lines(resolution: Resolution) -> Iterator[str]:
    """Say what came of the walk, and what to do next."""
    yield (
        f"{resolution.settled:,} settled as created, {resolution.released:,} to be "
        f"sent again, {resolution.left:,} left in doubt"
    )
    for source in resolution.to_run:
        yield f"next: python -m loader run {pasted(source)}"
