"""Takes one batch to the portal and brings its outcomes back.

The awaiting half of ``delivery``: it gets a turn from the limiter, arms, sends, asks,
and tells limiter and health what came back. It decides nothing about records.
"""

import hashlib
import random
from collections.abc import Callable
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
    Unclear,
    Unsent,
    Wait,
)
from loader.telemetry import get_logger

from .backoff import full_jitter
from .delivery import Delivery
from .group import Ask, Policy, Send
from .health import Health
from .limiter import Limiter
from .ports import Journal, Portal
from .progress import Progress
from .stop import Stop

log = get_logger()


@dataclass(frozen=True, slots=True)
class Doubts:
    """What this run does about records in doubt."""

    policy: Policy
    trace_property: str | None
    #: records sent before the portal had the property are sent again unasked
    resend_unkeyed: bool = False
    #: the ledger was lost: each record is asked for before it is sent
    rebuilding: bool = False


class Courier:
    """Delivers batches, one call each; shared by all workers."""

    def __init__(
        self,
        *,
        portal: Portal,
        journal: Journal,
        limiter: Limiter,
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
        self._limiter = limiter
        self._creates = creates
        self._reads = reads
        self._stop = stop
        self._progress = progress
        self._doubts = doubts
        self._chance = chance
        self._explain_halt = explain_halt

    async def deliver(self, batch: Batch) -> Settlement | None:
        """Work on a batch until each record has an outcome, or the run stops.

        Returns None when nothing of the batch was ever armed: it stays unread.

        Raises:
            LedgerFailed: a row could not be made durable; nothing was sent after it.
        """
        prior = batch.prior
        if prior is None and self._doubts.rebuilding:
            prior = await self._armed_unsent(batch)
        delivery = Delivery(
            batch.span.start,
            len(batch.records),
            policy=self._doubts.policy,
            trace_property=self._doubts.trace_property,
            prior=prior,
            resend_unkeyed=self._doubts.resend_unkeyed,
            ours=_derived(batch),
        )
        attempt = first = prior.attempt if prior is not None else 0
        while (step := delivery.step()) is not None and not self._stop.is_set:
            match step:
                case Send():
                    attempt = await self._send(batch, delivery, step, attempt)
                case Ask(positions):
                    await self._ask(batch, delivery, positions)
        if prior is None and attempt == first:
            return None
        return delivery.fates.take_settlement()

    async def _send(
        self, batch: Batch, delivery: Delivery, step: Send, attempt: int
    ) -> int:
        """Turn, arm, send; return the number of the last attempt armed."""
        failures = max(delivery.strikes, self._creates.failures)
        await self._stop.rest(full_jitter(failures, self._chance))
        records = [batch.records[position] for position in step.positions]
        async with self._creates.passage(self._stop):
            sent_at = await self._limiter.turn()
            if sent_at is None:
                return attempt
            await self._settle_news(batch, delivery)
            await self._journal.arm(
                batch,
                attempt=attempt + 1,
                doubted=delivery.fates.doubted.union(step.positions),
                payload=_payload_digest(records),
            )
            self._progress.requests += 1
            self._progress.retried += len(records) if step.again else 0
            reply = await self._portal.create(records)
            self._limiter.learn(reply.allowance)
            self._heed(reply.verdict, self._creates, sent_at, batch)
        delivery.answered(reply.verdict, accepted=self._creates.accepted)
        return attempt + 1

    async def _armed_unsent(self, batch: Batch) -> Prior:
        """Record a batch that a lost ledger may have sent, as if left by a crash."""
        every = frozenset(range(len(batch.records)))
        await self._journal.arm(batch, attempt=0, doubted=every, payload=b"")
        return Prior(attempt=0, undecided=every, doubted=every, keyed=True)

    async def _settle_news(self, batch: Batch, delivery: Delivery) -> None:
        """Settle what is known so far: an arm must not forget that it was sent."""
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
        for archived in (False, True):
            missing = [trace_id for trace_id in wanted if trace_id not in found]
            objects = await self._find(batch, missing, archived=archived)
            if objects is None:
                return  # still in doubt: asked again, or left to the next run
            found |= objects
        self._progress.retried += len(positions)
        delivery.found(
            {wanted[each]: found[each] for each in found},
            accepted=self._creates.accepted,
        )

    async def _find(
        self, batch: Batch, trace_ids: list[str], *, archived: bool
    ) -> dict[str, str] | None:
        """Find records, in halves where an answer is unclear; None for no answer."""
        found: dict[str, str] = {}
        questions = [trace_ids] if trace_ids else []
        while questions:
            asked = questions.pop()
            match await self._read(batch, asked, archived=archived):
                case Found(objects):
                    found |= objects
                case Unclear() if len(asked) > 1:
                    middle = len(asked) // 2
                    questions += [asked[middle:], asked[:middle]]
                case _:
                    return None
        return found

    async def _read(
        self, batch: Batch, trace_ids: list[str], *, archived: bool
    ) -> ReadVerdict | None:
        """Send one read; None when the run stops instead."""
        async with self._reads.passage(self._stop):
            await self._stop.rest(self._reads.backoff())
            sent_at = await self._limiter.turn()
            if sent_at is None:
                return None
            self._progress.requests += 1
            reply = await self._portal.read(trace_ids, archived=archived)
            self._limiter.learn(reply.allowance)
            self._heed(reply.verdict, self._reads, sent_at, batch)
        return reply.verdict

    def _heed(
        self,
        verdict: CreateVerdict | ReadVerdict,
        health: Health,
        sent_at: float,
        batch: Batch,
    ) -> None:
        """Tell limiter and health; stop the run when it gets nowhere."""
        event = log.bind(line=batch.first_line, records=len(batch.records))
        match verdict:
            case Proof() | Refusal() | Oversized() | Found() | Unclear():
                health.succeeded()
                self._limiter.accepted()
            case Wait(reason, retry_after_s):
                self._progress.throttled += 1
                health.waited()
                pause = self._limiter.throttled(sent_at, retry_after_s)
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
                event.error("delivery.halted", reason=verdict.reason.value)
                self._stop.halt(self._explain_halt(verdict))
        if isinstance(verdict, Doubt) and verdict.alarm:
            event.error("delivery.alarmed", reason=verdict.reason)
        if health.is_exhausted:
            self._stop.halt(self._explain_halt(_unreachable(verdict)))


def _derived(batch: Batch) -> frozenset[int]:
    """Return the positions whose IDs only a load of this source can have made."""
    return frozenset(
        position for position, each in enumerate(batch.records) if not each.named
    )


def _unreachable(verdict: CreateVerdict | ReadVerdict) -> Halt:
    reason = getattr(verdict, "reason", type(verdict).__name__)
    return Halt(
        HaltReason.UNREACHABLE,
        f"the portal has accepted nothing for too long (last: {reason})",
    )


def _payload_digest(records: list[CallRecord]) -> bytes:
    """Hash what is about to be sent (blake2b-64 over IDs and contents)."""
    state = hashlib.blake2b(digest_size=8)
    for record in records:
        state.update(record.trace_id.encode())
        state.update(record.content)
    return state.digest()
