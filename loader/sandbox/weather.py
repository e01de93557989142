"""When faults strike: counted, or by chance from a seed; the same every time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from .fault import Fault
from .faults import AnyFault, Latency
from .wire import Endpoint


@dataclass(frozen=True, slots=True)
class Strike:
    """What the weather does to one request."""

    fault: Fault | None = None
    delay_s: float = 0.0


class Weather:
    """Decides about each request that the portal lets in, in the order of arrival.

    Changes: every fault counts the requests that it could strike and those that it did.
    Where several strike at once, the one listed first does; delays add up.
    """

    def __init__(
        self, faults: Sequence[AnyFault], *, seed: int, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._started = clock()
        # each has its own chance, so that one more fault does not disturb the others
        self._hazards = [
            _Hazard(fault, Random(f"{seed}/{place}"))  # noqa: S311 - weather, no secret
            for place, fault in enumerate(faults)
        ]

    def strike(self, endpoint: Endpoint) -> Strike:
        """Decide about the next request."""
        at = self._clock() - self._started
        delay_s, struck = 0.0, None
        for hazard in self._hazards:
            if not hazard.threatens(endpoint, at):
                continue
            if isinstance(hazard.fault, Latency):
                delay_s += hazard.fault.delay_s(hazard.random)
            elif struck is None:
                struck = hazard
            else:
                continue
            hazard.struck += 1
        return Strike(struck.fault if struck else None, delay_s)


class _Hazard:
    """A fault with its counts."""

    def __init__(self, fault: AnyFault, random: Random) -> None:
        self.fault = fault
        self.random = random
        self.struck = 0
        self._seen = 0

    def threatens(self, endpoint: Endpoint, at: float) -> bool:
        """Count a request, and tell whether this fault chooses it."""
        fault = self.fault
        if fault.endpoint not in ("any", endpoint.family):
            return False
        self._seen += 1
        chosen = self._chooses()
        in_time = fault.after_s <= at and (fault.until_s is None or at < fault.until_s)
        left = fault.times is None or self.struck < fault.times
        return chosen and in_time and left

    def _chooses(self) -> bool:
        fault = self.fault
        if fault.every is not None:
            return self._seen % fault.every == 0
        if fault.share is not None:
            return self.random.random() < fault.share
        return fault.requests is None or self._seen in fault.requests
