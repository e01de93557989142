"""One run of a case: the portal, the loader, and a stop after so many windows."""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.loading import environment
from bench.processes import Failed
from bench.records import SHORTEST, write

from .cases import Case
from .measure import Figures, measure
from .portal import Rented, rented

#: by then the loader has started, and asked the portal who it is; and at the latest
_STARTS_S, _PATIENCE_S = 4.0, 60.0
#: an interrupted load ends so
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Scale:
    """How long windows are, how many make a run, and what a request holds."""

    interval_s: float
    windows: float
    batch_size: int

    @property
    def seconds(self) -> float:
        """How long a run lasts."""
        return self.interval_s * self.windows


def run_case(case: Case, scale: Scale) -> Figures:
    """Run a case once.

    Raises:
        Failed: the loader ended before its time, or did not begin.
    """
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        scenario = room / "scenario.toml"
        middle_s = _STARTS_S + scale.seconds / 2
        scenario.write_text(case.scenario(scale.interval_s, middle_s))
        source = write(room / "calls.ndjson", _lines(case, scale), line_bytes=SHORTEST)
        with rented(scenario) as portal:
            _load(source, case, scale, portal)
    changes = case.then_ms is not None or case.then_limit is not None
    turn = portal.opening.began + middle_s if changes else None
    return measure(portal.visits, interval_s=scale.interval_s, turn=turn)


def _lines(case: Case, scale: Scale) -> int:
    """Return more lines than can be sent in the time."""
    limit = max(case.limit, case.then_limit or 0)
    return round(limit * (scale.windows + 2)) * scale.batch_size


def _load(source: Path, case: Case, scale: Scale, portal: Rented) -> None:
    """Load for a time from the first create on, then interrupt."""
    command = [
        sys.executable, "-m", "loader", "run", str(source),
        "--rate", case.rate(scale.interval_s), "--batch-size", str(scale.batch_size),
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        env=os.environ | environment(portal.opening.base_url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            portal.await_create(_PATIENCE_S)
            _, words = process.communicate(timeout=scale.seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            _, words = process.communicate()
    if process.returncode != _INTERRUPTED:
        told = words.decode(errors="replace")[-2000:]
        raise Failed(f"the loader ended with {process.returncode}: {told}")
