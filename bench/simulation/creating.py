"""A create request, from its first byte to its answer, with what may befall it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from loader.hubspot.raw import RawAnswer

from . import answers
from .chance import happens
from .distort import ERRORS, distorted, reset, timed_out, unsent
from .lines import TITLE
from .premises import Premises, lateness
from .weather import CreateFault as F
from .world import Call, Clash, Invalid, Request

#: nothing of the request is applied
_NOTHING = {
    F.BEFORE_5XX, F.THROTTLED, F.THROTTLED_FOR, F.BURST, F.OVERSIZED, F.REFUSED,
    F.MOVING, F.MOVING_LONG, F.DAILY, F.UNAUTHORIZED, F.NO_SCOPE, F.NO_SCOPE_207,
    F.NOT_FOUND,
}  # fmt: skip
#: of these the portal says that nothing was applied, and means it
_REFUSALS = _NOTHING - {F.BEFORE_5XX, F.REFUSED, F.NO_SCOPE_207}
#: all of it, a part, or nothing is applied: the answer does not tell
_ANY = {
    F.HTML, F.ACCEPTED, F.REDIRECT, F.ODD_4XX, F.LOCKED, F.PENDING, F.PROCESSING,
    F.CANCELED, F.ERROR_IN_200, F.REFUSED_PART, F.ODD_ERROR, F.TOO_LONG,
}  # fmt: skip
#: a part is passed over
_PART = {F.PASSED_OVER, F.TRANSIENT}
#: it is applied when nobody waits for it any more
_LATE = {F.LATE, F.LATE_5XX}
_PROVES_NOTHING = {
    F.HTML, F.SHORT, F.ACCEPTED, F.REDIRECT, F.ODD_4XX, F.LOCKED, F.PENDING,
    F.PROCESSING, F.CANCELED, F.ERROR_IN_200, F.REPEATED, F.FOREIGN, F.SWAPPED,
    F.BEFORE_5XX, F.AFTER_5XX, F.LATE_5XX, F.REFUSED, F.REFUSED_PART, F.NO_SCOPE_207,
}  # fmt: skip


class Creates:
    """Carries create requests to the world. What changes: the premises."""

    def __init__(self, premises: Premises) -> None:
        self._in = premises

    async def send(self, body: bytes) -> RawAnswer:
        """Send one request; what is raised is what a connection would raise."""
        here = self._in
        inputs: Sequence[Mapping[str, Any]] = orjson.loads(body)["inputs"]
        here.points.reach("create leaves")
        fault = self._fault(inputs)
        names = [str(each.get("objectWriteTraceId")) for each in inputs]
        here.story.say(f"create {' '.join(names)}")
        if fault is F.UNSENT:
            here.strike(fault)
            await here.pause()
            raise unsent(here)
        here.door.leaves(inputs)
        request = Request(inputs, self._applied(fault, len(inputs)), self._whole(fault))
        here.travelling.append(request)
        try:
            here.points.reach("create left")
            answer = await self._travel(request, fault)
            here.points.reach("create answered")
        except BaseException:
            self._broken(request, names)
            raise
        here.door.in_doubt(names)
        refused = fault in _REFUSALS or answer.status == 429  # noqa: PLR2004 - HTTP
        proof = set() if fault in _PROVES_NOTHING else self._proved(answer, names)
        here.door.answered(names, refused=refused, proved=proof)
        if fault is F.SWAPPED and answer.is_json:
            here.door.names(self._proved(answer, names))  # an earlier answer to them
        here.story.say(f"  HTTP {answer.status}, {len(proof)} of {len(names)} proved")
        return here.with_quota(answer)

    def _broken(self, request: Request, names: Sequence[str]) -> None:
        """No answer will come; after a crash others see to it."""
        here = self._in
        if here.points.dead:
            return
        here.door.in_doubt(names)
        here.door.failed(names)
        if request in here.travelling:  # the sender was cancelled, not the request
            here.travelling.remove(request)
            here.world.post(here.now() + lateness(here.rng), request)

    def _fault(self, inputs: Sequence[Mapping[str, Any]]) -> F | None:
        here = self._in
        fault = here.weather.create(len(inputs))
        if fault in (F.REFUSED, F.REFUSED_PART, F.SWAPPED) and len(inputs) == 1:
            name = inputs[0]["objectWriteTraceId"]
            if name in here.refused_alone:
                return None
            here.refused_alone.add(name)
        return fault

    def _whole(self, fault: F | None) -> bool:
        return self._in.style.whole and fault not in _PART

    def _applied(self, fault: F | None, size: int) -> frozenset[int]:
        rng = self._in.rng
        everything = frozenset(range(size))
        if fault in _NOTHING:
            return frozenset()
        if fault in _PART or fault is F.REFUSED_PART:
            return frozenset(p for p in range(size) if happens(rng, 0.5))
        if fault in _ANY:
            return rng.choice((everything, frozenset(range(size // 2)), frozenset()))
        return everything

    # -- on its way --

    async def _travel(self, request: Request, fault: F | None) -> RawAnswer:
        here = self._in
        if fault is F.LOST or fault in _LATE:
            return await self._astray(request, fault)
        await here.pause()
        if fault is not F.BURST and (over := here.quota()) is not None:
            here.travelling.remove(request)
            await here.pause()
            return over
        self._arrive(request)
        if fault is not None:
            here.strike(fault)
            if fault is F.BURST:
                here.throttled_until = here.now() + here.rng.random() * 8
        await here.pause()
        if fault is F.DRIP:
            await asyncio.sleep(here.read_timeout_s)
        if fault in ERRORS:
            raise ERRORS[fault](here)
        return self._answer(request, fault)

    async def _astray(self, request: Request, fault: F | None) -> RawAnswer:
        """It never arrives, or nobody waits for it when it does."""
        here = self._in
        here.strike(fault or F.LOST)
        here.travelling.remove(request)
        if fault in _LATE:
            here.world.post(here.now() + lateness(here.rng), request)
        slow = happens(here.rng, 0.5)
        await asyncio.sleep(here.read_timeout_s if slow else here.rng.random())
        if fault is F.LATE_5XX:
            return answers.page(here.rng.choice((502, 504, 524)))
        raise (timed_out if slow else reset)(here)

    def _arrive(self, request: Request) -> None:
        here = self._in
        here.travelling.remove(request)
        now = here.now()
        here.world.post(now, request)
        here.world.advance(now)
        made = [each for each in request.results or () if isinstance(each, Call)]
        if made and not here.weather.calm and happens(here.rng, here.style.archives):
            self._archive(here.rng.choice(made))

    def _archive(self, call: Call) -> None:
        """A person archives a call; never one whose double is still on its way."""
        here = self._in
        on_way = here.world.under_way.union(*(r.trace_ids for r in here.travelling))
        if here.world.keeps_values or call.trace_id not in on_way:
            here.strike("a person archives a call")
            here.world.archive(call)

    # -- its answer --

    def _answer(self, request: Request, fault: F | None) -> RawAnswer:
        here = self._in
        plain = self._plain(request)
        if fault is F.SWAPPED:
            plain = self._swapped(plain, request)
        elif fault is None:
            here.last_answer = plain
        if fault is None:
            return plain
        return distorted(here, plain, fault, request)

    def _swapped(self, plain: RawAnswer, request: Request) -> RawAnswer:
        """Give the answer to another request.

        But where an answer names nobody, never one that speaks of a twin: nothing in it
        could tell the twins apart.
        """
        here = self._in
        other, here.last_answer = here.last_answer or answers.page(200), plain
        here.disputed.update(request.trace_ids)
        titles = [each["properties"][TITLE] for each in request.inputs]
        is_twin = any(orjson.dumps(title) in other.body for title in titles)
        names = here.style.echo or here.style.trace_property is not None
        return plain if is_twin and not names else other

    def _plain(self, request: Request) -> RawAnswer:
        """Say what was done, in this portal's style."""
        here = self._in
        problem = request.problem
        if request.whole and problem is not None:
            return answers.refused(problem)
        results: list[Any] = []
        errors: list[Any] = []
        for name, each in zip(request.trace_ids, request.results or (), strict=True):
            if isinstance(each, Call):
                results.append(answers.element(each, echo=here.style.echo))
            elif isinstance(each, (Invalid, Clash)):
                errors.append(answers.problem(name, each))
        return answers.whole(207 if errors else 201, results, errors)

    def _proved(self, answer: RawAnswer, names: Sequence[str]) -> set[str]:
        """Return the IDs that a whole answer names: created, or refused for good."""
        if answer.status not in (200, 201, 207):
            return set()
        body = orjson.loads(answer.body)
        own = self._in.style.trace_property or ""
        named = {
            each.get("objectWriteTraceId") or each["properties"].get(own)
            for each in body["results"]
        }
        for each in body.get("errors", ()):
            final = "valid long" in each["message"]
            named |= set(each["context"]["objectWriteTraceId"]) if final else set()
        return named.intersection(names)
