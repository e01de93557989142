"""The fast portal, started for a while, and asked for its counts."""

import contextlib
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from bench.processes import Cores, bound_to

from .answers import Counts

#: for counting, where nothing is sent twice: a million IDs twice over
REMEMBERED = 1_000_000


@dataclass(frozen=True, slots=True)
class Rented:
    """A running portal."""

    base_url: str

    def begin(self) -> None:
        """Have it forget everything, and count from here."""
        self._ask("begin")

    def mark(self, limit: int) -> None:
        """Have it count from here; it still knows what it made.

        Once so many records have come in, it answers no request to create: whoever
        sends comes no further than what it has in flight.
        """
        self._ask(f"mark/{limit}")

    def counts(self) -> Counts:
        """Ask what came in since."""
        return msgspec.json.decode(self._ask("counts"), type=Counts)

    def _ask(self, what: str) -> bytes:
        with urllib.request.urlopen(f"{self.base_url}/bench/{what}") as answer:  # noqa: S310 - our own
            return bytes(answer.read())


@contextlib.contextmanager
def rented(cores: Cores, *, remembered: int = REMEMBERED) -> Iterator[Rented]:
    """Run a portal on its core for as long as the block lasts."""
    with bound_to(cores.portal):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.portal.server", str(remembered)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert process.stdin is not None  # noqa: S101 - asked for
    assert process.stdout is not None  # noqa: S101 - asked for
    try:
        yield Rented(process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()
