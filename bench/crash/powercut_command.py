"""``python -m bench powercut``: disk images after a power cut, none with a loss."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from bench.output import show

from . import tracing
from .images import Found
from .powercut import examined, record
from .victim import Plan

#: what is taken from the loader so that the test must notice
CONTROLS: dict[str, Plan] = {
    "synchronous=NORMAL": Plan(synchronous="NORMAL"),
    "own files not flushed": Plan(flushed=False),
}
#: a control needs no more than this part of the images
_PART = 10


@click.command()
@click.option("--images", type=int, default=50_000, show_default=True, help="At least.")
@click.option("--sample", type=int, help="So many images, in place of --images.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all chance.")
@click.option("--jobs", type=int, default=os.cpu_count, help="Workers.")
@click.option("as_json", "--json", is_flag=True, help="The figures as one JSON object.")
def powercut(
    images: int, sample: int | None, seed: int, jobs: int, *, as_json: bool
) -> None:
    """Record a load, and open the disks that a power cut could have left of it.

    The same with parts of the loader's care taken away must lose something.

    Example: python -m bench powercut --sample 2000
    """
    if why := tracing.why_not():
        raise click.ClickException(why)
    wanted = images if sample is None else sample
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        found = _examined(folder / "load", Plan(), wanted, seed, jobs)
        controls = {
            control: _examined(
                folder / f"control-{number}", plan, wanted // _PART, seed, jobs
            )
            for number, (control, plan) in enumerate(CONTROLS.items())
        }
    blind = [name for name, each in controls.items() if not _harm(each)]
    figures = msgspec.to_builtins(found) | {
        "controls": {
            name: {
                "distinct": each.distinct,
                "lost": each.lost,
                "refused": each.refused,
                "torn": each.torn,
            }
            for name, each in controls.items()
        },
        "blind": blind,
    }
    show(figures, as_json=as_json)
    sys.exit(bool(_harm(found) or blind))


def _examined(folder: Path, plan: Plan, images: int, seed: int, jobs: int) -> Found:
    folder.mkdir()
    recorded = asyncio.run(record(folder, plan))
    return examined(recorded, images=images, seed=seed, jobs=jobs)


def _harm(found: Found) -> int:
    return found.lost + found.refused + found.torn
