"""The created calls of one load, archived in order, sheaf by sheaf."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from loader.errors import LedgerFailed
from loader.hubspot.objects import Archived, ids_body, judge_archived
from loader.ledger.sheaf import Sheaf
from loader.ledger.undoing import (
    Undo,
    advance_undo,
    archived_after_all,
    refused_after,
    spared_among,
)
from loader.model.proof import Made
from loader.model.verdict import Found, ReadVerdict
from loader.pipeline.abreast import all_of

from .asking import Asker, Desk
from .opened import Opened
from .reading import open_question, parts
from .walk import walk


@dataclass(slots=True)
class Archivist:
    """Archives the created calls of one load, but for those that are left alone."""

    opened: Opened
    desk: Desk
    asker: Asker
    #: an earlier run has come to its end, and left some
    was_over: bool

    async def archive(self, state: Undo) -> AsyncIterator[Undo]:
        """Go on from where the ledger says that it is; give each state it gets to."""
        writer = self.opened.writer
        steps = walk(writer, self._sheaf, frontier=state.frontier, most=self.desk.sheaf)
        async with contextlib.aclosing(steps):
            async for sheaf, (tried, refused) in steps:
                state = msgspec.structs.replace(
                    state,
                    archived=state.archived + tried - len(refused),
                    frontier=sheaf.end,
                )
                await writer.run(partial(advance_undo, undo=state, refused=refused))
                yield state
        if self.was_over:
            async for again in self._again(state):
                state = again
                yield state
        state = msgspec.structs.replace(state, ended_at=self.desk.today())
        await writer.run(partial(advance_undo, undo=state))
        yield state

    async def _again(self, state: Undo) -> AsyncIterator[Undo]:
        """Try what was not proved to be archived when an earlier run ended."""
        writer, line = self.opened.writer, 0
        while rows := await writer.run(partial(refused_after, line=line)):
            line = rows[-1][0]
            ids = [object_id for _, object_id in rows]
            refused = await self._refused(ids)
            done = [line for line, object_id in rows if object_id not in refused]
            state = msgspec.structs.replace(state, archived=state.archived + len(done))
            await writer.run(partial(archived_after_all, undo=state, lines=done))
            yield state

    async def _sheaf(self, sheaf: Sheaf) -> tuple[int, list[Made]]:
        """Archive a sheaf; return how many were to be, and which were refused."""
        try:
            spared: frozenset[int] = await self.opened.writer.run(
                partial(spared_among, made=sheaf.made)
            )
        except LedgerFailed as failure:
            self.desk.pace.stop.fail(failure)  # other sheaves send nothing more
            raise
        wanted = [each for each in sheaf.made if each.line not in spared]
        refused = await self._refused([each.object_id for each in wanted])
        return len(wanted), [each for each in wanted if each.object_id in refused]

    async def _refused(self, object_ids: Sequence[str]) -> set[str]:
        """Archive calls; return those that are not proved to be."""
        batches = parts(object_ids, self.desk.batch)
        return set[str]().union(*await all_of(self._batch(each) for each in batches))

    async def _batch(self, object_ids: Sequence[str]) -> set[str]:
        url = self.desk.client.endpoints.calls("archive")

        async def ask(asked: Sequence[str]) -> object:
            return await self.asker.ask(
                "POST",
                url,
                lambda answer: judge_archived(answer, asked),
                ids_body(asked),
            )

        def take(asked: Sequence[str], verdict: object) -> ReadVerdict:
            if isinstance(verdict, Archived):
                return Found(dict.fromkeys(asked, ""))
            return open_question(verdict)

        return await self.asker.each_answered(object_ids, ask, take)
