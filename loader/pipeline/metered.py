"""A portal whose requests are timed and counted on their way."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from loader.model.meter import Meter
from loader.model.record import CallRecord
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    Failed,
    Found,
    Halt,
    Oversized,
    Proof,
    ReadVerdict,
    Refusal,
    Reply,
    Unclear,
    Unsent,
    Wait,
)

from .ports import Portal

V = TypeVar("V", bound=CreateVerdict | ReadVerdict)


class Metered:
    """Stands before a portal; it changes nothing but the meter."""

    def __init__(
        self, portal: Portal, meter: Meter, *, now: Callable[[], float]
    ) -> None:
        self._portal = portal
        self._meter = meter
        self._now = now

    async def create(self, records: Sequence[CallRecord]) -> Reply[CreateVerdict]:
        """Send one create request."""
        return await self._timed("create", self._portal.create(records))

    async def read(
        self, trace_ids: Sequence[str], *, archived: bool
    ) -> Reply[ReadVerdict]:
        """Ask which of these IDs exist."""
        request = self._portal.read(trace_ids, archived=archived)
        return await self._timed("read", request)

    async def _timed(
        self, asked: str, request: Coroutine[Any, Any, Reply[V]]
    ) -> Reply[V]:
        began = self._now()
        reply = await request
        meaning, error = _told(reply.verdict)
        self._meter.answered(asked, meaning, self._now() - began, error)
        return reply


def _told(verdict: CreateVerdict | ReadVerdict) -> tuple[str, str | None]:
    """Return what an answer means in a word, and its error."""
    match verdict:
        case Proof() | Found():
            return "ok", None
        case Wait(reason):
            return "throttled", f"throttled ({reason})"
        case Unsent(reason):
            return "unsent", f"not sent ({reason})"
        case Doubt(reason) | Failed(reason) | Unclear(reason):
            return "failed", reason
        case Halt(reason):
            return "halted", reason.value
        case Oversized(category) | Refusal(category):
            return "refused", f"refused ({category})"
