"""``results``: what became of each record."""

import stat
from collections.abc import Iterable
from pathlib import Path

import click

from loader.model.outcome import State
from loader.report import rows
from loader.report.files import replaced

from . import options
from .output import give, unwritable, write_through


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
        give(lines)
    elif _is_replaceable(Path(output)):
        _replace(output, lines)
    else:
        write_through(output, lines)


def _is_replaceable(path: Path) -> bool:
    """Whether nothing is there, or a regular file: no FIFO, no link, no device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise unwritable(str(path), error) from error


def _replace(output: str, lines: Iterable[bytes]) -> None:
    try:
        with replaced(Path(output)) as file:
            file.writelines(lines)
    except OSError as error:
        raise unwritable(output, error) from error
