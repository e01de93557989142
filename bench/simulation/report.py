"""What one schedule came to, and its story."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one schedule: a pure function of its seed and of the code."""

    seed: int
    #: how the load was run: key, hold, resend, prepared
    mode: str
    #: each begins with the invariant that was broken, such as ``I1: …``
    violations: tuple[str, ...]
    #: faults that struck, by kind
    faults: Counter[str]
    #: lives that were cut off: killed, or without power
    crashes: int
    #: processes that worked on the load, one after the other
    lives: int
    #: what was done with the load after its runs, by kind
    acts: Counter[str]
    #: some life waited for ever, or without end
    stuck: bool
    #: requests that reached the portal's door
    requests: int = 0
    #: what happened, line by line, when it was asked for
    story: tuple[str, ...] = field(default=(), repr=False)


class Story:
    """Writes down what happens. What changes: the lines, when they are wanted."""

    __slots__ = ("_now", "lines", "wanted")

    def __init__(self, now: Callable[[], float], *, wanted: bool) -> None:
        self._now = now
        self.wanted = wanted
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Add a line with the virtual time; nothing when nobody wants it."""
        if self.wanted:
            self.lines.append(f"{self._now():12.6f}  {text}")
