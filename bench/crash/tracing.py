"""strace: signals and errors at system calls, and the log of them."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from loader.assembly.folder import place_of

from .victim import DRAFT

#: what touches a file for good, by kind; a name that a machine does not have is skipped
CALLS: dict[str, str] = {
    "openat": "openat",
    "write": "write",
    "pwrite64": "pwrite64",
    "fsync": "fsync",
    "fdatasync": "fdatasync",
    "ftruncate": "ftruncate",
    "rename": "?rename,?renameat,?renameat2",
    "unlink": "?unlink,?unlinkat",
    "mkdir": "?mkdir,?mkdirat",
    "close": "close",
}


@cache
def why_not() -> str | None:
    """Return why nothing can be traced here; None when it can."""
    program = shutil.which("strace")
    if program is None:
        return "strace is not installed"
    tried = subprocess.run(
        [program, "-f", "-qq", "-o", "/dev/null", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else f"strace cannot trace: {tried.stderr}"


def files_of(source: Path) -> list[Path]:
    """Return the files of a load, and their drafts."""
    place = place_of(str(source), None)
    replaced = (place.status, place.rejected, place.in_doubt)
    drafts = [each.with_name(f".{each.name}.{DRAFT}") for each in replaced]
    return [*ledger_of(source), place.folder, place.lock, place.log, *replaced, *drafts]


def ledger_of(source: Path) -> list[Path]:
    """Return the files of a ledger."""
    ledger = place_of(str(source), None).ledger
    return [
        ledger.with_name(ledger.name + suffix) for suffix in ("", "-wal", "-journal")
    ]


def injecting(
    injections: Sequence[str], paths: Sequence[Path], log: Path, *, calls: str
) -> list[str]:
    """Return what to put before a command so that its calls on these paths fail.

    An injection is one of strace's: ``fsync:error=EIO:when=3+``.
    """
    # without --seccomp-bpf, under which an injected signal arrives too late
    given = ["strace", "-f", "-qq", "-ttt", "-y", "-o", str(log)]
    for path in paths:
        given += ["-P", str(path)]
    given += ["-e", f"trace={calls}"]
    for each in injections:
        given += ["-e", f"inject={each}"]
    return given


def recording(log: Path) -> list[str]:
    """Return what to put before a command to have its calls with all their data."""
    calls = ",".join(CALLS.values())
    return [
        "strace", "-f", "-qq", "--seccomp-bpf", "-xx", "-s", "16777216",
        "-o", str(log), "-e", f"trace={calls}",
    ]  # fmt: skip
