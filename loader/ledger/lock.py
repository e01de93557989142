"""One owner per load: the kernel's lock, with the owner's process ID inside.

Decision: ``flock`` on a small file of its own. Because the kernel drops the lock with
its process, a crash leaves nothing to clean up; instead of a PID file, which outlives
its writer. Not the database's own lock, since another process must be able to ask who
the owner is without opening a live ledger.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from loader.errors import Owned, Refused

_TRIES = 5
_PAUSE_S = 0.02


@contextlib.contextmanager
def owned(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a load's lock; ``shared`` for readers, which only keep writers away.

    Raises:
        Owned: another process holds it; names the process.
        Refused: the lock's file cannot be opened or written.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Refused(f"cannot open {path}: {error.strerror}") from error
    try:
        try:
            _take(fd, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except OSError as error:
            raise Refused(f"cannot lock {path}: {error.strerror}") from error
        yield
    finally:
        os.close(fd)


def _take(fd: int, path: Path, kind: int) -> None:
    """Lock, or name the holder; a passing question of ``owner_of`` is waited out."""
    for patience in reversed(range(_TRIES)):
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if patience:
                time.sleep(_PAUSE_S)
                continue
            raise _owned_by(_read_pid(fd), path) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return


def _owned_by(pid: int | None, path: Path) -> Owned:
    who = f"process {pid}" if pid else "another process"
    return Owned(
        f"{who} works on this load now ({path.parent}); "
        "wait until it has ended, or stop it",
        pid=pid,
    )


def _read_pid(fd: int) -> int | None:
    text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdecimal() else None


def owner_of(path: Path) -> int | None:
    """Return the process ID of the running owner, or None when there is none."""
    if not path.exists():
        return None
    try:
        with owned(path, shared=True):
            return None
    except Owned as error:
        return error.pid or -1
