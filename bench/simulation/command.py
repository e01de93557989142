"""``python -m bench simulate``: many schedules, or the story of one."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import click

from bench.output import show

from .plan import MODES
from .report import Report
from .run import simulate as simulate_one

#: seeds that a worker takes at once
_BLOCK = 100
#: violations that are shown
_SHOWN = 20


@dataclass(slots=True)
class Tally:
    """Sums over schedules. What changes: the sums."""

    schedules: int = 0
    lives: int = 0
    crashes: int = 0
    requests: int = 0
    stuck: int = 0
    faults: Counter[str] = field(default_factory=Counter[str])
    acts: Counter[str] = field(default_factory=Counter[str])
    modes: Counter[str] = field(default_factory=Counter[str])
    invariants: Counter[str] = field(default_factory=Counter[str])
    violations: list[str] = field(default_factory=list[str])

    def add(self, report: Report) -> None:
        """Count one schedule."""
        self.schedules += 1
        self.lives += report.lives
        self.crashes += report.crashes
        self.requests += report.requests
        self.stuck += report.stuck
        self.faults += report.faults
        self.acts += report.acts
        self.modes[report.mode] += 1
        for each in report.violations:
            self.invariants[each.partition(":")[0]] += 1
            self.violations.append(f"seed {report.seed}: {each}")

    def join(self, other: "Tally") -> None:
        """Add the sums of other schedules."""
        self.schedules += other.schedules
        self.lives += other.lives
        self.crashes += other.crashes
        self.requests += other.requests
        self.stuck += other.stuck
        self.faults += other.faults
        self.acts += other.acts
        self.modes += other.modes
        self.invariants += other.invariants
        self.violations += other.violations


def run_seeds(seeds: Sequence[int], mode: str | None = None) -> Tally:
    """Run schedules one after the other."""
    tally = Tally()
    for seed in seeds:
        tally.add(simulate_one(seed, mode=mode))
    return tally


def run_many(seeds: range, jobs: int, mode: str | None = None) -> Tally:
    """Run schedules in so many processes; the sums do not depend on their number."""
    whole = Tally()
    blocks = [seeds[at : at + _BLOCK] for at in range(0, len(seeds), _BLOCK)]
    for tally in _done(blocks, jobs, mode):
        whole.join(tally)
    return whole


def _done(blocks: Sequence[range], jobs: int, mode: str | None) -> Iterator[Tally]:
    if jobs == 1:
        yield from (run_seeds(block, mode) for block in blocks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run_seeds, blocks, [mode] * len(blocks))


@click.command()
@click.option("--first-seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--seeds", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes; one a core by default."
)
@click.option("--mode", type=click.Choice(MODES), help="Only loads of this mode.")
@click.option("--replay", type=click.IntRange(min=0), help="Tell the story of a seed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def simulate(
    first_seed: int,
    seeds: int,
    jobs: int | None,
    mode: str | None,
    replay: int | None,
    *,
    as_json: bool,
) -> None:
    """Run seeded schedules of faults and crashes; status 1 on any violation.

    Example: python -m bench simulate --first-seed 0 --seeds 2000
    """
    if replay is not None:
        _replay(replay, mode)
        return
    began = time.perf_counter()
    cores = jobs or len(os.sched_getaffinity(0))
    tally = run_many(range(first_seed, first_seed + seeds), cores, mode)
    figures = _figures(tally, time.perf_counter() - began, cores)
    show(figures, as_json=as_json, lines=_lines(figures))
    sys.exit(1 if tally.violations else 0)


def _replay(seed: int, mode: str | None) -> None:
    report = simulate_one(seed, mode=mode, tell=True)
    for line in report.story:
        click.echo(line)
    for violation in report.violations:
        click.echo(f"VIOLATION {violation}")
    click.echo(
        f"seed {seed}: {len(report.violations)} violations, {report.lives} lives, "
        f"{report.crashes} crashes, {report.faults.total()} faults"
    )
    sys.exit(1 if report.violations else 0)


def _figures(tally: Tally, seconds: float, jobs: int) -> dict[str, Any]:
    return {
        "schedules": tally.schedules,
        "violations": len(tally.violations),
        "violations_by_invariant": dict(sorted(tally.invariants.items())),
        "lost": sum(" lost" in each for each in tally.violations),
        "twice": tally.invariants["I1"],
        "stuck": tally.stuck,
        "modes": dict(sorted(tally.modes.items())),
        "lives": tally.lives,
        "crashes": tally.crashes,
        "requests": tally.requests,
        "acts": dict(sorted(tally.acts.items())),
        "faults": tally.faults.total(),
        "faults_by_kind": dict(sorted(tally.faults.items())),
        "shown": tally.violations[:_SHOWN],
        "jobs": jobs,
        "seconds": round(seconds, 1),
        "schedules_per_second": round(tally.schedules / seconds, 1),
    }


def _lines(figures: dict[str, Any]) -> list[str]:
    """Lay the figures out for people."""
    modes, acts = (
        ", ".join(f"{name} {number:,}" for name, number in figures[each].items())
        for each in ("modes", "acts")
    )
    lines = [
        f"schedules   {figures['schedules']:,} ({modes})",
        f"lives       {figures['lives']:,}, of them {figures['crashes']:,} cut off",
        f"acts        {acts}",
        f"requests    {figures['requests']:,}",
        f"faults      {figures['faults']:,}, by kind:",
    ]
    lines += [
        f"  {number:>9,}  {kind}" for kind, number in figures["faults_by_kind"].items()
    ]
    found = "violations  {violations} (lost {lost}, twice {twice}, stuck {stuck})"
    speed = (
        "speed       {schedules_per_second} schedules/s, {jobs} processes, {seconds} s"
    )
    shown = [f"  {each}" for each in figures["shown"]]
    return [*lines, found.format_map(figures), *shown, speed.format_map(figures)]
