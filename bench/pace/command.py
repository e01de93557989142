"""``python -m bench pace``: the allowed rate, used to the full."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from bench import plots
from bench.goals import Goal, table, tell
from bench.output import show
from bench.plots import plot_option
from bench.processes import Failed
from loader.pipeline.rolling import least_margin_s

from .cases import CASES, WINDOW_S, Case
from .measure import Figures, middle
from .trial import Scale, run_case

#: of a run with true windows
FULL_WINDOWS = 6.5


@click.command(epilog="Example: python -m bench pace --full --jobs 4 --json")
@click.option(
    "--full", is_flag=True, help="Windows of 10 s, as HubSpot has, for 65 s each."
)
@click.option(
    "--interval", "interval_s", type=click.FloatRange(0.5, WINDOW_S), default=5.0,
    show_default=True, help="Seconds of a scaled window; answers scale with it.",
)  # fmt: skip
@click.option(
    "--windows", type=click.FloatRange(2.5, 1000), default=6.0, show_default=True,
    help="Scaled windows that a run lasts.",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="TEXT", help="Only cases whose name begins so."
)
@click.option("--rounds", type=click.IntRange(1, 99), default=1, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Runs at a time: they mostly wait.",
)  # fmt: skip
@click.option(
    "--batch-size", type=click.IntRange(1, 100), default=10, show_default=True,
    help="Records of a request.",
)  # fmt: skip
@plot_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def pace(
    *,
    full: bool,
    interval_s: float,
    windows: float,
    only: Sequence[str],
    rounds: int,
    jobs: int,
    batch_size: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Load into portals with a true rolling window; the portal tells what was used."""
    cases = [each for each in CASES if not only or each.name.startswith(tuple(only))]
    if not cases:
        names = ", ".join(f"'{each.name}'" for each in CASES)
        raise click.BadParameter(f"no such case; there are {names}")
    scale = Scale(
        WINDOW_S if full else interval_s,
        FULL_WINDOWS if full else windows,
        batch_size,
    )
    try:
        found = _run(cases, scale, rounds, jobs)
    except (Failed, ValueError) as failure:
        raise click.ClickException(str(failure)) from failure
    possible = _possible(scale.interval_s)
    if plot is not None:
        _draw(plot, found)
    goals = [goal for case in cases for goal in _goals(case, found[case])]
    figures = {
        "interval_s": scale.interval_s,
        "seconds": scale.seconds,
        "rounds": rounds,
        "batch_size": batch_size,
        "margin_leaves": round(possible, 4),
        "cases": {case.name: found[case].rounded() for case in cases},
        "goals": [goal.figures() for goal in goals],
    }
    missed = [goal for goal in goals if not goal.met]
    verdict = [f"met: all {len(goals)} goals"] if not missed else tell(missed)
    lines = [*_table(found, scale, possible), *verdict]
    show(figures, as_json=as_json, lines=lines)


def _run(
    cases: Sequence[Case], scale: Scale, rounds: int, jobs: int
) -> dict[Case, Figures]:
    """Run the cases in turn, round after round."""
    turns = [case for _ in range(rounds) for case in cases]
    with ThreadPoolExecutor(jobs) as pool:
        done = list(pool.map(lambda case: run_case(case, scale), turns))
    return {case: middle(done[place :: len(cases)]) for place, case in enumerate(cases)}


def _possible(interval_s: float) -> float:
    """Return how much of a window its margin leaves."""
    return interval_s / (interval_s + least_margin_s(interval_s))


def _goals(case: Case, found: Figures) -> Iterator[Goal]:
    """Return what must hold."""
    yield Goal(f"{case.name}: use", found.use, case.least_use)
    yield Goal(
        f"{case.name}: throttled", found.throttled, case.most_throttled, at_most=True
    )


def _table(
    found: Mapping[Case, Figures], scale: Scale, possible: float
) -> Iterator[str]:
    margin_ms = 1000 * least_margin_s(scale.interval_s)
    yield (
        f"windows of {scale.interval_s:g} s, {scale.seconds:g} s a run; the margin of "
        f"{margin_ms:.0f} ms leaves {possible:.1%} of each"
    )
    head = ["limit, answers", "use", "of the possible", "first window",
            "overall", "throttled", "requests"]  # fmt: skip
    rows = [
        [
            case.name, f"{each.use:.1%}", f"{each.use / possible:.1%}",
            f"{each.first_window:.1%}", f"{each.overall:.1%}",
            f"{each.throttled:.2%}", each.requests,
        ]
        for case, each in found.items()
    ]  # fmt: skip
    yield from table(head, rows)


def _draw(plot: Path, found: Mapping[Case, Figures]) -> None:
    plots.bars(
        plot, title="Use of the allowed rate", unit="%",
        labels=[case.name for case in found],
        rows={"steady": [100 * each.use for each in found.values()],
              "first window": [100 * each.first_window for each in found.values()]},
    )  # fmt: skip
