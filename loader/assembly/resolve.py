"""``resolve``: a person's word about records held in doubt.

::

    ledgers ──held records──> search the portal ──candidates──> a person
       ^                                                           │
       └── it is this call: created ·  not there: open again <─────┘

Each word is durable before the next question, so a walk may end anywhere and go on
later. Nothing in doubt is sent again without such a word; what is found by search
exists, what is not found may exist all the same.

Decisions

* *A call is known by its object ID, read back from the portal*, and one call is one
  record of the load and its corrections: an ID that another record has is refused.
* *Not there* leaves the record as if it had never been sent; the next run sends it.
* *Search at four requests a second*: the account has five, and others may search too.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from loader import telemetry
from loader.errors import LedgerFailed, UsageError
from loader.hubspot.comparison import USUAL_TYPES, Content, differing_properties
from loader.hubspot.comparison import read_content as read
from loader.hubspot.objects import CallElement
from loader.hubspot.search import judge_search, moments, search_body
from loader.ledger.resolution import (
    Held,
    count_held,
    holders,
    next_held,
    release_held,
    settle_held,
)
from loader.ledger.seal import read_seal, reseal
from loader.model.doubt import (
    Candidate,
    Doubt,
    ItIs,
    Quit,
    Resolution,
    SendAgain,
    Skip,
    Word,
)
from loader.model.record import CallRecord
from loader.model.settings import Place, Settings, checked
from loader.pipeline.stop import Stop
from loader.source.decode import DecodeOptions, Decoder

from .asking import Asker, Desk, opened_desk
from .family import head_of
from .opened import Opened, known_place, opened_loads
from .opening import check_not_undone
from .reading import Reader
from .renew import renew_files

log = telemetry.get_logger()

#: of the account's five searches a second
SEARCH_RATE = "4/1s"
#: candidates that are shown, the likeliest first
SHOWN = 5

#: takes a doubt, and how many are left with it; returns what the person says
Decide = Callable[[Doubt, int], Word]


async def resolve(
    source: str,
    *,
    settings: Settings,
    load_dir: str | os.PathLike[str] | None,
    token: str | None,
    sandbox: bool,
    stop: Stop,
    decide: Decide,
    searches: bool = True,
) -> Resolution:
    """Ask about each record in doubt of a load and its corrections, and do as told.

    Without ``searches`` no candidates are looked for: who decides knows them.

    Raises:
        UsageError: there is no such load, or an answer cannot be taken.
        Refused: the load is owned, damaged, or of another portal.
        Stopped: the portal will not answer, or somebody asked to stop.
    """
    settings = msgspec.structs.replace(checked(settings), rate=SEARCH_RATE)
    path, place = _head(source, known_place(source, load_dir))
    try:
        async with (
            opened_loads(path, place) as loads,
            opened_desk(
                settings, stop, token=token, sandbox=place if sandbox else None
            ) as desk,
        ):
            for each in loads:
                check_not_undone(each.mark, each.place.folder)
            walk = Walk(loads, desk, decide, searches=searches)
            await walk.run()
            return await walk.resolution()
    finally:
        renew_files(place)


def _head(source: str, place: Place) -> tuple[Path, Place]:
    """Return the source and the folder of the first load."""
    first = head_of(place)
    if first == place:
        return Path(source), place
    seal = read_seal(first.seal)
    return Path(seal.identity.source_name if seal is not None else source), first


@dataclass(slots=True)
class Walk:
    """A walk through the doubts. What changes: what was said so far."""

    loads: list[Opened]
    desk: Desk
    decide: Decide
    searches: bool = field(kw_only=True)
    settled: int = 0
    released: int = 0
    to_run: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        """Ask about each record, load after load."""
        self.loads[0].check_portal(self.desk.portal_id)
        left = await self._left()
        asker = self.desk.asker()
        for opened in self.loads:
            line = 0
            while held := await opened.writer.run(partial(next_held, after=line)):
                line = held.line
                doubt = await self._doubt(opened, held, asker)
                word = self.decide(doubt, left)
                if isinstance(word, Quit):
                    return
                await self._do(opened, doubt, word)
                left -= 1

    async def resolution(self) -> Resolution:
        """Say what came of it."""
        return Resolution(
            settled=self.settled,
            released=self.released,
            left=await self._left(),
            to_run=tuple(dict.fromkeys(self.to_run)),
        )

    async def _left(self) -> int:
        return sum([await each.writer.run(count_held) for each in self.loads])

    async def _doubt(self, opened: Opened, held: Held, asker: Asker) -> Doubt:
        properties = _content_of(opened, held).properties
        doubt = Doubt(
            load=str(opened.place.folder.absolute()),
            line=held.line,
            offset=held.offset,
            trace_id=held.trace_id,
            message=held.message,
            properties=properties,
        )
        if not self.searches:
            return doubt
        found = await self._search(asker, properties)
        taken = await self._holders(found)
        candidates = [
            _candidate(call, properties)
            for object_id, call in found.items()
            if object_id not in taken
        ]
        candidates.sort(key=lambda each: (-each.equal, len(each.different), each.id))
        return msgspec.structs.replace(doubt, candidates=tuple(candidates[:SHOWN]))

    async def _search(
        self, asker: Asker, properties: Mapping[str, str]
    ) -> dict[str, CallElement]:
        """Look for calls of the record's moment, in each form until one is found."""
        url = self.desk.client.endpoints.search()
        for moment in moments(properties["hs_timestamp"]):
            body = search_body(moment, properties)
            while True:
                found = await asker.ask("POST", url, judge_search, body)
                if isinstance(found, (list, tuple)):
                    break
            if found:
                return {str(each.id): each for each in found}
        return {}

    async def _holders(self, object_ids: Mapping[str, object]) -> dict[str, int]:
        """Return which of these calls are other records of the load, by line."""
        taken: dict[str, int] = {}
        if object_ids:
            for each in self.loads:
                taken |= await each.writer.run(
                    lambda connection: holders(connection, object_ids.keys())
                )
        return taken

    async def _do(self, opened: Opened, doubt: Doubt, word: Word) -> None:
        """Make a word durable."""
        match word:
            case ItIs(object_id):
                await self._check(doubt, object_id)
                done = await opened.writer.run(
                    lambda connection: settle_held(connection, doubt.line, object_id)
                )
                self.settled += done
            case SendAgain():
                done = await opened.writer.run(
                    lambda connection: release_held(connection, doubt.line)
                )
                self.released += done
                self.to_run.append(str(opened.source))
            case Skip() | Quit():
                return
        log.info("doubt.resolved", line=doubt.line, decision=type(word).__name__)
        try:
            await reseal(opened.writer, opened.place.seal)
        except OSError as error:
            raise LedgerFailed(
                f"{opened.place.seal} could not be written ({error.strerror}); this "
                "decision is on disk; free the disk and run the same command again"
            ) from error

    async def _check(self, doubt: Doubt, object_id: str) -> None:
        """Refuse a call that is another record's, or that the portal does not have."""
        where = f"line {doubt.line}: the call {object_id}"
        taken = await self._holders({object_id: None})
        if taken:
            raise UsageError(
                f"{where} is that of line {taken[object_id]} already, and cannot be "
                "two records; choose another, or skip this one"
            )
        reader = Reader(self.desk)
        for archived in (False, True):
            found, _ = await reader.calls([object_id], (), archived=archived)
            if found:
                return
        raise UsageError(
            f"{where} is not on the portal; give the ID of a call that is there, or "
            "skip this one"
        )


def _content_of(opened: Opened, held: Held) -> Content:
    """Read what was sent of a record out of its line."""
    identity = opened.identity
    options = DecodeOptions(
        key=identity.key_property, max_line_bytes=max(len(held.raw), 1)
    )
    decoder = Decoder(identity.source_digest, options)
    item = decoder.decode(held.raw, line=held.line, offset=held.offset)
    if isinstance(item, CallRecord):
        return read(item.content)
    return Content({"hs_timestamp": ""})  # it was sent, so this cannot be


def _candidate(call: CallElement, sent: Mapping[str, str]) -> Candidate:
    different = tuple(
        each.name for each in differing_properties(sent, call.properties, USUAL_TYPES)
    )
    shown = {
        name: str(value)
        for name in sent
        if (value := call.properties.get(name)) is not None
    }
    return Candidate(
        id=str(call.id),
        equal=len(sent) - len(different),
        different=different,
        properties=shown,
        created_at=call.createdAt,
    )
