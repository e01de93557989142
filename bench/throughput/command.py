"""``python -m bench throughput``: sides in turn, medians, ratios to the goals."""

import contextlib
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bench import records
from bench.output import say, show
from bench.plots import plot_option
from bench.portal.rented import rented
from bench.processes import Failed, two_cores

from .figures import Samples, draw, figures, lines
from .sides import SIDES, START_LINES, Sample, Stand, available


@click.command(epilog="Example: python -m bench throughput --rounds 5 --json")
@click.option(
    "count", "--lines", default=200_000, show_default=True,
    type=click.IntRange(min=2 * START_LINES), help="Records of the source.",
)  # fmt: skip
@click.option("--line-bytes", default=records.LINE_BYTES, show_default=True)
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(min=1),
    help="Each side runs so often, in turn.",
)  # fmt: skip
@click.option(
    "--sides", default=",".join(SIDES), show_default=True, help="Who takes part."
)
@click.option(
    "--wrk-seconds", default=3, show_default=True, type=click.IntRange(min=1),
    help="How long wrk sends.",
)  # fmt: skip
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False, exists=True),
    help="Where source and ledger lie: a real disk, or durability costs nothing.",
)  # fmt: skip
@plot_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def throughput(
    *,
    count: int,
    line_bytes: int,
    rounds: int,
    sides: str,
    wrk_seconds: int,
    folder: str | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Send records as fast as each side can, to one portal; status 1 on a failure.

    Timings are of this machine at this hour. The ratios are what to look at.
    """
    names, notes = _chosen(sides)
    for note in notes:
        click.echo(f"{note}; without this side", err=True)
    with _stand(count, line_bytes, wrk_seconds, folder) as stand:
        try:
            samples = _rounds(stand, names, rounds)
        except Failed as failure:
            raise click.ClickException(str(failure)) from failure
    if plot is not None:
        draw(samples, plot)
    on = stand.cores.told
    shown = {"lines": count, "line_bytes": line_bytes, "rounds": rounds, "cores": on}
    head = f"{count:,} lines of {line_bytes} bytes, {rounds} rounds, medians; {on}"
    show(
        shown | {"missing": notes} | figures(samples),
        as_json=as_json,
        lines=[head, *lines(samples)],
    )


def _chosen(sides: str) -> tuple[list[str], list[str]]:
    names = [name.strip() for name in sides.split(",")]
    unknown = sorted(set(names) - SIDES.keys())
    if unknown:
        raise click.BadParameter(
            f"no such side: {', '.join(unknown)}; there are {', '.join(SIDES)}",
            param_hint="--sides",
        )
    runnable, notes = available(names)
    if not runnable:
        raise click.ClickException(notes[0])
    return runnable, notes


@contextlib.contextmanager
def _stand(
    count: int, line_bytes: int, wrk_seconds: int, folder: str | None
) -> Iterator[Stand]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        rented(cores := two_cores(), remembered=count) as portal,
    ):
        room = Path(name)
        source = records.write(room / "calls.ndjson", count, line_bytes=line_bytes)
        start = room / "start.ndjson"
        with source.open("rb") as file:
            start.write_bytes(b"".join(itertools.islice(file, START_LINES)))
        yield Stand(
            portal=portal, cores=cores, room=room, source=source, start=start,
            lines=count, wrk_seconds=wrk_seconds,
        )  # fmt: skip


def _rounds(stand: Stand, names: Sequence[str], rounds: int) -> Samples:
    """Let the sides run in turn; every other round begins with the last of them."""
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    for number in range(rounds):
        for name in reversed(names) if number % 2 else names:
            say(f"round {number + 1} of {rounds}: {name}")
            samples[name].append(SIDES[name](stand))
    return samples
