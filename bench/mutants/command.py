"""``python -m bench mutants``: each mistake, whether it is noticed, and how soon."""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import click
import msgspec

from bench.output import show

from .board import BOARD
from .trial import CONTROL, ENOUGH, Trial, try_control, try_mutant

#: schedules of the control that one process runs at a time
_BLOCK = 100


@click.command()
@click.option("--seeds", default=1000, show_default=True, help="Schedules at most.")
@click.option("--first-seed", default=0, show_default=True, help="The first of them.")
@click.option("--only", multiple=True, metavar="NAME", help="Only these mistakes.")
@click.option("--jobs", default=0, help="Processes; 0 for one a core.")
@click.option("--all", "every", is_flag=True, help="Run all seeds, whatever is killed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def mutants(
    *,
    seeds: int,
    first_seed: int,
    only: Sequence[str],
    jobs: int,
    every: bool,
    as_json: bool,
) -> None:
    """Show that each protocol mistake is noticed; status 1 when one survives.

    A mistake counts as killed by a seed that the product itself passes.
    """
    unknown = sorted(set(only) - BOARD.keys())
    if unknown:
        raise click.BadParameter(f"no such mistake: {', '.join(unknown)}")
    began = time.monotonic()
    names = [name for name in BOARD if not only or name in only]
    run = range(first_seed, first_seed + seeds)
    with _pool(jobs) as pool:
        control, trials = _run(pool, names, run, enough=None if every else ENOUGH)
    figures = _figures(control, trials) | {
        "seconds": round(time.monotonic() - began, 1)
    }
    show(figures, as_json=as_json, lines=list(_lines(figures)))
    if figures["alive"] or control.killed:
        sys.exit(1)


def _pool(jobs: int) -> ProcessPoolExecutor:
    cores = len(os.sched_getaffinity(0))
    return ProcessPoolExecutor(jobs or cores, multiprocessing.get_context("spawn"))


def _run(
    pool: ProcessPoolExecutor,
    names: Sequence[str],
    seeds: Sequence[int],
    *,
    enough: int | None,
) -> tuple[Trial, list[Trial]]:
    blocks = [seeds[at : at + _BLOCK] for at in range(0, len(seeds), _BLOCK)]
    controls = [pool.submit(try_control, block) for block in blocks]
    trials = [pool.submit(try_mutant, n, seeds, enough=enough) for n in names]
    return _joined(controls), [trial.result() for trial in trials]


def _joined(blocks: Sequence[Future[Trial]]) -> Trial:
    """Join the blocks of the control."""
    trials = [block.result() for block in blocks]
    first = next((each for each in trials if each.killed), None)
    return Trial(
        name=CONTROL,
        seeds=sum(each.seeds for each in trials),
        kills=sum(each.kills for each in trials),
        first_seed=None if first is None else first.first_seed,
        finding=None if first is None else first.finding,
    )


def _figures(control: Trial, trials: Sequence[Trial]) -> dict[str, Any]:
    return {
        "mutants": len(trials),
        "killed": sum(trial.killed for trial in trials),
        "alive": [trial.name for trial in trials if not trial.killed],
        "control": msgspec.to_builtins(control) | {"alive": not control.killed},
        "trials": [_row(trial) for trial in trials],
    }


def _row(trial: Trial) -> dict[str, Any]:
    mutant = BOARD[trial.name]
    return {
        **msgspec.to_builtins(trial),
        "killed": trial.killed,
        "breaks": mutant.breaks,
        "says": mutant.says,
        "killed_by": mutant.killed_by,
    }


def _lines(figures: dict[str, Any]) -> Iterator[str]:
    control = figures["control"]
    state = (
        "alive, as it must be" if control["alive"] else f"FAILS: {control['finding']}"
    )
    yield f"{CONTROL:<34} {control['kills']:>4} of {control['seeds']:<5} {state}"
    for row in figures["trials"]:
        word = "killed" if row["killed"] else "ALIVE"
        yield f"{row['name']:<34} {row['kills']:>4} of {row['seeds']:<5} {word}"
        yield f"    breaks {row['breaks']}: {row['says']}"
        if row["killed"]:
            yield f"    {row['killed_by']}{_first(row)}: {row['finding']}"
    killed, mutants = figures["killed"], figures["mutants"]
    yield f"killed {killed} of {mutants} in {figures['seconds']} s"


def _first(row: dict[str, Any]) -> str:
    return "" if row["first_seed"] is None else f", first by seed {row['first_seed']}"
