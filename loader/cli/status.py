"""``status``: where a load stands, live or finished."""

import click
import msgspec
import orjson

from loader.model.live import Live
from loader.report.text import printable, promise_line, summary_lines

from . import options
from .terminal import progress_line


@click.command(epilog="Example: python -m loader status calls.ndjson --json")
@click.argument("source")
@options.load_dir_option
@options.config_option
@options.json_option
def status(source: str, load_dir: str | None, *, as_json: bool) -> int:
    """Show where the load of SOURCE stands."""
    # the network's modules take a third of a second, which --help need not pay
    from loader.assembly.inspect import standing  # noqa: PLC0415

    summary = standing(source, load_dir)
    if as_json:
        click.echo(orjson.dumps(msgspec.to_builtins(summary)))
    elif isinstance(summary, Live):
        click.echo(f"running (process {summary.pid}, {printable(summary.updated_at)})")
        click.echo(progress_line(summary))
        click.echo(promise_line(summary.promise, summary.trace_property))
    else:
        folder = load_dir or f"{source}.load"
        for line in summary_lines(summary, source=source, load_dir=folder):
            click.echo(line)
    return 0
