"""``python -m bench kill``: SIGKILL anywhere; then every good line exactly once."""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from bench.output import show

from . import tracing
from .beginnings import Beginnings, side_by_side
from .kill import Place, Verdict, failpoints, kill_at, sampled, system_calls


@click.command()
@click.option("--sample", type=int, help="So many places of each sort; else all.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the sample.")
@click.option("--only", type=click.Choice(["failpoints", "calls"]), help="One sort.")
@click.option("--jobs", type=int, default=os.cpu_count, help="Trials at a time.")
@click.option("as_json", "--json", is_flag=True, help="The figures as one JSON object.")
def kill(
    sample: int | None, seed: int, only: str | None, jobs: int, *, as_json: bool
) -> None:
    """Kill the real process at every failpoint and system call, and resume it.

    Example: python -m bench kill --sample 20
    """
    counted: dict[str, Callable[[Beginnings], Awaitable[list[Place]]]] = {
        "failpoints": failpoints,
        "calls": system_calls,
    }
    untraced = tracing.why_not()
    if untraced is not None and only == "calls":
        raise click.ClickException(untraced)
    if untraced is not None or only == "failpoints":
        del counted["calls"]
    elif only == "calls":
        del counted["failpoints"]
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in counted.values():
            verdicts += asyncio.run(_swept(Path(folder), count, sample, seed, jobs))
    wrong = [f"{v.place}: {'; '.join(v.wrong)}" for v in verdicts if v.wrong]
    figures = {
        "trials": len(verdicts),
        "killed": sum(each.reached for each in verdicts),
        "at_failpoints": sum(v.reached and not v.place.traced for v in verdicts),
        "at_calls": Counter(
            v.place.name for v in verdicts if v.reached and v.place.traced
        ),
        "not_reached": [str(v.place) for v in verdicts if not v.reached],
        "calls_skipped": untraced,
        "wrong": wrong,
    }
    show(figures, as_json=as_json)
    sys.exit(bool(wrong))


async def _swept(
    folder: Path,
    count: Callable[[Beginnings], Awaitable[list[Place]]],
    sample: int | None,
    seed: int,
    jobs: int,
) -> list[Verdict]:
    beginnings = Beginnings(folder / count.__name__)
    for resumed in (False, True):
        await beginnings.make(resumed=resumed)
    every = await count(beginnings)
    places = sampled(every, sample, seed, sort=lambda each: each.name)

    async def told(place: Place) -> Verdict:
        verdict = await kill_at(beginnings, place)
        if verdict.wrong:
            click.echo(f"{verdict.place}: {'; '.join(verdict.wrong)}", err=True)
        return verdict

    return await side_by_side(told, places, jobs=jobs)
