"""Whoever sends: each sends the same records to the same portal, and is measured."""

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import orjson

from bench import loading
from bench.environments import python_with
from bench.portal.answers import TRACE_PROPERTY, Counts
from bench.portal.rented import Rented
from bench.processes import Cores, Cost, Failed, run_well

HERE = Path(__file__).parent
OFFICIAL = "hubspot-api-client==12.0.0"
#: so many lines are a start: one batch, and the end
START_LINES = 100
#: the official client gets this part of the lines: its pace is steady, and slow
OFFICIAL_PART = 10
#: connections of wrk, as many as the loader has requests in flight
CONNECTIONS = 16
WRK_BODIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where the sides meet: one portal, one source, one room on the disk."""

    portal: Rented
    cores: Cores
    room: Path
    source: Path
    #: the first lines of the source
    start: Path
    lines: int
    wrk_seconds: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What one side did in one round."""

    records: int
    #: by the portal's clock, from its first request to its last answer
    records_per_second: float
    #: user and system time of the sender, its start left out
    cpu_us: float
    cpu_us_with_start: float
    #: from the start of the process to its end
    seconds: float
    peak_rss_mb: float
    #: share of the time that the portal worked: near 1, it is the slower one
    portal_busy: float


Side = Callable[[Stand], Sample]


def loader(stand: Stand) -> Sample:
    """Run the loader as anybody would."""
    return _loader(stand, "loader")


def relaxed(stand: Stand) -> Sample:
    """Run the loader without waiting for the disk."""
    return _loader(stand, "bench.throughput.relaxed")


def _loader(stand: Stand, module: str) -> Sample:
    start = _load(stand, module, stand.start)
    stand.portal.begin()
    whole = _load(stand, module, stand.source)
    counts = _proved(stand.portal.counts(), stand.lines)
    further = stand.lines - START_LINES
    return _sample(
        whole, counts, cpu_us=max(whole.cpu_s - start.cpu_s, 0.0) * 1e6 / further
    )


def _load(stand: Stand, module: str, source: Path) -> Cost:
    folder = stand.room / "load"
    shutil.rmtree(folder, ignore_errors=True)
    return run_well(
        loading.command(source, folder, module=module),
        core=stand.cores.client,
        environment=loading.environment(stand.portal.base_url),
    )


def official(stand: Stand) -> Sample:
    """Run the official client in 8 threads."""
    python = python_with("official", [OFFICIAL])
    lines = max(stand.lines // OFFICIAL_PART, START_LINES)
    stand.portal.begin()
    cost = run_well(
        [
            str(python), str(HERE / "official.py"),
            stand.portal.base_url, str(stand.source), str(lines),
        ],
        core=stand.cores.client,
    )  # fmt: skip
    said = orjson.loads(cost.stdout)
    counts = _proved(stand.portal.counts(), lines)
    return _sample(cost, counts, cpu_us=said["cpu_s"] * 1e6 / lines)


def wrk(stand: Stand) -> Sample:
    """Have wrk send ready-made bodies: what this machine and this portal can do."""
    bodies = stand.room / "bodies"
    if not bodies.exists():
        bodies.write_bytes(b"".join(_bodies(stand.source)))
    stand.portal.begin()
    cost = run_well(
        [
            "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{stand.wrk_seconds}s",
            "-s", str(HERE / "rotate.lua"), stand.portal.base_url, "--", str(bodies),
        ],
        core=stand.cores.client,
    )  # fmt: skip
    counts = stand.portal.counts()
    said = orjson.loads(cost.stdout.splitlines()[-1])
    if said["errors"] or not counts.records:
        raise Failed(f"wrk met errors: {said}")
    return _sample(cost, counts, cpu_us=cost.cpu_s * 1e6 / counts.records)


def why_not_wrk() -> str | None:
    """Say what to do when wrk is not here."""
    return None if shutil.which("wrk") else "wrk is missing: apt-get install wrk"


#: in the order of a round; the two loaders are compared closest, so side by side
SIDES: Mapping[str, Side] = {
    "loader": loader,
    "relaxed": relaxed,
    "official": official,
    "wrk": wrk,
}


def _bodies(source: Path) -> Iterator[bytes]:
    """Make bodies like the loader's, each after its length and a line break."""
    with source.open("rb") as file:
        for number in range(WRK_BODIES):
            inputs = [
                _input(line, f"wrk-{number}-{place}")
                for place, line in enumerate(itertools.islice(file, 100))
            ]
            if not inputs:
                return
            body = b'{"inputs":[' + b",".join(inputs) + b"]}"
            yield b"%d\n%b" % (len(body), body)


def _input(line: bytes, trace_id: str) -> bytes:
    record = orjson.loads(line)
    record["properties"][TRACE_PROPERTY] = trace_id
    return orjson.dumps({"objectWriteTraceId": trace_id, **record})


def _proved(counts: Counts, lines: int) -> Counts:
    if counts.records != lines or counts.repeated:
        raise Failed(
            f"the portal received {counts.records} records of {lines}, "
            f"{counts.repeated} of them twice"
        )
    return counts


def _sample(cost: Cost, counts: Counts, *, cpu_us: float) -> Sample:
    sending_s = counts.last_at - counts.first_at
    return Sample(
        records=counts.records,
        records_per_second=counts.records / sending_s,
        cpu_us=cpu_us,
        cpu_us_with_start=cost.cpu_s * 1e6 / counts.records,
        seconds=cost.seconds,
        peak_rss_mb=cost.peak_rss_mb,
        portal_busy=counts.cpu_s / sending_s,
    )


def available(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the sides that can run here, and what to do about the others."""
    why = why_not_wrk() if "wrk" in names else None
    runnable = [name for name in names if name != "wrk" or why is None]
    return runnable, [why] if why else []
