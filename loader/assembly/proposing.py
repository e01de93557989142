"""What an undo is about to archive: looked at before anybody is asked.

Every created call is read by its ID. One that is not among the live calls is not
archived. One that somebody changed after it was made is archived unless it is to be
skipped: the load did create it; but the person who confirms has seen how many there
are, and the digest that is confirmed says how each call stood.

One that was there before the load began is not archived, although the ledger has it as
created (see ``beginning``).
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from loader.hubspot.objects import CallElement
from loader.ledger.projection import counts
from loader.ledger.sheaf import Sheaf
from loader.ledger.store import read_begun
from loader.ledger.undoing import forget_spared, spare
from loader.model.proof import Made
from loader.model.undo import SAMPLE, Condition
from loader.pipeline.abreast import all_of
from loader.report.history import read_rows

from .beginning import oldest_own
from .opened import Opened
from .reading import Reader, parts
from .walk import Shown, walk

#: a portal touches a call itself after it was made; later than that it was somebody
TOLERANCE = timedelta(seconds=60)


@dataclass(slots=True)
class Look:
    """How the created calls of one load stand. What changes: it grows by sheaves."""

    digest: str = ""
    conditions: dict[Condition, int] = field(
        default_factory=lambda: dict.fromkeys(Condition, 0)
    )
    #: created calls that are not archived
    left_alone: int = 0
    samples: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    @property
    def created(self) -> int:
        """All of them."""
        return sum(self.conditions.values())

    @property
    def to_archive(self) -> int:
        """Those that will be archived."""
        return self.created - self.left_alone


@dataclass(frozen=True, slots=True)
class _Stand:
    made: Made
    condition: Condition
    updated_at: str = ""


@dataclass(slots=True, kw_only=True)
class Looker:
    """Looks at the created calls of one load."""

    opened: Opened
    reader: Reader
    skip_changed: bool
    show: Shown
    _oldest_own: datetime | None = None

    async def look(self) -> Look:
        """Read every created call, and note which are left alone."""
        writer = self.opened.writer
        await writer.run(forget_spared)
        self._oldest_own = await self._began(await writer.run(read_begun))
        total = (await writer.run(counts)).created
        state = hashlib.blake2b(self._heading(), digest_size=8)
        found = Look()
        steps = walk(writer, self._stands, frontier=0, most=self.reader.desk.sheaf)
        async with contextlib.aclosing(steps):
            async for _, stands in steps:
                alone = [
                    (each.made, each.condition.value)
                    for each in stands
                    if self._is_left_alone(each.condition)
                ]
                await writer.run(partial(spare, made=alone))
                for each in stands:
                    stand = f"{each.made.object_id} {each.condition.value}\n"
                    state.update(stand.encode())
                    _count(found, each)
                found.left_alone += len(alone)
                self.show(found.created, total)
        found.digest = state.hexdigest()
        return found

    def _heading(self) -> bytes:
        identity, mark = self.opened.identity, self.opened.mark
        skips = "changed are skipped" if self.skip_changed else "all"
        words = (identity.portal_id, identity.source_digest, mark.ledger, skips)
        return "\n".join(words).encode() + b"\n"

    def _is_left_alone(self, condition: Condition) -> bool:
        match condition:
            case Condition.UNTOUCHED:
                return False
            case Condition.GONE | Condition.OLDER:
                return True
            case Condition.CHANGED | Condition.UNANSWERED:
                return self.skip_changed

    async def _stands(self, sheaf: Sheaf) -> list[_Stand]:
        batches = parts(sheaf.made, self.reader.desk.batch)
        found = await all_of(self._part(part) for part in batches)
        return [each for part in found for each in part]

    async def _part(self, part: Sequence[Made]) -> list[_Stand]:
        wanted = [each.object_id for each in part]
        trace_property = self.opened.identity.trace_property
        names = (trace_property,) if trace_property is not None else ()
        live: dict[str, CallElement] = {}
        mute: set[str] = set()
        for _ in range(2):  # an answer may leave calls out that are there
            missing = [each for each in wanted if each not in live.keys() | mute]
            found, unsaid = await self.reader.calls(missing, names, archived=False)
            live |= found
            mute |= unsaid
        return [
            _Stand(made, Condition.OLDER)
            if self._is_older(made, live.get(made.object_id))
            else _stand(
                made,
                live.get(made.object_id),
                is_mute=made.object_id in mute,
                trace_property=trace_property,
            )
            for made in part
        ]

    async def _began(self, bound_at: str) -> datetime | None:
        """Return when the load began: a rebuilt ledger was bound later than that."""
        rows = await asyncio.to_thread(read_rows, self.opened.place.history)
        return oldest_own(bound_at, *[each.at for each in rows[:1]])

    def _is_older(self, made: Made, call: CallElement | None) -> bool:
        """Tell whether a call was there before the load began.

        While a ledger is rebuilt, IDs that derive from its source are its own: the
        history of the load, which says when it began, may be lost as well.
        """
        if call is None or self._oldest_own is None:
            return False
        derived = made.trace_id.startswith(f"{self.opened.identity.source_digest}-")
        is_rebuilt = self.opened.mark.rebuilding and derived
        return not is_rebuilt and call.made_before(self._oldest_own)


def _stand(
    made: Made,
    call: CallElement | None,
    *,
    is_mute: bool,
    trace_property: str | None,
) -> _Stand:
    """Say how a call stands, by what the portal shows of it."""
    if call is None:
        return _Stand(made, Condition.UNANSWERED if is_mute else Condition.GONE)
    carried = call.properties.get(trace_property) if trace_property else None
    is_another = bool(carried) and carried != made.trace_id
    if is_another or call.changed_by(TOLERANCE):
        return _Stand(made, Condition.CHANGED, call.updatedAt or "at an unknown time")
    return _Stand(made, Condition.UNTOUCHED)


def _count(found: Look, stand: _Stand) -> None:
    found.conditions[stand.condition] += 1
    if stand.condition is Condition.CHANGED and len(found.samples) < SAMPLE:
        found.samples.append((stand.made.line, stand.updated_at))
