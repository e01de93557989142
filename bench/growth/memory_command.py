"""``python -m bench memory``: the loader's peak memory at each size."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bench import plots
from bench.goals import Goal, table, tell
from bench.output import say, show
from bench.plots import plot_option
from bench.portal.rented import rented
from bench.processes import Failed, two_cores
from bench.records import Ids

from .loads import (
    Load,
    dir_option,
    ids_option,
    line_bytes_option,
    need_room,
    read_sizes,
)

#: records that the portal remembers: the whole of a large load would be gigabytes
REMEMBERED = 200_000
GOAL_MB = 100
#: the largest may take so much more than the smallest
FLAT = 1.15


@click.command(epilog="Example: python -m bench memory --sizes 10k,100k,1M,10M")
@click.option(
    "--sizes", callback=read_sizes, default="10k,100k,1M", show_default=True,
    help="Records of each load; 10M takes minutes, and 9 GB of disk.",
)  # fmt: skip
@line_bytes_option
@ids_option("derived")
@click.option("--pipe", is_flag=True, help="Lines through standard input: no file.")
@dir_option
@plot_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def memory(
    *,
    sizes: Sequence[int],
    line_bytes: int,
    kinds: Sequence[Ids],
    pipe: bool,
    folder: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Load sources of growing size, and see whether memory grows with them."""
    need_room(folder, sizes[-1], 0 if pipe else line_bytes)
    try:
        peaks = {
            kind: _peaks(kind, sizes, line_bytes, pipe=pipe, folder=folder)
            for kind in kinds
        }
    except Failed as failure:
        raise click.ClickException(str(failure)) from failure
    if plot is not None:
        plots.steps(
            plot, title="Peak memory of a load", unit="MB",
            labels=[f"{count:,}" for count in sizes],
            rows={f"{kind} IDs": list(peak.values()) for kind, peak in peaks.items()}
            | {"at most": [GOAL_MB] * len(sizes)},
        )  # fmt: skip
    goals = [goal for kind, peak in peaks.items() for goal in _goals(kind, peak)]
    figures = {
        "line_bytes": line_bytes,
        "pipe": pipe,
        "peak_rss_mb": {kind.value: _named(peak) for kind, peak in peaks.items()},
        "goals": [goal.figures() for goal in goals],
    }
    show(figures, as_json=as_json, lines=[*_table(peaks), *tell(goals)])


def _peaks(
    kind: Ids, sizes: Sequence[int], line_bytes: int, *, pipe: bool, folder: Path | None
) -> dict[int, float]:
    peaks: dict[int, float] = {}
    with rented(cores := two_cores(), remembered=REMEMBERED) as portal:
        for count in sizes:
            say(f"{count:,} records, {kind} IDs")
            with tempfile.TemporaryDirectory(dir=folder) as room:
                load = Load(
                    portal=portal, cores=cores, room=Path(room), count=count,
                    line_bytes=line_bytes, ids=kind,
                )  # fmt: skip
                cost = load.from_pipe() if pipe else load.from_file()
            peaks[count] = cost.peak_rss_mb
    return peaks


def _goals(kind: Ids, peaks: Mapping[int, float]) -> Iterator[Goal]:
    name = f"peak memory, {kind} IDs"
    yield Goal(name, max(peaks.values()), GOAL_MB, at_most=True, unit="MB")
    if len(peaks) > 1:
        growth = peaks[max(peaks)] / peaks[min(peaks)]
        name = f"largest against smallest, {kind} IDs"
        yield Goal(name, growth, FLAT, at_most=True, unit="x")


def _named(peak: Mapping[int, float]) -> dict[str, float]:
    return {str(count): round(megabytes, 1) for count, megabytes in peak.items()}


def _table(peaks: Mapping[Ids, Mapping[int, float]]) -> Iterator[str]:
    sizes = next(iter(peaks.values()))
    rows = [
        [f"{count:,}", *(f"{peak[count]:.1f}" for peak in peaks.values())]
        for count in sizes
    ]
    heads: list[Any] = [f"{kind} IDs, MB" for kind in peaks]
    yield from table(["records", *heads], rows)
