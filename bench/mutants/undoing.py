"""Mistakes in taking a load back: U1 to U6 of the simulation."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from loader.assembly import opening
from loader.assembly.archiving import Archivist
from loader.assembly.asking import Asker
from loader.assembly.proposing import Looker
from loader.assembly.undo import Undoing
from loader.hubspot import objects
from loader.hubspot.objects import Archived
from loader.hubspot.raw import RawAnswer
from loader.ledger import projection, sheaf, undoing
from loader.ledger.sheaf import Sheaf
from loader.ledger.undoing import Undo
from loader.model.outcome import State
from loader.model.proof import Made
from loader.model.undo import Condition
from loader.pipeline.inquiry import Inquiry

from .switch import Swap, Swaps, Way, mistake


@mistake("U2: nothing is taken back when somebody says no")
def no_is_taken_for_yes() -> Swaps:
    """Undo asks, and goes on whatever it is told."""
    right: Way = Undoing.run

    async def wrong(
        self: Undoing, loads: Sequence[object], confirm: Way, *, skip_changed: bool
    ) -> object:
        async def yes(proposal: object) -> bool:
            await confirm(proposal)
            return True

        return await right(self, loads, yes, skip_changed=skip_changed)

    return [Swap(Undoing, "run", wrong)]


@mistake("U1: only what the load created")
def existing_is_undone() -> Swaps:
    """Undo archives what was on the portal before, too."""
    right: Way = sheaf.read_sheaf

    def wrong(connection: sqlite3.Connection, frontier: int, most: int) -> Sheaf | None:
        found: Sheaf | None = right(connection, frontier, most)
        if found is None:
            return None
        start, end = found.spans[0].span.start, found.end
        more = [
            Made(each.line, each.offset, each.trace_id or "", each.object_id)
            for each in projection.results(connection)
            if each.state is State.EXISTING and each.object_id
            if start <= each.offset < end
        ]
        made = sorted((*found.made, *more), key=lambda each: each.line)
        return Sheaf(found.spans, tuple(made))

    return [Swap(sheaf, "read_sheaf", wrong)]


@mistake("U2: what changed is left alone where that was asked for")
def changed_is_undone() -> Swaps:
    """Undo takes no notice of ``--skip-changed``."""

    def wrong(self: Looker, condition: Condition) -> bool:
        del self
        return condition in (Condition.GONE, Condition.OLDER)

    return [Swap(Looker, "_is_left_alone", wrong)]


@mistake("U2: what changed is left alone where that was asked for")
def spared_is_forgotten() -> Swaps:
    """Undo archives what it found to be left alone."""
    return [Swap(undoing, "spared_among", lambda *_, **__: frozenset())]


@mistake("U3: closed before the first call is archived")
def undo_is_not_marked() -> Swaps:
    """Undo archives before its ledger says so."""

    async def wrong(self: Undoing) -> None:
        for part in self.parts:
            if part.undo is None:
                today = self.desk.today()
                part.undo = Undo(today, None, part.digest, part.to_archive)

    return [Swap(Undoing, "begin", wrong)]


@mistake("U3: closed before the first call is archived")
def undo_is_not_sealed() -> Swaps:
    """The seal does not learn that the load is closed."""

    async def wrong(self: Undoing) -> None:
        for part in self.parts:
            if part.undo is None:
                today = self.desk.today()
                part.undo = begun = Undo(today, None, part.digest, part.to_archive)
                await part.opened.writer.run(partial(undoing.begin_undo, undo=begun))

    return [Swap(Undoing, "begin", wrong)]


@mistake("U4: nothing is sent for a load that was taken back")
def undone_is_run_again() -> Swaps:
    """A run does not look whether its load was taken back."""
    return [Swap(opening, "check_not_undone", lambda *_: None)]


@mistake("U5: archived is what a 204 says")
def any_answer_is_archived() -> Swaps:
    """Undo takes every 2xx for an answer that says that all are archived."""
    right: Way = objects.judge_archived

    def wrong(answer: RawAnswer, object_ids: Sequence[str]) -> object:
        is_fine = answer.status // 100 == 2  # noqa: PLR2004 - HTTP
        return Archived() if is_fine else right(answer, object_ids)

    return [Swap(objects, "judge_archived", wrong)]


@mistake("U5: an answer that was lost proves nothing")
def lost_is_archived() -> Swaps:
    """Undo takes a request without an answer for one that was applied."""

    async def wrong(self: Archivist, object_ids: Sequence[str]) -> set[str]:
        url = self.desk.client.endpoints.calls("archive")
        body = objects.ids_body(object_ids)
        await self.asker.ask(
            "POST", url, lambda answer: objects.judge_archived(answer, object_ids), body
        )
        return set()

    return [Swap(Archivist, "_batch", wrong)]


@mistake("U5: recorded after it is done")
def archived_before_it_is() -> Swaps:
    """Undo records a sheaf as archived, and then archives it."""

    async def wrong(self: Archivist, state: Undo) -> AsyncIterator[Undo]:
        writer, most = self.opened.writer, self.desk.sheaf
        read = partial(sheaf.read_sheaf, most=most)
        while found := await writer.run(partial(read, frontier=state.frontier)):
            spared = await writer.run(partial(undoing.spared_among, made=found.made))
            wanted = [e.object_id for e in found.made if e.line not in spared]
            archived = state.archived + len(wanted)
            state = replace(state, archived=archived, frontier=found.end)
            await writer.run(partial(undoing.advance_undo, undo=state))
            await self._refused(wanted)
            yield state
        state = replace(state, ended_at=self.desk.today())
        await writer.run(partial(undoing.advance_undo, undo=state))
        yield state

    return [Swap(Archivist, "archive", wrong)]


@mistake("U5: what was refused is not archived")
def refused_is_forgotten() -> Swaps:
    """Undo does not note what the portal would not archive."""
    right: Way = undoing.advance_undo

    def wrong(
        connection: sqlite3.Connection, undo: Undo, refused: Iterable[Made] = ()
    ) -> None:
        del refused
        right(connection, undo)

    return [Swap(undoing, "advance_undo", wrong)]


@mistake("U6: what an answer left out is not gone")
def left_out_is_gone() -> Swaps:
    """Undo looks once, and takes a call that an answer left out for gone."""

    async def wrong(self: Looker, part: Sequence[Made]) -> list[object]:
        reader = self.reader
        calls: Way = reader.calls
        asked: set[str] = set()

        async def once(ids: Sequence[str], *more: object, **named: object) -> object:
            fresh = [each for each in ids if each not in asked]
            asked.update(ids)
            return await calls(fresh, *more, **named) if fresh else ({}, set())

        looker = Looker(
            opened=self.opened,
            reader=_Once(reader, once),  # type: ignore[arg-type]
            skip_changed=self.skip_changed,
            show=self.show,
        )
        looker._oldest_own = self._oldest_own
        stands: list[object] = list(await right(looker, part))
        return stands

    right: Way = Looker._part
    return [Swap(Looker, "_part", wrong)]


class _Once:
    """A reader that is asked once."""

    def __init__(self, reader: object, calls: Way) -> None:
        self.desk = getattr(reader, "desk", None)
        self.calls = calls


@mistake("U6: it comes to its end")
def nobody_is_asked_beside() -> Swaps:
    """A call that gets no answer is asked for until patience ends."""

    async def wrong(
        self: Asker, object_ids: Sequence[str], ask: Way, take: Way
    ) -> set[str]:
        inquiry = Inquiry(object_ids)
        while asked := inquiry.question():
            verdict = take(asked, await ask(asked))
            inquiry.answered(verdict, heard=self._health.accepted, alone=False)
        return inquiry.mute

    return [Swap(Asker, "each_answered", wrong)]
