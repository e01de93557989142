"""``results``: what became of each record."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from loader.errors import UsageError
from loader.model.outcome import State
from loader.report import rows
from loader.report.files import replaced

from . import options


@click.command(epilog="Example: python -m loader results calls.ndjson --state rejected")
@click.argument("source")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([each.value for each in State]),
    help="Only records in this state; may be given more than once.",
)
@click.option(
    "form", "--format", type=click.Choice(["ndjson", "csv"]), default="ndjson",
    show_default=True, help="NDJSON or CSV.",
)  # fmt: skip
@click.option("output", "-o", "--output", metavar="FILE", help="Write to FILE instead.")
@options.load_dir_option
@options.config_option
def results(
    source: str,
    states: tuple[str, ...],
    form: str,
    output: str | None,
    load_dir: str | None,
) -> int:
    """List what became of each record of SOURCE, in line order."""
    # the network's modules take a third of a second, which --help need not pay
    from loader.assembly.inspect import opened_results  # noqa: PLC0415

    with opened_results(source, load_dir) as found:
        wanted = {State(each) for each in states}
        chosen = (each for each in found if not wanted or each.state in wanted)
        _write(rows.ndjson(chosen) if form == "ndjson" else rows.as_csv(chosen), output)
    return 0


def _write(lines: Iterable[bytes], output: str | None) -> None:
    if output is None:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if path.is_symlink():
        raise UsageError(f"{output} is a symbolic link; name its target")
    try:
        with replaced(path) as file:
            file.writelines(lines)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from error
