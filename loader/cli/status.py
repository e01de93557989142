"""``status``: where a load stands, live or finished."""

from collections.abc import Iterator

import click
import msgspec
import orjson

from loader.model.live import Live
from loader.report.text import printable, promise_line, summary_lines

from . import options
from .output import give, give_lines
from .terminal import progress_line, times_line


@click.command(epilog="Example: python -m loader status calls.ndjson --json")
@options.source_argument
@options.load_dir_option
@options.config_option
@options.json_option
def status(source: str, load_dir: str | None, *, as_json: bool) -> int:
    """Show where the load of SOURCE stands."""
    # the network's modules take a third of a second, which --help need not pay
    from loader.assembly.inspect import standing  # noqa: PLC0415
    from loader.assembly.opened import known_place  # noqa: PLC0415

    summary = standing(source, load_dir)
    if as_json:
        give([orjson.dumps(msgspec.to_builtins(summary)), b"\n"])
    elif isinstance(summary, Live):
        give_lines(_live_lines(summary))
    else:
        folder = load_dir or str(known_place(source, None).folder)
        give_lines(summary_lines(summary, source=source, load_dir=folder))
    return 0


def _live_lines(live: Live) -> Iterator[str]:
    yield f"running (process {live.pid}, {printable(live.updated_at)})"
    yield progress_line(live)
    yield (
        f"requests: {live.requests:,} sent, {live.in_flight} in flight, "
        f"{live.throttled:,} throttled; {times_line(live)}"
    )
    if live.daily_used is not None and live.daily_most is not None:
        yield f"the portal's day: {live.daily_used:,} of {live.daily_most:,} requests"
    if live.errors:
        ordered = sorted(live.errors.items(), key=lambda each: -each[1])
        kinds = ", ".join(f"{printable(kind)} {count:,}" for kind, count in ordered)
        yield f"errors: {kinds}"
    if live.paused is None:
        yield f"pause it: kill -USR1 {live.pid}"
    elif live.paused_until is None:
        yield f"let it go on: kill -USR2 {live.pid}"
    yield promise_line(live.promise, live.trace_property)
