"""What creates and reads of one life share: the world, the weather, the door, time."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from loader.hubspot.raw import RawAnswer
from loader.model.settings import Rate

from .answers import throttled
from .chance import happens
from .door import Door
from .points import Points
from .report import Story
from .weather import CreateFault, Weather
from .world import Removal, Request, World


@dataclass(frozen=True, slots=True)
class Style:
    """How this portal is: what is documented in two ways, or not at all."""

    #: trace IDs come back in ``results``
    echo: bool
    #: one bad input refuses its whole batch, and nobody is named
    whole: bool
    #: what a read says when something is missing: omit, errors, empty, 404
    read_missing: str
    #: the portal's allowance, and whether its answers speak of it
    quota: Rate | None
    tells_quota: bool
    #: share of requests that are stalled, and of creates after which a person archives
    stalls: float
    archives: float
    #: the trace property in use, when there is one
    trace_property: str | None = None

    def keyed(self, trace_property: str | None) -> "Style":
        """Return the same portal with this trace property in use."""
        return replace(self, trace_property=trace_property)


@dataclass(slots=True, kw_only=True)
class Premises:
    """The portal's side of one life. What changes: what is on its way, the quota."""

    world: World
    weather: Weather
    door: Door
    points: Points
    story: Story
    style: Style
    rng: random.Random
    now: Callable[[], float]
    faults: Counter[str]
    read_timeout_s: float
    #: requests that write whose first byte has left, and that have not arrived
    travelling: list[Request | Removal] = field(default_factory=list[Request | Removal])
    throttled_until: float = 0.0
    #: records refused alone without a reason, or by another's answer: a second time
    #: would be a verdict
    refused_alone: set[str] = field(default_factory=set[str])
    #: records whose batch was written, at least in part, though an answer said that
    #: there was a conflict
    disputed: set[str] = field(default_factory=set[str])
    #: calls of which the portal never says anything, by object ID
    mute: set[str] = field(default_factory=set[str])
    #: calls that an answer has left out: a second time would be a verdict
    omitted: set[str] = field(default_factory=set[str])
    last_answer: RawAnswer | None = None
    _arrivals: deque[float] = field(default_factory=deque[float])

    def strike(self, fault: str) -> None:
        """Note a fault."""
        self.faults[str(fault)] += 1
        self.story.say(f"  fault: {fault}")

    async def pause(self) -> None:
        """Let a message travel; now and then it is stalled for long."""
        rng = self.rng
        seconds = rng.random() * 0.2
        if not self.weather.calm and happens(rng, self.style.stalls):
            self.strike("stall")
            seconds = 1.0 + rng.random() * 50.0
        await asyncio.sleep(seconds)

    def quota(self) -> RawAnswer | None:
        """Refuse what is over the allowance; a refused request uses none of it."""
        now = self.now()
        if now < self.throttled_until:
            self.strike(CreateFault.BURST)
            return throttled("TEN_SECONDLY_ROLLING", None)
        quota = self.style.quota
        if quota is None:
            return None
        while self._arrivals and self._arrivals[0] <= now - quota.interval_s:
            self._arrivals.popleft()
        if len(self._arrivals) >= quota.count:
            self.strike("429 by the portal's own window")
            return throttled("TEN_SECONDLY_ROLLING", self.rng.choice((None, 1)))
        self._arrivals.append(now)
        return None

    def with_quota(self, answer: RawAnswer) -> RawAnswer:
        """Add the rate headers, if this portal sends them."""
        quota = self.style.quota
        if quota is None or not self.style.tells_quota:
            return answer
        headers = {
            **answer.headers,
            "x-hubspot-ratelimit-max": str(quota.count),
            "x-hubspot-ratelimit-remaining": str(quota.count - len(self._arrivals)),
            "x-hubspot-ratelimit-interval-milliseconds": str(
                int(quota.interval_s * 1000)
            ),
        }
        return RawAnswer(answer.status, headers, answer.body)

    def let_go(self) -> None:
        """Leave what is on its way to chance: its sender is gone."""
        for request in self.travelling:
            if happens(self.rng, 0.5):
                self.world.post(self.now() + lateness(self.rng), request)
                self.strike("arrives after its sender's death")
        self.travelling.clear()


def lateness(rng: random.Random) -> float:
    """Draw by how much a request is late, in seconds: from a moment to an hour."""
    return rng.random() * rng.choice((0.5, 5.0, 150.0, 3600.0))
