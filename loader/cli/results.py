"""``results``: what became of each record."""

import click

from loader.model.outcome import State
from loader.report import rows

from . import options
from .output import give, put


@click.command(epilog="Example: python -m loader results calls.ndjson --state rejected")
@options.source_argument
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
        lines = rows.ndjson(chosen) if form == "ndjson" else rows.as_csv(chosen)
        give(lines) if output is None else put(output, lines)
    return 0
