"""Medians, ratios within a round, and goals."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench import plots
from bench.goals import Goal, table

from .sides import Sample

#: by side, one sample a round
Samples = Mapping[str, Sequence[Sample]]

SAYS = {
    "loader": "python -m loader run --rate none",
    "relaxed": "the same, synchronous=OFF",
    "official": "hubspot-api-client, 8 threads",
    "wrk": "wrk, ready-made bodies",
}


_HEAD = (
    "", "records/s", "CPU us a record", "with its start", "peak MB", "records",
    "portal busy",
)  # fmt: skip


#: a few lines may seem to cost less than nothing, their start left out
_LEAST = 0.01


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the median of each figure."""
    rows = [msgspec.to_builtins(each) for each in samples]
    return {name: median(row[name] for row in rows) for name in rows[0]}


def goals(samples: Samples) -> list[Goal]:
    """Compare the sides that ran with what is promised of them."""
    own = samples.get("loader")
    if own is None:
        return []
    told: list[Goal] = []
    if "official" in samples:
        ratio = median(_ratios(own, samples["official"]))
        told.append(Goal("records/s against the official client", ratio, 15, unit="x"))
        # what is left of that ratio on a machine where others work, too
        pairs = zip(samples["official"], own, strict=True)
        ratio = median(other.cpu_us / max(one.cpu_us, _LEAST) for other, one in pairs)
        told.append(Goal("CPU a record, the official client's", ratio, 15, unit="x"))
    if "wrk" in samples:
        ratio = median(_ratios(own, samples["wrk"]))
        told.append(Goal("records/s against wrk", ratio, 0.35, unit="x"))
    cpu_us = median(each.cpu_us for each in own)
    with_start = median(each.cpu_us_with_start for each in own)
    name = "CPU a record, start left out"
    told.append(Goal(name, cpu_us, 10, at_most=True, unit="us"))
    name = "CPU a record, start included"
    told.append(Goal(name, with_start, 10, at_most=True, unit="us"))
    if "relaxed" in samples:
        cost = 100 * (1 - median(_ratios(own, samples["relaxed"])))
        told.append(Goal("price of durability", cost, 5, at_most=True, unit="%"))
    return told


def _ratios(ours: Sequence[Sample], theirs: Sequence[Sample]) -> Iterator[float]:
    """Compare round by round: the machine was the same for both."""
    for one, other in zip(ours, theirs, strict=True):
        yield one.records_per_second / other.records_per_second


def figures(samples: Samples) -> dict[str, Any]:
    """Return everything for JSON."""
    return {
        "sides": {
            name: {
                "what": SAYS[name],
                "median": medians(rounds),
                "rounds": [msgspec.to_builtins(each) for each in rounds],
            }
            for name, rounds in samples.items()
        },
        "goals": [each.figures() for each in goals(samples)],
    }


def lines(samples: Samples) -> Iterator[str]:
    """Return the table, and the goals as sentences."""
    yield from table(_HEAD, [_row(SAYS[n], medians(s)) for n, s in samples.items()])
    for each in goals(samples):
        yield each.told()


def _row(name: str, of: Mapping[str, float]) -> list[str]:
    return [
        name,
        f"{of['records_per_second']:,.0f}",
        f"{of['cpu_us']:.1f}",
        f"{of['cpu_us_with_start']:.1f}",
        f"{of['peak_rss_mb']:.0f}",
        f"{of['records']:,.0f}",
        f"{of['portal_busy']:.0%}",
    ]


def draw(samples: Samples, file: Path) -> None:
    """Draw the rates beside each other."""
    rates = {
        name: [medians(rounds)["records_per_second"]]
        for name, rounds in samples.items()
    }
    plots.bars(
        file, title="Records a second, one portal", unit="records/s", labels=[""],
        rows=rates,
    )  # fmt: skip
