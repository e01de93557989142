"""``python -m bench resume``: how soon a load sends again, wherever it was killed."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import click

from bench import plots, records
from bench.goals import Goal, table, tell
from bench.output import say, show
from bench.plots import plot_option
from bench.portal.rented import rented
from bench.processes import Failed, two_cores
from bench.records import Ids

from .loads import dir_option, ids_option, line_bytes_option, need_room
from .resume import Interrupted, Start

#: more than can be in flight when the loader is killed
REMEMBERED = 100_000
GOAL_S = 2.0
#: the last interruption may take so much longer to resume from than the first
FLAT = 1.5


@click.command(epilog="Example: python -m bench resume --lines 10000000")
@click.option(
    "--lines", "count", default=1_000_000, show_default=True,
    type=click.IntRange(min=2_000), help="Records; ten million take minutes, and 9 GB.",
)  # fmt: skip
@click.option(
    "--at", "places", default="10,50,90", show_default=True,
    help="Per cent of the records at which it is killed.",
)  # fmt: skip
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(min=1),
    help="It is resumed, and killed at its first request, so often at each place.",
)  # fmt: skip
@line_bytes_option
@ids_option("derived")
@dir_option
@plot_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def resume(
    *,
    count: int,
    places: str,
    rounds: int,
    line_bytes: int,
    kinds: Sequence[Ids],
    folder: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Kill one load in passing, and see how soon it goes on.

    Timed from the start of the process to the first create or read that the portal
    receives. No record may come twice.
    """
    need_room(folder, count, line_bytes)
    try:
        times = {
            kind: _times(
                kind,
                count=count,
                places=_per_cents(places),
                rounds=rounds,
                line_bytes=line_bytes,
                folder=folder,
            )
            for kind in kinds
        }
    except Failed as failure:
        raise click.ClickException(str(failure)) from failure
    if plot is not None:
        plots.bars(
            plot, title=f"{count:,} records: from the start to the first request",
            unit="s", labels=[f"{each} %" for each in next(iter(times.values()))],
            rows={
                f"{kind} IDs": [_seconds(each) for each in of.values()]
                for kind, of in times.items()
            },
        )  # fmt: skip
    goals = [goal for kind, of in times.items() for goal in _goals(kind, of)]
    figures = {
        "lines": count,
        "line_bytes": line_bytes,
        "starts": {
            kind.value: {
                f"{place} %": [each._asdict() for each in starts]
                for place, starts in of.items()
            }
            for kind, of in times.items()
        },
        "goals": [goal.figures() for goal in goals],
    }
    show(figures, as_json=as_json, lines=[*_table(times), *tell(goals)])


def _per_cents(places: str) -> list[int]:
    try:
        found = sorted({int(each) for each in places.split(",")})
    except ValueError as error:
        raise click.BadParameter(f"{places!r} is no list of per cents") from error
    if not 0 < found[0] <= found[-1] < 100:  # noqa: PLR2004 - per cent
        raise click.BadParameter("a load is killed between 1 and 99 per cent")
    return found


def _times(
    kind: Ids,
    *,
    count: int,
    places: Sequence[int],
    rounds: int,
    line_bytes: int,
    folder: Path | None,
) -> dict[int, list[Start]]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as room,
        rented(cores := two_cores(), remembered=REMEMBERED) as portal,
    ):
        source = Path(room) / "calls.ndjson"
        load = Interrupted(
            portal=portal, cores=cores, ids=kind, folder=Path(room) / "load",
            source=records.write(source, count, line_bytes=line_bytes, ids=kind),
        )  # fmt: skip
        times: dict[int, list[Start]] = {}
        for place in places:
            say(f"{kind} IDs: to {place} % of {count:,} records")
            load.load_until(count * place // 100)
            times[place] = [load.resume() for _ in range(rounds)]
    return times


def _goals(kind: Ids, times: Mapping[int, Sequence[Start]]) -> Iterator[Goal]:
    medians = {place: _seconds(each) for place, each in times.items()}
    slowest = max(medians.values())
    name = f"from the start to the first request, {kind} IDs"
    yield Goal(name, slowest, GOAL_S, at_most=True, unit="s")
    if len(medians) > 1:
        growth = medians[max(medians)] / medians[min(medians)]
        name = f"last place against first, {kind} IDs"
        yield Goal(name, growth, FLAT, at_most=True, unit="x")
        # the same without what others do on the machine
        cpu = [median(start.cpu_s for start in times[place]) for place in sorted(times)]
        name = f"CPU, last place against first, {kind} IDs"
        yield Goal(name, cpu[-1] / cpu[0], FLAT, at_most=True, unit="x")


def _seconds(starts: Sequence[Start]) -> float:
    return median(each.seconds for each in starts)


def _table(times: Mapping[Ids, Mapping[int, Sequence[Start]]]) -> Iterator[str]:
    rows = [
        [
            f"{kind} IDs, {place} %",
            f"{_seconds(starts):.2f}",
            f"{median(each.cpu_s for each in starts):.2f}",
        ]
        for kind, of in times.items()
        for place, starts in of.items()
    ]
    yield from table(["killed at", "seconds", "CPU s"], rows)
