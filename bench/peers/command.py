"""``python -m bench peers``: what people use today, and what each leaves behind."""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench import records
from bench.output import show
from bench.portal.rented import rented
from bench.processes import Cost, Failed, run, two_cores

from .sides import PRODUCT, SIDES, Installed, Side, install, run_command, variables
from .tables import lines as drawn
from .trial import Trial, in_weather
from .weather import WEATHERS

Field = dict[str, Installed]


@click.command()
@click.option("--lines", default=10_000, show_default=True, help="Of each trial.")
@click.option("--speed-lines", default=50_000, show_default=True, help="Of a round.")
@click.option("--rounds", default=3, show_default=True, help="Of speed; 0: none.")
@click.option(
    "--peers", "names", multiple=True, type=click.Choice([*SIDES]),
    help="Only these, and the loader; may be repeated.",
)  # fmt: skip
@click.option(
    "--weather", "weathers", multiple=True, type=click.Choice([*WEATHERS, "none"]),
    help="Only this; may be repeated.  [default: all]",
)  # fmt: skip
@click.option("as_json", "--json", is_flag=True, help="The figures as one JSON object.")
def peers(
    *,
    lines: int,
    speed_lines: int,
    rounds: int,
    names: Sequence[str],
    weathers: Sequence[str],
    as_json: bool,
) -> None:
    """Run the loader and its peers on the same records and the same portal.

    Peers are installed when they are not there yet, below ~/.cache or XDG_CACHE_HOME.
    Status 1 when the loader itself leaves anything behind.

    Example: python -m bench peers --peers dlt --weather killed --rounds 0
    """
    chosen = [side for side in SIDES.values() if _takes_part(side, names)]
    field, missing = _installed(chosen)
    left = asyncio.run(_weather(field, lines, weathers or [*WEATHERS]))
    figures: dict[str, Any] = {
        "lines": lines,
        "speed_lines": speed_lines,
        "speed": _race(field, speed_lines, rounds),
        "left": left,
        "missing": missing,
        "versions": sorted({each.version for each in field.values()} - {""}),
    }
    show(figures, as_json=as_json, lines=list(drawn(figures)))
    failed = "failed" in figures["speed"].get(PRODUCT, {})
    sys.exit(failed or any(map(_is_wrong, left.get(PRODUCT, {}).values())))


def _takes_part(side: Side, names: Sequence[str]) -> bool:
    return not names or side.name in (*names, PRODUCT)


def _is_wrong(trial: dict[str, Any]) -> bool:
    return any(trial.get(each) != 0 for each in ("lost", "twice", "unexplained"))


def _installed(sides: Iterable[Side]) -> tuple[Field, dict[str, str]]:
    """Install whatever can be; say of the others why not."""
    field: Field = {}
    missing: dict[str, str] = {}
    for side in sides:
        try:
            field[side.name] = install(side)
        except Failed as error:
            missing[side.name] = str(error).splitlines()[0]
            _tell(f"{side.name}: {error}")
    return field, missing


def turns(names: Sequence[str], rounds: int) -> list[str]:
    """Return who runs when: all of them once, and again in the other order.

    A machine that grows slower or busier does so for every side alike.
    """
    every = [names if number % 2 == 0 else names[::-1] for number in range(rounds)]
    return [name for each in every for name in each]


def _race(field: Field, lines: int, rounds: int) -> dict[str, Any]:
    """Let all run in turn, to the fast portal; who does not deliver has no figure."""
    cores, costs = two_cores(), dict[str, list[Cost]]()
    failed: dict[str, dict[str, Any]] = {}
    with (
        tempfile.TemporaryDirectory() as name,
        rented(cores, remembered=lines) as portal,
    ):
        source = records.write(Path(name) / "calls.ndjson", lines)
        for number, side in enumerate(turns(list(field), rounds)):
            folder = Path(name) / str(number)
            folder.mkdir()
            portal.begin()
            cost = run(
                run_command(SIDES[side], field[side], source, folder),
                core=cores.client,
                environment=variables(field[side], portal.base_url),
            )
            counts = portal.counts()
            if cost.status or counts.records != lines or counts.repeated:
                reason = (
                    f"status {cost.status}, {counts.records:,} of {lines:,} delivered, "
                    f"{counts.repeated:,} again"
                )
                failed[side] = {"failed": reason}
            costs.setdefault(side, []).append(cost)
            _tell(f"{side}: {lines / cost.seconds:,.0f} records/s")
    return {name: _pace(each, lines) for name, each in costs.items()} | failed


def _pace(costs: Sequence[Cost], lines: int) -> dict[str, Any]:
    rounds = [lines / each.seconds for each in costs]
    return {
        "median": round(median(rounds)),
        "cpu_us": round(median(each.cpu_s for each in costs) * 1e6 / lines, 1),
        "rounds": [*map(round, rounds)],
    }


async def _weather(
    field: Field, lines: int, weathers: Sequence[str]
) -> dict[str, dict[str, Any]]:
    left: dict[str, dict[str, Any]] = {}
    for weather in (each for each in WEATHERS if each in weathers):
        for name, installed in field.items():
            with tempfile.TemporaryDirectory() as folder:
                try:
                    trial = await in_weather(
                        SIDES[name], installed, WEATHERS[weather], lines, Path(folder)
                    )
                except Failed as error:
                    row: dict[str, Any] = {"failed": str(error)}
                else:
                    row = _row(trial)
            left.setdefault(name, {})[weather] = row
            _tell(f"{name}, {WEATHERS[weather].title}: {row}")
    return left


def _row(trial: Trial) -> dict[str, Any]:
    row = asdict(trial)
    return {**row.pop("left"), **row, "seconds": round(trial.seconds, 1)}


def _tell(text: str) -> None:
    click.echo(text, err=True)
