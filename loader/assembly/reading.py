"""Calls and their associations read back from the portal, in as few requests as go."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from loader.hubspot import linked, objects
from loader.hubspot.linked import PUBLISHED, Kind, Linked
from loader.hubspot.objects import CallElement, Shown
from loader.model.verdict import Failed, Found, ReadVerdict, Unclear, Unsent, Wait

from .asking import Desk

T = TypeVar("T")
#: call to object to record to types
Links = Mapping[str, Mapping[str, Mapping[str, frozenset[Kind]]]]


class Reader:
    """Reads calls by object ID. What changes: the types of association it has met."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._endpoints = desk.client.endpoints
        self._calls = desk.asker()
        self._associations = desk.asker()
        self._listing = asyncio.Lock()
        #: types of association, and the object that each leads to
        self._leads_to = {
            Kind("HUBSPOT_DEFINED", type_id): to for type_id, to in PUBLISHED.items()
        }
        self._listed = False

    async def calls(
        self, object_ids: Sequence[str], properties: Collection[str], *, archived: bool
    ) -> tuple[dict[str, CallElement], set[str]]:
        """Return the calls that are there, and those of which nothing is said."""
        found: dict[str, CallElement] = {}
        url = f"{self._endpoints.calls('read')}?archived={str(archived).lower()}"

        async def ask(asked: Sequence[str]) -> object:
            body = objects.show_body(asked, properties)
            return await self._calls.ask(
                "POST",
                url,
                lambda answer: objects.judge_shown(answer, asked, archived=archived),
                body,
            )

        def take(asked: Sequence[str], verdict: object) -> ReadVerdict:
            if isinstance(verdict, Shown):
                found.update(verdict.calls)
                return Found(dict.fromkeys(asked, ""))
            return open_question(verdict)

        return found, await self._calls.each_answered(object_ids, ask, take)

    async def links(
        self, calls: Mapping[str, Collection[Kind]]
    ) -> tuple[Links, set[str], Mapping[Kind, str]]:
        """Return what calls are associated with, as far as these types lead there.

        And those of which nothing is said, and which object each type leads to.
        """
        leads_to = await self._known(
            {kind for kinds in calls.values() for kind in kinds}
        )
        by_object: defaultdict[str, list[str]] = defaultdict(list)
        for call, kinds in calls.items():
            for to in sorted({leads_to[each] for each in kinds if each in leads_to}):
                by_object[to].append(call)
        found: defaultdict[str, dict[str, Mapping[str, frozenset[Kind]]]]
        found = defaultdict(dict)
        mute: set[str] = set()
        for to, asked in by_object.items():
            for part in parts(asked, linked.MOST_CALLS):
                targets, unsaid = await self._links_to(to, part)
                mute |= unsaid
                for call, records in targets.items():
                    found[call][to] = records
        return found, mute, leads_to

    async def _links_to(
        self, to: str, calls: Sequence[str]
    ) -> tuple[dict[str, dict[str, frozenset[Kind]]], set[str]]:
        """Read the associations with one type of object, page by page."""
        url = self._endpoints.associations(to, "batch/read")
        found: dict[str, dict[str, frozenset[Kind]]] = {}
        after: dict[str, str] = {}

        async def ask(asked: Sequence[str]) -> object:
            return await self._associations.ask(
                "POST",
                url,
                lambda answer: linked.judge_links(answer, asked, to),
                linked.links_body(asked, after),
            )

        def take(asked: Sequence[str], verdict: object) -> ReadVerdict:
            if not isinstance(verdict, Linked):
                return open_question(verdict)
            for call in asked:
                after.pop(call, None)
                found.setdefault(call, {}).update(verdict.targets.get(call, {}))
            after.update(verdict.after)
            return Found(dict.fromkeys(asked, ""))

        mute = await self._associations.each_answered(calls, ask, take)
        for _ in range(linked.MOST_PAGES):
            for call in mute:
                after.pop(call, None)
            if not after:
                break
            mute |= await self._associations.each_answered(list(after), ask, take)
        return found, mute | after.keys()

    async def _known(self, kinds: Collection[Kind]) -> Mapping[Kind, str]:
        """Return which object each type leads to; the portal lists what it defines."""
        async with self._listing:
            if not self._listed and not self._leads_to.keys() >= set(kinds):
                self._listed = True
                for to in PUBLISHED.values():
                    for kind in await self._kinds_to(to):
                        self._leads_to.setdefault(kind, to)
        return self._leads_to

    async def _kinds_to(self, to: str) -> frozenset[Kind]:
        url = self._endpoints.associations(to, "labels")
        while True:
            verdict = await self._associations.ask(
                "GET", url, linked.judge_labels, None
            )
            if isinstance(verdict, frozenset):
                return verdict


def open_question(verdict: Unclear | Failed | Wait | Unsent | object) -> ReadVerdict:
    """Return a verdict that leaves a question open; a halt was raised before."""
    if isinstance(verdict, (Unclear, Failed, Wait, Unsent)):
        return verdict
    return Failed(type(verdict).__name__)


def parts(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Cut a sequence into parts of a size at most."""
    return [values[at : at + size] for at in range(0, len(values), size)]
