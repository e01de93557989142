"""Numbered points: where a process may be killed, lose power, or be asked to stop.

Every place that matters reports here when it is reached: ``arm before`` and ``arm
after`` its commit, ``create leaves``, ``create left``, ``create answered``, and so on.
A point is a place and how often it has been reached in this life.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from .report import Story


class Blow(StrEnum):
    """What happens at a point."""

    #: SIGKILL: what was committed stays
    KILL = "kill"
    #: the machine loses its power: what was flushed stays
    POWER = "power cut"
    #: SIGINT, once
    INTERRUPT = "interrupt"


class Crashed(SystemExit):
    """The process ends here. Unwinds at once, through whatever catches errors."""


#: what the ledger commits, and what the pipeline does, that may be cut
PLACES = (
    "bind before", "bind after", "plan before", "plan after",
    "claim before", "claim after", "arm before", "arm after",
    "settle before", "settle after", "pass_over before", "pass_over after",
    "recovered before", "recovered after", "write_finished before",
    "write_finished after", "source read",
    "create leaves", "create left", "create answered",
    "read leaves", "read left", "read answered",
)  # fmt: skip


@dataclass(slots=True)
class Points:
    """The points of one life. What changes: the counts, and whether it is dead."""

    blows: dict[tuple[str, int], Blow]
    story: Story
    #: called with each blow, before it falls
    struck: Callable[[Blow, str], None]
    #: asks the run to stop
    interrupt: Callable[[], None] = lambda: None
    dead: bool = False
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def reach(self, place: str) -> None:
        """Count a point; suffer what was planned for it.

        Raises:
            Crashed: the process ends here.
        """
        number = self.counts[place] = self.counts.get(place, 0) + 1
        blow = self.blows.get((place, number))
        if blow is None or self.dead:
            return
        point = f"{place} #{number}"
        self.story.say(f"{blow.value} at {point}")
        self.struck(blow, place)
        if blow is Blow.INTERRUPT:
            self.interrupt()
            return
        self.dead = True
        raise Crashed(point)
