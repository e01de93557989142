"""Calls shown by object ID, and what they are associated with; and what may befall it.

A few calls are mute, as people's are on a portal where something is broken: whatever
asks for one of them fails, and only that.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from loader.hubspot.raw import RawAnswer

from . import answers
from .chance import happens
from .distort import unsent
from .premises import Premises
from .reading import ANSWERS, ERRORS
from .weather import ReadFault as F
from .weather import ShowFault
from .world import Call

Shown = Callable[[Call], Mapping[str, Any]]


class Shows:
    """Carries reads by object ID to the world. What changes: the premises."""

    def __init__(self, premises: Premises) -> None:
        self._in = premises

    async def send(self, url: str, body: bytes) -> RawAnswer:
        """Send one read by object ID."""
        asked = orjson.loads(body)
        names = [str(each["id"]) for each in asked["inputs"]]
        what = f"{url.rpartition('/crm/')[2]} {' '.join(names)}"
        return await self._sent(
            what, lambda fault: self._answer(url, asked, names, fault)
        )

    async def search(self, body: bytes) -> RawAnswer:
        """Send one search for the calls of a moment; its index lags."""
        asked = orjson.loads(body)
        moment = asked["filterGroups"][0]["filters"][0]["value"]
        here = self._in
        return await self._sent(
            f"search {moment}",
            lambda fault: self._told(
                [
                    answers.element(each, echo=False, names=asked["properties"])
                    for each in here.world.calls.values()
                    if each.properties.get("hs_timestamp") == moment
                    and not each.archived
                    and happens(here.rng, 0.8)
                ],
                [],
                None if fault is F.FOREIGN else fault,
            ),
        )

    async def _sent(
        self, what: str, answered: Callable[[F | None], RawAnswer]
    ) -> RawAnswer:
        """Send a question; what is raised is what a connection would raise."""
        here = self._in
        here.points.reach("show leaves")
        fault = here.weather.read()
        here.story.say(f"show {what}")
        if fault is not None:
            here.strike(fault)
        if fault is F.UNSENT:
            await here.pause()
            raise unsent(here)
        here.door.asks()
        here.points.reach("show left")
        await here.pause()
        over = here.quota()
        here.world.advance(here.now())
        answer = over or answered(fault)
        await here.pause()
        here.points.reach("show answered")
        if over is None and fault in ERRORS:
            await asyncio.sleep(here.read_timeout_s if fault is F.LOST else 0)
            raise ERRORS[fault](here)
        here.story.say(f"  HTTP {answer.status}")
        return here.with_quota(answer)

    def _answer(
        self, url: str, asked: Mapping[str, Any], names: Sequence[str], fault: F | None
    ) -> RawAnswer:
        if not self._in.mute.isdisjoint(names):
            self._in.strike(ShowFault.MUTE)
            return answers.page(500)
        if "/associations/" in url:
            return self._linked(names, fault)
        return self._shown(asked, names, fault, archived=url.endswith("=true"))

    def _shown(
        self,
        asked: Mapping[str, Any],
        names: Sequence[str],
        fault: F | None,
        *,
        archived: bool,
    ) -> RawAnswer:
        here = self._in
        there = [here.world.calls.get(each) for each in names]
        found = [
            each
            for each in there
            if each is not None and each.archived is archived and not each.gone
        ]
        if not archived:
            found = self._without_one(found)
        missing = set(names).difference(each.id for each in found)
        how = {F.EMPTY: "empty", F.NOT_FOUND: "404"}.get(
            fault or F.LOST, here.style.read_missing
        )
        if missing and how == "empty":
            return answers.whole(207, [], [])
        if missing and how == "404":
            return answers.error(404, "OBJECT_NOT_FOUND", "not found")
        elements = [
            answers.element(each, echo=False, names=asked["properties"])
            for each in found
        ]
        errors = [answers.not_found(sorted(missing))] if missing else []
        return self._told(elements, errors if how == "errors" else [], fault)

    def _without_one(self, found: list[Call]) -> list[Call]:
        """Leave a call out now and then; no call twice."""
        here = self._in
        may = [each for each in found if each.id not in here.omitted]
        if not may or not here.weather.omits():
            return found
        left_out = here.rng.choice(may)
        here.omitted.add(left_out.id)
        here.strike(ShowFault.OMITTED)
        return [each for each in found if each is not left_out]

    def _linked(self, names: Sequence[str], fault: F | None) -> RawAnswer:
        """Show what live calls are associated with."""
        there = [self._in.world.calls.get(each) for each in names]
        elements = [
            {"from": {"id": each.id}, "to": [_link(one) for one in each.associations]}
            for each in there
            if each is not None and not each.archived and each.associations
        ]
        return self._told(elements, [], fault)

    def _told(
        self, elements: list[dict[str, Any]], errors: list[Any], fault: F | None
    ) -> RawAnswer:
        here = self._in
        if fault is F.PART:
            cut = here.rng.randint(0, len(elements))
            return answers.whole(207, elements[:cut], [answers.transient(["x"])])
        if fault is F.FOREIGN:
            elements = [*elements, *elements[:1]]
            here.rng.shuffle(elements)
        plain = answers.whole(207 if errors else 200, elements, errors)
        return ANSWERS[fault](here, plain) if fault in ANSWERS else plain


def _link(association: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "toObjectId": association["to"]["id"],
        "associationTypes": [
            {
                "category": each["associationCategory"],
                "typeId": each["associationTypeId"],
            }
            for each in association["types"]
        ],
    }
