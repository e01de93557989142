"""The places of the product at which a process can be killed, put in from outside.

A failpoint has a name; each passage is counted, and the n-th passage of one kills.
"""

import inspect
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from aiohttp.http_writer import StreamWriter

#: module, and what is wrapped in it: the points are its name with /before and /after
PLACES: tuple[tuple[str, str], ...] = (
    ("loader.ledger.lock", "_take"),
    ("loader.ledger.store", "_configure"),
    ("loader.ledger.store", "_create"),
    ("loader.assembly.portal", "Preflight.examine"),
    ("loader.ledger.store", "bind"),
    ("loader.ledger.recovery", "read_plan"),
    ("loader.ledger.journal", "Journal.claim"),
    ("loader.ledger.journal", "Journal.recovered"),
    ("loader.ledger.journal", "Journal.arm"),
    ("loader.ledger.journal", "Journal.pass_over"),
    ("loader.ledger.journal", "Journal.settle"),
    ("loader.ledger.journal", "Journal.write_tally"),
    ("loader.ledger.journal", "Journal.write_finished"),
    # in the writer's thread: each operation, and between the commit and its callers
    ("loader.ledger.writer", "_Job.run"),
    ("loader.ledger.writer", "Writer._tell"),
    ("loader.hubspot.client", "Client.create"),
    ("loader.hubspot.client", "Client.read"),
    ("loader.assembly.session", "conclude"),
    ("loader.ledger.writer", "Writer.__aexit__"),
)
REQUEST = ("request/unsent", "request/half", "request/whole")
_CREATE = b"/batch/create "
_METHOD_LINE = 200

Passage = Callable[[str], None]


class Passages:
    """Counts the passages of every failpoint; one of them may be the last."""

    def __init__(self, deadly: str | None = None, nth: int = 1) -> None:
        self._last = deadly, nth
        self.counts = Counter[str]()

    def __call__(self, name: str) -> None:
        """Pass a failpoint, or die there."""
        self.counts[name] += 1
        if self._last == (name, self.counts[name]):
            os.kill(os.getpid(), signal.SIGKILL)


def install(passed: Passage) -> None:
    """Put every failpoint into the product of this process."""
    for module, path in PLACES:
        _wrap(import_module(module), path.split("."), path, passed)
    _wrap_renames(passed)
    _wrap_requests(passed)


def _wrap(owner: Any, path: list[str], name: str, passed: Passage) -> None:  # noqa: ANN401 - a module or a class
    *way, last = path
    for each in way:
        owner = getattr(owner, each)
    setattr(owner, last, around(getattr(owner, last), name, passed))


def around(
    original: Callable[..., Any], name: str, passed: Passage
) -> Callable[..., Any]:
    """Return a function that passes a failpoint before and after it."""

    @wraps(original)
    async def awaited(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the original
        passed(f"{name}/before")
        result = await original(*arguments, **named)
        passed(f"{name}/after")
        return result

    @wraps(original)
    def called(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the original
        passed(f"{name}/before")
        result = original(*arguments, **named)
        passed(f"{name}/after")
        return result

    return awaited if inspect.iscoroutinefunction(original) else called


def _wrap_renames(passed: Passage) -> None:
    """Before and after each rename, by the name that a file gets."""
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        passed(f"{target.name}/before")
        result = original(self, target)
        passed(f"{target.name}/after")
        return result

    Path.replace = replace  # type: ignore[method-assign,assignment]


def _wrap_requests(passed: Passage) -> None:
    """Before the first byte of a create, in its middle, and after its last."""
    original = StreamWriter._writelines

    def writelines(self: StreamWriter, chunks: Iterable[Any]) -> None:
        data = b"".join(chunks)
        if _CREATE not in data[:_METHOD_LINE]:
            original(self, (data,))
            return
        unsent, half, whole = REQUEST
        middle = len(data) // 2
        passed(unsent)
        self._write(data[:middle])
        passed(half)
        self._write(data[middle:])
        passed(whole)

    StreamWriter._writelines = writelines  # type: ignore[method-assign]
