"""Why a run must end, in words that also say when it can go on."""

from collections.abc import Callable

from loader.model.calendar import next_midnight, zone_of
from loader.model.load import PortalFacts
from loader.model.verdict import Halt, HaltReason
from loader.pipeline.barrier import wall_clock


def explain_halt(facts: PortalFacts) -> Callable[[Halt], str]:
    """Add to a halt what only preflight knows: when the daily quota resets."""

    def explain(halt: Halt) -> str:
        if halt.reason is not HaltReason.DAILY_LIMIT:
            return halt.message
        zone = zone_of(facts.time_zone)
        if zone is None:
            return f"{halt.message} (midnight of the portal's time zone)"
        reset = next_midnight(wall_clock(), zone)
        return (
            f"{halt.message} at {reset:%Y-%m-%d %H:%M} UTC, {facts.time_zone} midnight"
        )

    return explain
