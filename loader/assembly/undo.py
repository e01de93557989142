"""``undo``: archives exactly what a load created, and nothing else.

::

    ledger ──created──> looked at on the portal ──> proposal, digest ──> a person: yes
                                                                             │
    portal <──batch/archive, 100 calls── ledger: mark, frontier <────────────┘

Decisions

* *By object ID, from the ledger's created records*; never by search, and never what was
  existing, rejected or in doubt.
* *The mark is durable before the first call is archived*, in the ledger and its seal:
  from then on no run sends anything, and no rebuild takes archived calls for loaded
  ones.
* *Archiving is repeated until it is proved*: it is idempotent, so an answer that was
  lost costs a request, not a doubt.
* *What is confirmed is a digest of the set and of how each call stood*: where somebody
  changes one more in between, another digest is asked for.
* *A sheaf of a thousand records is the unit*, as for ``verify``.
"""

import hashlib
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from loader import telemetry
from loader.errors import Stopped
from loader.hubspot.objects import ids_body
from loader.hubspot.refusal import judge_common
from loader.ledger.projection import Counts, counts
from loader.ledger.seal import first_reseal
from loader.ledger.undoing import (
    REFUSED,
    Undo,
    begin_undo,
    count_spared,
    read_undo,
)
from loader.model.settings import Settings, checked
from loader.model.undo import SAMPLE, Condition, Proposal, Undone
from loader.pipeline.stop import Stop
from loader.source.files import readable

from .archiving import Archivist
from .asking import Desk, opened_desk
from .family import head_of
from .opened import Opened, known_place, opened_loads
from .proposing import Look, Looker
from .reading import Reader
from .walk import Shown

log = telemetry.get_logger()

#: asks a person, or compares a digest; what it raises ends the undo untouched
Confirm = Callable[[Proposal], Coroutine[Any, Any, bool]]


@dataclass(slots=True)
class _Part:
    """One load of those that are undone together. What changes: how far it is."""

    opened: Opened
    counts: Counts
    undo: Undo | None
    look: Look = field(default_factory=Look)

    @property
    def digest(self) -> str:
        """What is, or was, confirmed of this load."""
        return self.undo.digest if self.undo is not None else self.look.digest

    @property
    def to_archive(self) -> int:
        """How many calls of it are archived in the end."""
        return self.undo.calls if self.undo is not None else self.look.to_archive

    @property
    def archived(self) -> int:
        """How many are."""
        return self.undo.archived if self.undo is not None else 0

    @property
    def is_done(self) -> bool:
        """An earlier run has archived all that was confirmed."""
        return self.undo is not None and self.undo.is_done


async def undo(
    source: str,
    *,
    settings: Settings,
    load_dir: str | os.PathLike[str] | None,
    token: str | None,
    sandbox: bool,
    stop: Stop,
    show: Shown,
    confirm: Confirm,
    skip_changed: bool = False,
) -> Undone | None:
    """Archive what a load and its corrections created; go on where it was cut off.

    Returns:
        what was done; None when it was not confirmed.

    Raises:
        UsageError: there is no such load, or nothing was confirmed.
        Refused: the load is owned, damaged, of another portal, or what was confirmed
            is not what would be archived.
        Stopped: the portal will not answer, or somebody asked to stop; resumable.
    """
    checked(settings)
    place = known_place(source, load_dir)
    async with (
        opened_loads(Path(source), place) as loads,
        opened_desk(
            settings,
            stop,
            token=token,
            sandbox=head_of(place) if sandbox else None,
        ) as desk,
    ):
        undoing = Undoing(readable(source), desk, show)
        return await undoing.run(loads, confirm, skip_changed=skip_changed)


@dataclass(slots=True)
class Undoing:
    """One load and its corrections, on their way back. What changes: the parts."""

    source: str
    desk: Desk
    show: Shown
    parts: list[_Part] = field(default_factory=list[_Part])

    @property
    def is_done(self) -> bool:
        """Nothing is left to archive."""
        return all(part.is_done for part in self.parts)

    @property
    def digest(self) -> str:
        """Name all that is confirmed together."""
        digests = [part.digest for part in self.parts]
        if len(digests) == 1:
            return digests[0]
        return hashlib.blake2b("".join(digests).encode(), digest_size=8).hexdigest()

    async def run(
        self, loads: Sequence[Opened], confirm: Confirm, *, skip_changed: bool
    ) -> Undone | None:
        """Look, ask, archive; return what was done, None when it was not confirmed."""
        for each in loads:
            each.check_portal(self.desk.portal_id)
        await self.look_at(loads, skip_changed=skip_changed)
        if not self.is_done:
            stop = self.desk.pace.stop
            agreed = await stop.unless(confirm(self.proposal()))
            if agreed is None:
                raise Stopped(stop.reason or "interrupted")
            if not agreed:
                return None
            await self.check_allowed()
            await self.begin()
            await self.archive()
        return await self.report()

    async def look_at(self, loads: Sequence[Opened], *, skip_changed: bool) -> None:
        """Find out how the created calls stand, unless that was confirmed before."""
        reader = Reader(self.desk)
        for opened in loads:
            known = await opened.writer.run(counts)
            part = _Part(opened, known, await opened.writer.run(read_undo))
            if part.undo is None:
                looker = Looker(
                    opened=opened,
                    reader=reader,
                    skip_changed=skip_changed,
                    show=self.show,
                )
                part.look = await looker.look()
            self.parts.append(part)

    def proposal(self) -> Proposal:
        """Return what a person is to confirm."""
        fresh = [part.look for part in self.parts if part.undo is None]
        stand = {
            each: sum(look.conditions[each] for look in fresh) for each in Condition
        }
        alone = sum(look.left_alone for look in fresh)
        skipped = alone - stand[Condition.GONE] - stand[Condition.OLDER]
        skips = bool(skipped)
        return Proposal(
            source=self.source,
            portal_id=self.desk.portal_id,
            digest=self.digest,
            created=sum(part.counts.created for part in self.parts),
            to_archive=sum(part.to_archive for part in self.parts),
            archived=sum(part.archived for part in self.parts),
            changed=0 if skips else stand[Condition.CHANGED],
            unanswered=0 if skips else stand[Condition.UNANSWERED],
            gone=stand[Condition.GONE],
            older=stand[Condition.OLDER],
            skipped=skipped,
            in_doubt=sum(part.counts.in_doubt for part in self.parts),
            existing=sum(part.counts.existing for part in self.parts),
            samples=tuple(each for look in fresh for each in look.samples)[:SAMPLE],
        )

    async def check_allowed(self) -> None:
        """Ask to archive nothing: a token that may not is told before it is closed.

        Any answer but a refusal of the token, or of the endpoint, says nothing.

        Raises:
            Stopped: the portal will not have it; the load is as it was.
        """
        url = self.desk.client.endpoints.calls("archive")
        await self.desk.asker().ask("POST", url, judge_common, ids_body(()))

    async def begin(self) -> None:
        """Make what was confirmed durable, before anything is archived."""
        for part in self.parts:
            if part.undo is None:
                part.undo = Undo(self.desk.today(), None, part.digest, part.to_archive)
                writer = part.opened.writer
                await writer.run(partial(begin_undo, undo=part.undo))
            if not part.is_done:  # an earlier run may have got only to the row
                await first_reseal(part.opened.writer, part.opened.place.seal)
        log.info("undo.started", digest=self.digest, calls=self.proposal().to_archive)

    async def archive(self) -> None:
        """Archive what is left of each load."""
        asker = self.desk.asker()
        total = sum(part.to_archive for part in self.parts)
        for part in self.parts:
            if part.undo is None or part.is_done:
                continue
            before = sum(each.archived for each in self.parts) - part.archived
            was_over = part.undo.ended_at is not None
            archivist = Archivist(part.opened, self.desk, asker, was_over=was_over)
            async for state in archivist.archive(part.undo):
                part.undo = state
                self.show(before + state.archived, total)

    async def report(self) -> Undone:
        """Add up what was done."""
        alone: dict[str, int] = {}
        for part in self.parts:
            spared: dict[str, int] = await part.opened.writer.run(count_spared)
            for reason, number in spared.items():
                alone[reason] = alone.get(reason, 0) + number
        undone = Undone(
            source=self.source,
            portal_id=self.desk.portal_id,
            digest=self.digest,
            to_archive=sum(part.to_archive for part in self.parts),
            archived=sum(part.archived for part in self.parts),
            refused=alone.pop(REFUSED, 0),
            left_alone=alone,
            requests=self.desk.cost.requests,
        )
        log.info("undo.ended", archived=undone.archived, refused=undone.refused)
        return undone
