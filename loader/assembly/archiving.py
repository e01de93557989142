"""The created calls of one load, archived in order, sheaf by sheaf."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from loader.hubspot.objects import Archived, ids_body, judge_archived
from loader.ledger.sheaf import Sheaf
from loader.ledger.undoing import Undo, advance_undo, spared_among
from loader.model.proof import Made
from loader.model.verdict import Found, ReadVerdict
from loader.pipeline.abreast import all_of

from .asking import BATCH, Asker, Desk
from .opened import Opened, now
from .reading import open_question, parts
from .walk import walk


@dataclass(slots=True)
class Archivist:
    """Archives the created calls of one load, but for those that are left alone."""

    opened: Opened
    desk: Desk
    asker: Asker

    async def archive(self, state: Undo) -> AsyncIterator[Undo]:
        """Go on from where the ledger says that it is; give each state it gets to."""
        writer = self.opened.writer
        steps = walk(writer, self._sheaf, frontier=state.frontier)
        async with contextlib.aclosing(steps):
            async for sheaf, (tried, refused) in steps:
                state = msgspec.structs.replace(
                    state,
                    archived=state.archived + tried - len(refused),
                    frontier=sheaf.end,
                )
                await writer.run(partial(advance_undo, undo=state, refused=refused))
                yield state
        state = msgspec.structs.replace(state, ended_at=now())
        await writer.run(partial(advance_undo, undo=state))
        yield state

    async def _sheaf(self, sheaf: Sheaf) -> tuple[int, list[Made]]:
        """Archive a sheaf; return how many were to be, and which were refused."""
        spared: frozenset[int] = await self.opened.writer.run(
            partial(spared_among, made=sheaf.made)
        )
        wanted = [each for each in sheaf.made if each.line not in spared]
        ids = [each.object_id for each in wanted]
        refused = set[str]().union(
            *await all_of(self._batch(part) for part in parts(ids, BATCH))
        )
        return len(wanted), [each for each in wanted if each.object_id in refused]

    async def _batch(self, object_ids: Sequence[str]) -> set[str]:
        url = self.desk.client.endpoints.calls("archive")

        async def ask(asked: Sequence[str]) -> ReadVerdict:
            verdict = await self.asker.ask(
                "POST",
                url,
                lambda answer: judge_archived(answer, asked),
                ids_body(asked),
            )
            if isinstance(verdict, Archived):
                return Found(dict.fromkeys(asked, ""))
            return open_question(verdict)

        return await self.asker.each_answered(object_ids, ask)
