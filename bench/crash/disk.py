"""A disk that is full, or broken, from some call on; then well again.

The failures strike every file of the load, from the k-th call of a kind on (in each
thread). A run that says it came to its end must have come to it; any other must stop
with status 3, or 4 when it had not begun, and the next run makes good.
"""

import re
from dataclasses import dataclass

from . import tracing
from .beginnings import Beginnings
from .kill import Place, system_calls
from .trial import SETTINGS, WORKERS, Ended, Trial
from .victim import Plan, arguments

#: error: kinds of calls that a disk in that state refuses
STRUCK: dict[str, tuple[str, ...]] = {
    "ENOSPC": ("write", "pwrite64", "openat", "mkdir"),
    "EIO": ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink"),
}
#: a refused write of the ledger's log, which no commit survives
_LEDGER_FAILED = re.compile(
    r"^\d+ +([\d.]+) (?:pwrite64|fdatasync)\(\d+<[^>]*ledger\.db-wal>.*INJECTED",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """From which call on the disk fails, and how."""

    place: Place
    error: str

    def __str__(self) -> str:
        return f"{self.error} from {self.place}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one trial."""

    failure: Failure
    status: int
    #: a commit of the ledger failed
    failed: bool
    wrong: tuple[str, ...]


async def failures(beginnings: Beginnings) -> list[Failure]:
    """Return every call from which on a disk can fail."""
    return [
        Failure(place, error)
        for place in await system_calls(beginnings)
        for error, kinds in STRUCK.items()
        if place.name in kinds
    ]


async def fail_from(beginnings: Beginnings, failure: Failure) -> Verdict:
    """Run a load on a failing disk, then on a good one."""
    place = failure.place
    async with beginnings.copied(resumed=place.resumed) as trial:
        log = trial.folder / "log"
        calls = tracing.CALLS[place.name]
        command = [
            *tracing.injecting(
                [f"{calls}:error={failure.error}:when={place.nth}+"],
                tracing.files_of(trial.source),
                log,
                calls=calls,
            ),
            *arguments(Plan(), "run", trial.source, *SETTINGS),
        ]
        ended = await trial.start(command)
        failed = _LEDGER_FAILED.findall(log.read_text())
        _check_end(trial, ended)
        if failed:
            _check_silence(trial, float(failed[0]))
        await trial.survives()
        return Verdict(failure, ended.status, bool(failed), tuple(trial.wrong))


def _check_end(trial: Trial, ended: Ended) -> None:
    """A run must have come to its end, or say that it has not."""
    if ended.status not in (1, 3, 4) or "internal error" in ended.err:
        trial.wrong.append(f"status {ended.status}: {ended.err}")
    if ended.status == 1:
        trial.check_results()


def _check_silence(trial: Trial, since: float) -> None:
    """After a commit has failed only what was armed before may still go out."""
    late = [
        each
        for each in trial.portal.requests
        if each.endpoint == "create" and each.at > since
    ]
    if len(late) > WORKERS:
        trial.wrong.append(f"{len(late)} creates after the ledger had failed")
