"""Mistakes in going on after a crash or a stop: rules 2, 4, 5 and 8."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from msgspec.structs import replace as changed

from loader.assembly import verification
from loader.ledger import recovery
from loader.ledger.journal import Journal
from loader.ledger.recovery import Plan
from loader.model.batch import Batch, Prior
from loader.model.record import CallRecord, Item, Span
from loader.pipeline import stages
from loader.pipeline.delivery import Delivery
from loader.pipeline.group import Group
from loader.pipeline.ports import KnownSpan

from . import checks
from .switch import Swap, Swaps, Way, mistake


@mistake("rule 2: after a crash every armed row is in doubt")
def armed_is_unsent() -> Swaps:
    """A resumed run takes armed records for records that never left."""

    def wrong(self: Delivery, prior: Prior) -> None:
        self.fates.push(Group(tuple(sorted(prior.undecided))))

    return [Swap(Delivery, "_recover", wrong)]


@mistake("rules 2 and 4: an open batch is asked about")
def open_batches_are_skipped() -> Swaps:
    """A resumed run goes over a batch that has a row, whether settled or not."""
    right: Way = recovery.read_plan

    def wrong(
        connection: sqlite3.Connection, *, keyed: bool, resend: bool
    ) -> recovery.Plan:
        plan: Plan = right(connection, keyed=keyed, resend=resend)
        return Plan(tuple(changed(each, recover=False) for each in plan.spans))

    return [Swap(recovery, "read_plan", wrong)]


def _recovering(wrong: Way) -> Swaps:
    """Let ``wrong`` change what the ledger remembers of a batch."""
    right: Way = recovery.recovered

    def recovered(
        connection: sqlite3.Connection, batch: Batch, *, resend: bool
    ) -> Batch:
        joined: Batch = right(connection, batch, resend=resend)
        return replace(joined, prior=wrong(joined))

    return [Swap(recovery, "recovered", recovered)]


@mistake("rule 2: every armed row, not the first alone")
def second_crash_forgets_the_first() -> Swaps:
    """A run that resumes a second time forgets what the first crash left in doubt."""

    def wrong(batch: Batch) -> Prior | None:
        if batch.prior is None or batch.prior.attempt <= 1:
            return batch.prior
        return replace(batch.prior, doubted=frozenset())

    return _recovering(wrong)


@mistake("I7: a settled state never changes")
def settled_is_opened_again() -> Swaps:
    """A resumed run decides anew about all records of an open batch."""

    def wrong(batch: Batch) -> Prior | None:
        if batch.prior is None:
            return None
        everyone = frozenset(range(len(batch.records)))
        return replace(batch.prior, undecided=everyone, doubted=everyone)

    return _recovering(wrong)


@mistake("rule 4: a gap-free prefix")
def gap_is_skipped() -> Swaps:
    """A resumed run goes on behind the last known span; gaps before it stay unread."""

    async def wrong(self: stages._Reader, known: Iterable[KnownSpan]) -> None:
        for each in known:
            if each.span.start > self._position:
                gap = Span(self._position, each.span.start)
                await self._source.skip(gap, each.first_line)
                self._position = each.span.start
            await (self._recover(each) if each.recover else self._skip(each))
        await self._read(None)

    return [Swap(stages._Reader, "run", wrong)]


@mistake("rule 5: resume seeks to the frontier")
def known_is_loaded_again() -> Swaps:
    """A resumed run reads and sends the source from its start."""
    right: Way = stages._Reader.run

    async def wrong(self: stages._Reader, known: Iterable[KnownSpan]) -> None:
        del known
        await right(self, ())

    return [Swap(stages._Reader, "run", wrong)]


@mistake("rule 5, section 2: lines keep their numbers")
def lines_count_from_the_frontier() -> Swaps:
    """After a seek the lines are counted from 1 again."""
    right: Way = recovery.read_plan

    def wrong(
        connection: sqlite3.Connection, *, keyed: bool, resend: bool
    ) -> recovery.Plan:
        plan: Plan = right(connection, keyed=keyed, resend=resend)
        return Plan(tuple(changed(each, end_line=1) for each in plan.spans))

    return [Swap(recovery, "read_plan", wrong)]


@mistake("section 2: found however far away")
def claims_are_forgotten() -> Swaps:
    """Which IDs the source has had is known to one process only."""
    right: Way = Journal.claim
    seen: dict[Journal, set[str]] = {}

    async def wrong(self: Journal, records: Sequence[CallRecord]) -> list[Item]:
        mine = seen.setdefault(self, set())
        items: list[Item] = await right(self, records)
        claimed = [
            item if record.trace_id in mine else record
            for record, item in zip(records, items, strict=True)
        ]
        mine |= {record.trace_id for record in records}
        return claimed

    return [Swap(Journal, "claim", wrong)]


@mistake("rule 5: a source that changed is refused", check=checks.a_changed_source)
def changed_source_is_loaded() -> Swaps:
    """The part already consumed is not checked against its digests."""

    async def wrong(*_: object) -> None:
        return None

    return [Swap(verification, "verify", wrong)]
