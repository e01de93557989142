"""``python -m bench ledger``: what a record leaves in the ledger."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from bench import plots
from bench.goals import Goal, table, tell
from bench.output import say, show
from bench.plots import plot_option
from bench.portal.rented import rented
from bench.processes import Failed, two_cores
from bench.records import Ids
from loader.ledger.store import SUFFIXES

from .loads import (
    Load,
    dir_option,
    ids_option,
    line_bytes_option,
    need_room,
    read_sizes,
)

#: megabytes a million records, which is bytes a record
GOAL_BYTES = 30
#: a record of the largest load may take so much more than one of the smallest
LINEAR = 1.1


@click.command(epilog="Example: python -m bench ledger --ids derived,key,own")
@click.option(
    "--sizes", callback=read_sizes, default="100k,200k,500k,1M", show_default=True,
    help="Records of each load.",
)  # fmt: skip
@line_bytes_option
@ids_option("derived,key,own")
@dir_option
@plot_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def ledger(
    *,
    sizes: Sequence[int],
    line_bytes: int,
    kinds: Sequence[Ids],
    folder: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Load sources of growing size, and weigh the ledger after each."""
    need_room(folder, sizes[-1], line_bytes)
    try:
        weights = {kind: _weights(kind, sizes, line_bytes, folder) for kind in kinds}
    except Failed as failure:
        raise click.ClickException(str(failure)) from failure
    if plot is not None:
        plots.curves(
            plot, title="The ledger of a load", unit="MB", x_unit="records",
            points={
                f"{kind} IDs": [(count, size / 1e6) for count, size in of.items()]
                for kind, of in weights.items()
            },
        )  # fmt: skip
    goals = [goal for kind, of in weights.items() for goal in _goals(kind, of)]
    figures = {
        "line_bytes": line_bytes,
        "bytes": {
            kind.value: {str(count): size for count, size in of.items()}
            for kind, of in weights.items()
        },
        "goals": [goal.figures() for goal in goals],
    }
    show(figures, as_json=as_json, lines=[*_table(weights), *tell(goals)])


def _weights(
    kind: Ids, sizes: Sequence[int], line_bytes: int, folder: Path | None
) -> dict[int, int]:
    weights: dict[int, int] = {}
    with rented(cores := two_cores()) as portal:
        for count in sizes:
            say(f"{count:,} records, {kind} IDs")
            with tempfile.TemporaryDirectory(dir=folder) as room:
                load = Load(
                    portal=portal, cores=cores, room=Path(room), count=count,
                    line_bytes=line_bytes, ids=kind,
                )  # fmt: skip
                load.from_file()
                weights[count] = _weight(load.folder)
    return weights


def _weight(folder: Path) -> int:
    """Weigh the database, and whatever SQLite left beside it."""
    files = [folder / f"ledger.db{suffix}" for suffix in SUFFIXES]
    return sum(file.stat().st_size for file in files if file.exists())


def _goals(kind: Ids, weights: Mapping[int, int]) -> Iterator[Goal]:
    a_record = {count: size / count for count, size in weights.items()}
    largest, smallest = a_record[max(a_record)], a_record[min(a_record)]
    name = f"ledger a million records, {kind} IDs"
    yield Goal(name, largest, GOAL_BYTES, at_most=True, unit="MB")
    if len(weights) > 1:
        name = f"a record of the largest against the smallest, {kind} IDs"
        yield Goal(name, largest / smallest, LINEAR, at_most=True, unit="x")


def _table(weights: Mapping[Ids, Mapping[int, int]]) -> Iterator[str]:
    sizes = next(iter(weights.values()))
    rows = [
        [f"{count:,}", *(f"{of[count] / count:.1f}" for of in weights.values())]
        for count in sizes
    ]
    heads = [f"{kind} IDs, MB a million" for kind in weights]
    yield from table(["records", *heads], rows)
