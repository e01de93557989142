"""Takes one batch to the portal and brings its outcomes back.

The awaiting half of ``delivery``: it gets a turn from the limiter, arms, sends, asks,
and tells limiter and health what came back. It decides nothing about records.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loader.model.batch import Batch, Prior
from loader.model.outcome import Settlement
from loader.model.record import CallRecord
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    Failed,
    Found,
    Halt,
    HaltReason,
    Oversized,
    Proof,
    ReadVerdict,
    Refusal,
    Reply,
    Unclear,
    Unsent,
    Wait,
)
from loader.telemetry import get_logger

from .backoff import full_jitter
from .delivery import Delivery
from .gate import Flight, Gate, sign_of
from .group import Ask, Policy, Send
from .health import Health
from .inquiry import Inquiry
from .ports import Journal, Portal
from .progress import Progress
from .stop import Stop

log = get_logger()


@dataclass(frozen=True, slots=True)
class Doubts:
    """What this run does about records in doubt."""

    policy: Policy
    trace_property: str | None
    #: another ledger, lost or not, may have sent a record: it is asked for before
    ask_first: bool = False


class Courier:
    """Delivers batches, one call each; shared by all workers."""

    def __init__(
        self,
        *,
        portal: Portal,
        journal: Journal,
        gate: Gate,
        creates: Health,
        reads: Health,
        stop: Stop,
        progress: Progress,
        doubts: Doubts,
        chance: random.Random,
        explain_halt: Callable[[Halt], str] = lambda halt: halt.message,
    ) -> None:
        self._portal = portal
        self._journal = journal
        self.gate = gate
        self._limiter = gate.limiter
        self._creates = creates
        self._reads = reads
        self._stop = stop
        self._progress = progress
        self._doubts = doubts
        self._chance = chance
        self._explain_halt = explain_halt
        self._deliveries = 0

    async def deliver(self, batch: Batch) -> Settlement | None:
        """Work on a batch until each record has an outcome, or the run stops.

        Returns None when nothing of the batch was ever armed: it stays unread.

        Raises:
            LedgerFailed: a row could not be made durable; nothing was sent after it.
        """
        if not batch.records:
            return Settlement(batch.span.start, {}, frozenset(), closed=True)
        prior = batch.prior
        if prior is None and self._doubts.ask_first:
            prior = await self._armed_unsent(batch)
        delivery = Delivery(
            batch.span.start,
            len(batch.records),
            policy=self._doubts.policy,
            trace_property=self._doubts.trace_property,
            prior=prior,
            ours=batch.derived,
        )
        self._deliveries += 1
        try:
            armed = await self._deliver(batch, delivery)
        finally:
            self._deliveries -= 1
        return None if prior is None and not armed else delivery.fates.take_settlement()

    async def _deliver(self, batch: Batch, delivery: Delivery) -> bool:
        """Take step after step; tell whether anything was armed."""
        prior = batch.prior
        attempt = first = prior.attempt if prior is not None else 0
        while (step := delivery.step()) is not None and not self._stop.is_set:
            # what is known is settled before anything is waited for, and an arm must
            # not forget that it was sent
            await self._settle_news(batch, delivery)
            match step:
                case Send():
                    attempt = await self._send(batch, delivery, step, attempt)
                case Ask(positions):
                    await self._ask(batch, delivery, positions)
        return attempt > first

    async def _send(
        self, batch: Batch, delivery: Delivery, step: Send, attempt: int
    ) -> int:
        """Turn, arm, send; return the number of the last attempt armed."""
        failures = max(delivery.strikes, self._creates.failures)
        await self._stop.rest(full_jitter(failures, self._chance))
        records = [batch.records[position] for position in step.positions]
        async with self._creates.passage(self._stop), self.gate.flight() as flight:
            if flight is None:
                return attempt
            await self._journal.arm(
                batch,
                attempt=attempt + 1,
                doubted=delivery.fates.doubted.union(step.positions),
                payload=_payload_digest(batch, records),
            )
            if self._stop.failure is not None:
                return attempt + 1  # the ledger may have failed since: nothing leaves
            self._progress.requests += 1
            self._progress.retried += len(records) if step.again else 0
            self.gate.left(flight, self.gate.now())
            reply = await self._portal.create(records)
            self._heed(reply, self._creates, flight, batch)
        delivery.answered(
            reply.verdict,
            accepted=self._creates.accepted,
            alone=self._deliveries == 1,
        )
        return attempt + 1

    async def _armed_unsent(self, batch: Batch) -> Prior:
        """Record a batch that another ledger may have sent, as if left by a crash."""
        every = frozenset(range(len(batch.records)))
        await self._journal.arm(batch, attempt=0, doubted=every, payload=b"")
        return Prior(attempt=0, undecided=every, doubted=every, keyed=True)

    async def _settle_news(self, batch: Batch, delivery: Delivery) -> None:
        """Settle what is known so far."""
        if delivery.fates.has_news:
            settlement = delivery.fates.take_settlement()
            await self._journal.settle(batch, settlement)
            self._progress.settle(batch, settlement)

    async def _ask(
        self, batch: Batch, delivery: Delivery, positions: tuple[int, ...]
    ) -> None:
        """Look for live records, then for archived ones among those not found."""
        wanted = {batch.records[position].trace_id: position for position in positions}
        found: dict[str, str] = {}
        older, mute = set[str](), set[str]()
        for archived in (False, True):
            missing = [each for each in wanted if each not in mute.union(found)]
            inquiry = Inquiry(missing)
            if not await self._inquire(batch, inquiry, archived=archived):
                return  # still in doubt: left to the next run
            found |= inquiry.found
            older |= inquiry.older
            mute |= inquiry.mute
            if archived and inquiry.found:
                # deleted since, or the record's predecessor in a load that was undone
                event = log.bind(line=batch.first_line, records=len(inquiry.found))
                event.warning("delivery.archived", reason="found archived")
        self._progress.retried += len(positions)
        delivery.found(
            {wanted[each]: found[each] for each in found},
            older=frozenset(wanted[each] for each in older),
            mute=frozenset(wanted[each] for each in mute),
            accepted=self._creates.accepted,
            alone=self._deliveries == 1,
        )

    async def _inquire(self, batch: Batch, inquiry: Inquiry, *, archived: bool) -> bool:
        """Ask until each record has its answer; False when the run stops first."""
        while asked := inquiry.question():
            verdict = await self._read(batch, asked, archived=archived)
            if verdict is None:
                return False
            inquiry.answered(
                verdict, heard=self._reads.accepted, alone=self._deliveries == 1
            )
        return True

    async def _read(
        self, batch: Batch, trace_ids: Sequence[str], *, archived: bool
    ) -> ReadVerdict | None:
        """Send one read; None when the run stops instead."""
        async with self._reads.passage(self._stop):
            await self._stop.rest(self._reads.backoff())
            async with self.gate.flight() as flight:
                if flight is None:
                    return None
                self._progress.requests += 1
                self.gate.left(flight, self.gate.now())
                reply = await self._portal.read(trace_ids, archived=archived)
                self._heed(reply, self._reads, flight, batch)
        return reply.verdict

    def _heed(
        self,
        reply: Reply[CreateVerdict] | Reply[ReadVerdict],
        health: Health,
        flight: Flight,
        batch: Batch,
    ) -> None:
        """Tell gate, limiter and health; stop the run when it gets nowhere."""
        verdict = reply.verdict
        self.gate.answered(flight, reply.allowance, reply.left_at)
        flight.sign = sign_of(verdict, explained=self._limiter.explains())
        event = log.bind(line=batch.first_line, records=len(batch.records))
        match verdict:
            case Proof(items) if items and not verdict.settles:
                # it could do nothing now, of nothing that it was asked
                health.failed()
                event.warning("delivery.doubted", reason="every record failed for now")
            case Proof() | Refusal() | Oversized() | Found() | Unclear():
                health.succeeded()
                self._limiter.accepted()
            case Wait(reason, retry_after_s):
                self._progress.throttled += 1
                health.waited()
                pause = self._limiter.throttled(flight.turn_at, retry_after_s)
                event.warning(
                    "delivery.throttled", reason=reason, pause_s=round(pause, 2)
                )
            case Unsent(reason):
                health.failed()
                event.warning("delivery.unsent", reason=reason)
            case Doubt(reason, at_least_s) | Failed(reason, at_least_s):
                health.failed()
                self._limiter.hold_off(at_least_s)
                event.warning("delivery.doubted", reason=reason)
            case Halt():
                pass
        if isinstance(verdict, Doubt) and verdict.alarm:
            event.error("delivery.alarmed", reason=verdict.reason)
        halt = verdict.halt if isinstance(verdict, Doubt) else verdict
        if isinstance(halt, Halt) and not self._waits_out(halt):
            event.error("delivery.halted", reason=halt.reason.value)
            self._stop.halt(self._explain_halt(halt))
        if health.is_exhausted:
            self._stop.halt(self._explain_halt(_unreachable(verdict)))

    def _waits_out(self, halt: Halt) -> bool:
        """A used-up day is over at midnight, for a load that may wait for it."""
        if halt.reason is not HaltReason.DAILY_LIMIT:
            return False
        self._progress.throttled += 1
        return self._limiter.barrier.waits_for_tomorrow()


def _unreachable(verdict: CreateVerdict | ReadVerdict) -> Halt:
    reason = getattr(verdict, "reason", type(verdict).__name__)
    return Halt(
        HaltReason.UNREACHABLE,
        f"the portal has accepted nothing for too long (last: {reason})",
    )


def _payload_digest(batch: Batch, records: list[CallRecord]) -> bytes:
    """Name what is about to be sent (blake2b-64).

    Which records, by their IDs, of which span, by the digest of its bytes: a content
    is a function of its line, so to hash it again would say nothing more.
    """
    names = "\0".join([record.trace_id for record in records])
    return hashlib.blake2b(batch.digest + names.encode(), digest_size=8).digest()
