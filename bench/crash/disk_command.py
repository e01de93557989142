"""``python -m bench disk``: ENOSPC and EIO from every k-th call on."""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import click

from bench.output import show

from . import tracing
from .beginnings import Beginnings, side_by_side
from .disk import STRUCK, Failure, Verdict, fail_from, failures
from .kill import sampled


@click.command()
@click.option("--sample", type=int, help="So many failures; else all.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the sample.")
@click.option("--error", type=click.Choice(list(STRUCK)), help="Only this one.")
@click.option("--jobs", type=int, default=os.cpu_count, help="Trials at a time.")
@click.option("as_json", "--json", is_flag=True, help="The figures as one JSON object.")
def disk(
    sample: int | None, seed: int, error: str | None, jobs: int, *, as_json: bool
) -> None:
    """Let the disk fail from every k-th call on, and resume on a good one.

    Example: python -m bench disk --sample 20
    """
    if why := tracing.why_not():
        raise click.ClickException(why)
    with tempfile.TemporaryDirectory() as folder:
        verdicts = asyncio.run(_swept(Path(folder), sample, seed, error, jobs))
    wrong = [f"{v.failure}: {'; '.join(v.wrong)}" for v in verdicts if v.wrong]
    figures = {
        "trials": len(verdicts),
        "ledger_failed": sum(each.failed for each in verdicts),
        "by_end": Counter(f"{v.failure.error}: {v.status}" for v in verdicts),
        "wrong": wrong,
    }
    show(figures, as_json=as_json)
    sys.exit(bool(wrong))


async def _swept(
    folder: Path, sample: int | None, seed: int, error: str | None, jobs: int
) -> list[Verdict]:
    beginnings = Beginnings(folder / "loads")
    for resumed in (False, True):
        await beginnings.make(resumed=resumed)
    every = [f for f in await failures(beginnings) if error in (None, f.error)]
    some = sampled(
        every, sample, seed, sort=lambda each: f"{each.error} {each.place.name}"
    )

    async def told(failure: Failure) -> Verdict:
        verdict = await fail_from(beginnings, failure)
        if verdict.wrong:
            click.echo(f"{failure}: {'; '.join(verdict.wrong)}", err=True)
        return verdict

    return await side_by_side(told, some, jobs=jobs)
