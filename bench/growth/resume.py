"""A load that is killed where it has come to, and how soon it sends again."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench import loading
from bench.portal.answers import Counts
from bench.portal.rented import Rented
from bench.processes import Cores, Failed, bound_to
from bench.records import Ids

#: whether the portal has what was waited for
Enough = Callable[[Counts], bool]

_POLL_S = 0.02
#: a run that sends nothing for so long has failed
_PATIENCE_S = 120.0


class Start(NamedTuple):
    """From the start of a process to its first request."""

    seconds: float
    #: user and system time, by the kernel's ticks: what a busy machine does not change
    cpu_s: float


@dataclass(slots=True, kw_only=True)
class Interrupted:
    """One load of a long source. What changes: how far it has come, by the portal."""

    portal: Rented
    cores: Cores
    source: Path
    folder: Path
    ids: Ids
    records: int = 0

    def load_until(self, records: int) -> None:
        """Load until the portal has so many records, and kill the loader.

        It has all its requests in flight then, and no answer to them.
        """
        further = records - self.records
        self.portal.mark(further)
        with self._running() as process:
            self._wait(process, lambda now: now.records >= further)
        self._note()

    def resume(self) -> Start:
        """Start it again, and kill it as soon as its first request has come in."""
        self.portal.mark(1)
        began = time.monotonic()
        with self._running() as process:
            first = self._wait(process, lambda now: now.first_at > 0)
            cpu_s = _cpu_s(process.pid)
        self._note()
        return Start(first.first_at - began, cpu_s)

    @contextlib.contextmanager
    def _running(self) -> Iterator["subprocess.Popen[bytes]"]:
        with self._words.open("wb") as words, bound_to(self.cores.client):
            process = subprocess.Popen(
                loading.command(self.source, self.folder, *self.ids.options),
                env=dict(os.environ) | loading.environment(self.portal.base_url),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    @property
    def _words(self) -> Path:
        """What the loader says, for the case that it fails."""
        return self.folder.with_suffix(".stderr")

    def _wait(self, process: "subprocess.Popen[bytes]", enough: Enough) -> Counts:
        last, moved_at = self.portal.counts(), time.monotonic()
        while not enough(last):
            time.sleep(_POLL_S)
            now = self.portal.counts()
            if now != last:
                last, moved_at = now, time.monotonic()
            is_silent = time.monotonic() - moved_at > _PATIENCE_S
            if process.poll() is not None or is_silent:
                words = self._words.read_text(errors="replace")[-2000:]
                raise Failed(f"the loader does not send what it should: {words}")
        return last

    def _note(self) -> None:
        """Add up what came in, once nothing more can."""
        counts = self.portal.counts()
        self.records += counts.records
        if counts.repeated:
            raise Failed(f"{counts.repeated} records came twice")


def _cpu_s(pid: int) -> float:
    """Read what a running process has used so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")
    fields = after_name[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
