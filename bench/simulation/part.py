"""What a process gets of the stage, and what the stage knows of a process."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from loader.errors import LoaderError
from loader.model.summary import Ending

from .disk import Connection, SimWriter
from .plan import LifePlan
from .points import Points
from .premises import Premises


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a process gets of the stage."""

    plan: LifePlan
    #: of the ledgers that it opens, the one that it is about first
    connections: Sequence[Connection]
    points: Points
    premises: Premises
    rng: random.Random
    now: Callable[[], float]

    def writer(self, connection: Connection) -> SimWriter:
        """Return a writer on a ledger, whose commits take their time."""
        rng, plan = self.rng, self.plan
        return SimWriter(connection, self.points, lambda: rng.random() * plan.commit_s)


class Process(Protocol):
    """What the stage knows of a process. What changes: how it ended."""

    part: Part
    writers: list[SimWriter]
    ending: Ending
    reason: str
    failure: LoaderError | None

    async def run(self) -> None:
        """Live."""
        ...
