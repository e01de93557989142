"""What the process must not do with what it holds: tokens, what customers said, memory.

No core dump, no file that others can read, no traceback and no library's log line that
quotes a value. Called once, by ``main``; as a library we leave the process alone.

Decision: a core limit of one byte, not of none. A kernel that pipes its core dumps into
a program ignores a limit of zero, but takes one for "no dump"; a file of one byte would
be too small to be written at all.
"""

import contextlib
import ctypes
import gc
import logging
import os
import resource
import sys
import threading
from collections.abc import Iterator

from loader.errors import Unexpected

from .output import say

#: its number in glibc's malloc.h
_M_ARENA_MAX = -8


def harden() -> None:
    """Close what would let a secret out of this process."""
    os.umask(0o077)
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        limit = 1 if hard else 0
        resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
    logging.disable(logging.CRITICAL)
    sys.excepthook = lambda _, error, __: tell(error)
    sys.unraisablehook = lambda found: tell(found.exc_value)
    threading.excepthook = lambda found: tell(found.exc_value)


def share_one_arena() -> None:
    """Let threads take their memory from one place: what one frees, another can use.

    glibc gives each thread an arena of its own, and a record is read in one thread and
    freed in another. Measured at 400,000 lines: a peak of 85 MB instead of 104. Other
    C libraries know no arenas, and are left alone.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import modules, and collect no garbage meanwhile, nor ever walk them for it.

    They live to the end, so there is nothing to find. Measured: a sixth of the CPU time
    that a run of one line takes.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def tell(error: BaseException | None) -> None:
    """Tell of an unexpected error, without a traceback and without its text."""
    if error is not None:
        say(f"error: {Unexpected(error)}")
