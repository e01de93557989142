"""A request to archive calls, with what may befall it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import orjson

from loader.hubspot.raw import RawAnswer

from . import answers
from .chance import happens
from .distort import reset, timed_out, unsent
from .premises import Premises, lateness
from .weather import ArchiveFault as F
from .world import Removal

#: the answer that a fault makes
ANSWERED: Mapping[F, Callable[[Premises], RawAnswer]] = {
    F.STUBBORN: lambda _: answers.page(500),
    F.BEFORE_5XX: lambda p: answers.page(p.rng.choice((500, 502, 503))),
    F.AFTER_5XX: lambda p: answers.page(p.rng.choice((500, 502, 504, 524))),
    F.PART_5XX: lambda p: answers.page(p.rng.choice((500, 502, 504, 524))),
    F.PART_207: lambda _: answers.whole(207, [], [answers.transient(["x"])]),
    F.OK: lambda _: answers.whole(200, [], []),
    F.ACCEPTED: lambda _: answers.whole(202, [], []),
    F.REFUSED: lambda _: answers.error(400, "VALIDATION_ERROR", "not valid"),
    F.NOT_FOUND: lambda _: answers.error(404, "OBJECT_NOT_FOUND", "not found"),
    F.LOCKED: lambda _: answers.error(423, "LOCKED", "locked"),
    F.THROTTLED: lambda _: answers.throttled("TEN_SECONDLY_ROLLING", None),
    F.MOVING: lambda p: answers.moving(p.rng.randint(1, 60)),
    F.DAILY: lambda _: answers.throttled("DAILY", None),
    F.UNAUTHORIZED: lambda _: answers.error(401, "INVALID_AUTHENTICATION", "no"),
}
#: of these nothing is archived
_NOTHING = ANSWERED.keys() - {F.AFTER_5XX, F.PART_5XX, F.PART_207} | {F.LOST}


class Removals:
    """Carries requests to archive to the world. What changes: the premises."""

    def __init__(self, premises: Premises) -> None:
        self._in = premises

    async def send(self, body: bytes) -> RawAnswer:
        """Send one request; what is raised is what a connection would raise."""
        here = self._in
        object_ids = [str(each["id"]) for each in orjson.loads(body)["inputs"]]
        if not object_ids:  # asks whether it may
            await here.pause()
            return answers.error(400, "VALIDATION_ERROR", "no inputs")
        here.points.reach("archive leaves")
        fault = here.weather.archive()
        if not here.weather.calm and not here.mute.isdisjoint(object_ids):
            fault = F.STUBBORN
        here.story.say(f"archive {' '.join(object_ids)}")
        if fault is not None:
            here.strike(fault)
        if fault is F.UNSENT:
            await here.pause()
            raise unsent(here)
        here.door.removes(object_ids)
        removal = Removal(self._applied(fault, object_ids))
        here.travelling.append(removal)
        here.points.reach("archive left")
        answer = await self._travel(removal, fault)
        here.points.reach("archive answered")
        here.story.say(f"  HTTP {answer.status}")
        return here.with_quota(answer)

    def _applied(self, fault: F | None, object_ids: Sequence[str]) -> Sequence[str]:
        """Return what the portal archives of them."""
        if fault in (F.PART_5XX, F.PART_207):
            return [each for each in object_ids if happens(self._in.rng, 0.5)]
        return () if fault in _NOTHING else object_ids

    async def _travel(self, removal: Removal, fault: F | None) -> RawAnswer:
        here = self._in
        if fault in (F.LOST, F.LATE):
            here.travelling.remove(removal)
            if fault is F.LATE:
                here.world.post(here.now() + lateness(here.rng), removal)
            await asyncio.sleep(here.read_timeout_s)
            raise timed_out(here)
        await here.pause()
        over = here.quota()
        here.travelling.remove(removal)
        if over is not None:
            await here.pause()
            return over
        here.world.post(here.now(), removal)
        here.world.advance(here.now())
        await here.pause()
        if fault is F.ANSWER_LOST:
            raise reset(here)
        answer = ANSWERED.get(fault) if fault is not None else None
        return answer(here) if answer is not None else RawAnswer(204, {}, b"")
