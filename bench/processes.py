"""Programs run to be measured: where, how long, at what cost.

The peak memory of a child that the kernel reports is never below what its parent had
when it started the child, so whoever measures stays small: records are written line by
line, and the portal is a process of its own.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of whoever sends, and the portal's; None where there is one for both."""

    client: int | None
    portal: int | None

    @property
    def told(self) -> str:
        """Say where things run."""
        if self.client is None:
            return "one core for both sides"
        return f"client on core {self.client}, portal on core {self.portal}"


def two_cores() -> Cores:
    """Give either side a core of its own, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return Cores(None, None) if len(cores) == 1 else Cores(cores[0], cores[1])


@contextlib.contextmanager
def bound_to(core: int | None) -> Iterator[None]:
    """Have processes that start in this block inherit one core."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a finished process cost."""

    status: int
    seconds: float
    #: user and system time
    cpu_s: float
    peak_rss_mb: float
    stdout: bytes
    stderr: bytes


class Failed(Exception):
    """A program that was to be measured did not do its work."""


def run(
    arguments: Sequence[str],
    *,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Cost:
    """Run a program to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with bound_to(core):
            began = time.monotonic()
            process = subprocess.Popen(
                arguments,
                env=dict(os.environ) | dict(environment or {}),
                stdin=stdin,
                stdout=out,
                stderr=err,
            )
        try:
            _, wait_status, usage = os.wait4(process.pid, 0)
        except BaseException:  # nobody waits for its figures any more
            process.kill()
            process.wait()
            raise
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        out.seek(0)
        err.seek(0)
        return Cost(
            status=process.returncode,
            seconds=seconds,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_rss_mb=usage.ru_maxrss / 1024,
            stdout=out.read(),
            stderr=err.read(),
        )


def run_well(
    arguments: Sequence[str],
    *,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> Cost:
    """Run a program to its end.

    Raises:
        Failed: its status is not 0; with its last words.
    """
    cost = run(arguments, core=core, environment=environment, stdin=stdin)
    if cost.status:
        words = cost.stderr.decode(errors="replace")[-2000:]
        raise Failed(f"{' '.join(arguments[:4])} ended with {cost.status}: {words}")
    return cost
