"""A read by the trace property, with what may befall it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import orjson

from loader.hubspot.raw import RawAnswer

from . import answers
from .chance import happens
from .distort import reset, timed_out, unsent
from .premises import Premises
from .weather import ReadFault as F
from .world import Call

#: these break the connection
ERRORS: dict[F, Callable[[Premises], Exception]] = {
    F.LOST: timed_out,
    F.HALF_DONE: lambda p: (
        reset(p) if happens(p.rng, 0.5) else aiohttp.ClientPayloadError("cut")
    ),
}
ANSWERS: dict[F, Callable[[Premises, RawAnswer], RawAnswer]] = {
    F.SHORT: lambda p, a: RawAnswer(
        200, a.headers, a.body[: p.rng.randrange(len(a.body))]
    ),
    F.TROUBLE: lambda p, _: answers.page(p.rng.choice((500, 502, 503, 504, 524))),
    F.HTML: lambda _, __: answers.page(200),
    F.LOCKED: lambda _, __: answers.error(423, "LOCKED", "locked"),
    F.PENDING: lambda _, __: answers.whole(200, [], [], "PENDING"),
    F.THROTTLED: lambda p, _: answers.throttled(
        "TEN_SECONDLY_ROLLING", p.rng.choice((None, 2))
    ),
    F.MOVING: lambda p, _: answers.moving(p.rng.randint(1, 60)),
    F.DAILY: lambda _, __: answers.throttled("DAILY", None),
    F.UNAUTHORIZED: lambda _, __: answers.error(401, "INVALID_AUTHENTICATION", "no"),
}


class Reads:
    """Carries reads to the world. What changes: the premises."""

    def __init__(self, premises: Premises) -> None:
        self._in = premises

    async def send(self, body: bytes, *, archived: bool) -> RawAnswer:
        """Send one read; what is raised is what a connection would raise."""
        here = self._in
        asked: Mapping[str, Any] = orjson.loads(body)
        names = [each["id"] for each in asked["inputs"]]
        here.points.reach("read leaves")
        fault = here.weather.read()
        kind = "archived" if archived else "live"
        here.story.say(f"read {kind} {' '.join(names)}")
        if fault is not None:
            here.strike(fault)
        if fault is F.UNSENT:
            await here.pause()
            raise unsent(here)
        began = here.door.asks()
        here.points.reach("read left")
        await here.pause()
        over = here.quota()
        here.world.advance(here.now())
        found = self._found(asked["idProperty"], names, archived=archived)
        answer, clear = self._answer(names, found, fault)
        await here.pause()
        here.points.reach("read answered")
        if over is not None:
            return over
        if fault in ERRORS:
            await asyncio.sleep(here.read_timeout_s if fault is F.LOST else 0)
            raise ERRORS[fault](here)
        if clear:
            here.door.told(names, set(found), began, archived=archived)
        here.story.say(f"  HTTP {answer.status}, {len(found)} of {len(names)} found")
        return here.with_quota(answer)

    def _found(
        self, name: str, values: Sequence[str], *, archived: bool
    ) -> dict[str, Call]:
        world = self._in.world
        calls = ((each, world.find(name, each, archived=archived)) for each in values)
        return {value: call for value, call in calls if call is not None}

    def _answer(
        self, names: Sequence[str], found: Mapping[str, Call], fault: F | None
    ) -> tuple[RawAnswer, bool]:
        """Return the answer, and whether it is one about each ID."""
        style = self._in.style
        missing = [each for each in names if each not in found]
        how = style.read_missing
        if fault is F.EMPTY:
            how = "empty"
        elif fault is F.NOT_FOUND:
            how = "404"
        if missing and how in ("empty", "404"):
            clear = len(names) == 1
            if how == "empty":
                return answers.whole(207, [], []), clear
            return answers.error(404, "OBJECT_NOT_FOUND", "not found"), clear
        if missing and fault is F.PART:
            return self._in_part(missing, found), False
        shown = list(found.values())
        if fault is F.FOREIGN:
            shown += list(self._in.world.calls.values())[:2]
            self._in.rng.shuffle(shown)
        errors = [answers.not_found(missing)] if missing and how == "errors" else []
        plain = answers.whole(207 if errors else 200, self._elements(shown), errors)
        if fault in ANSWERS:
            return ANSWERS[fault](self._in, plain), False
        return plain, True

    def _in_part(self, missing: Sequence[str], found: Mapping[str, Call]) -> RawAnswer:
        errors = [answers.transient(missing)]
        return answers.whole(207, self._elements(list(found.values())), errors)

    def _elements(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        own = [self._in.style.trace_property or ""]
        return [answers.element(each, echo=False, names=own) for each in calls]
