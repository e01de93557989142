"""Mistakes in what happens around a request: rules 1, 7 and 10."""

import asyncio
import contextlib
import copy
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec
from aiohttp import ClientConnectionError

from loader.errors import LedgerFailed, LoaderError
from loader.hubspot import client, codec
from loader.hubspot.client import Client
from loader.ledger.journal import Journal
from loader.model.batch import Batch
from loader.model.outcome import Settlement
from loader.model.record import CallRecord
from loader.model.verdict import Doubt, Failed, Reply
from loader.pipeline.courier import Courier
from loader.pipeline.fates import Fates
from loader.pipeline.ports import Portal
from loader.pipeline.stop import Stop

from .switch import Swap, Swaps, Way, mistake


def _with(courier: Courier, **parts: object) -> Courier:
    """Return the same courier with another journal or portal."""
    other = copy.copy(courier)
    for name, part in parts.items():
        setattr(other, f"_{name}", part)
    return other


class _Late:
    """A journal and a portal: the row is written when the answer is there."""

    def __init__(self, journal: Any, portal: Any) -> None:  # noqa: ANN401 - any of theirs
        self._journal = journal
        self._portal = portal
        self._arm: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def arm(self, batch: Batch, **row: object) -> None:
        self._arm = lambda: self._journal.arm(batch, **row)

    async def settle(self, batch: Batch, settlement: Settlement) -> None:
        await self._journal.settle(batch, settlement)

    async def create(self, records: Sequence[CallRecord]) -> object:
        reply = await self._portal.create(records)
        if self._arm is not None:
            await self._arm()
        return reply


@mistake("rule 1, I4: arm before send")
def send_before_arm() -> Swaps:
    """The request leaves first; its row is written when the answer is there."""
    right: Way = Courier._send

    async def wrong(self: Courier, *step: object) -> object:
        late = _Late(self._journal, self._portal)
        return await right(_with(self, journal=late, portal=late), *step)

    return [Swap(Courier, "_send", wrong)]


@mistake("rule 1, I4: arm before send")
def arm_not_awaited() -> Swaps:
    """The row is on its way to the disk while the request leaves."""
    right: Way = Journal.arm
    tasks: set[asyncio.Task[None]] = set()

    async def behind(self: Journal, batch: Batch, row: dict[str, object]) -> None:
        with contextlib.suppress(LedgerFailed):
            await right(self, batch, **row)

    async def wrong(self: Journal, batch: Batch, **row: object) -> None:
        task = asyncio.create_task(behind(self, batch, row))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return [Swap(Journal, "arm", wrong)]


@mistake("rule 1: the row says which lines")
def arm_forgets_the_last() -> Swaps:
    """The row of a request leaves out the last of its records."""
    right: Way = Journal.arm

    async def wrong(
        self: Journal, batch: Batch, *, doubted: frozenset[int], **row: object
    ) -> None:
        known = doubted if len(doubted) == 1 else doubted - {max(doubted)}
        await right(self, batch, doubted=known, **row)

    return [Swap(Journal, "arm", wrong)]


@mistake("rule 1: an armed row keeps what was sent before")
def arm_forgets_earlier_requests() -> Swaps:
    """A row names the records of its own request only, not those in flight before."""

    def wrong(self: Fates) -> frozenset[int]:
        group = self.next()
        return frozenset(group.positions if group is not None else ())

    return [Swap(Fates, "doubted", property(wrong))]


@mistake("rule 1, I4: nothing leaves without a durable row")
def failed_arm_is_ignored() -> Swaps:
    """The ledger cannot write the row, and the request leaves all the same."""
    right: Way = Journal.arm

    async def wrong(self: Journal, batch: Batch, **row: object) -> None:
        with contextlib.suppress(LedgerFailed):
            await right(self, batch, **row)

    return [Swap(Journal, "arm", wrong)]


@mistake("rule 7: after a failure of the ledger nothing more is sent")
def ledger_failure_stops_nobody() -> Swaps:
    """A worker whose ledger fails gives up its batch; the others go on."""
    right: Way = Stop.fail

    def wrong(self: Stop, failure: LoaderError) -> None:
        if not isinstance(failure, LedgerFailed):
            right(self, failure)

    return [Swap(Stop, "fail", wrong)]


@mistake("rule 1, I7: what is known is settled before the next row")
def arm_before_settling_news() -> Swaps:
    """Outcomes that an answer has brought wait while the rest is armed anew."""

    async def wrong(*_: object) -> None:
        return None

    return [Swap(Courier, "_settle_news", wrong)]


@mistake("section 2: never of the attempt")
def trace_id_of_the_attempt() -> Swaps:
    """The trace ID has the number of the attempt in it."""
    right: Way = Courier._send

    class Numbered:
        def __init__(self, portal: Portal, attempt: int) -> None:
            self._portal = portal
            self._attempt = attempt

        async def create(self, records: Sequence[CallRecord]) -> object:
            return await self._portal.create([self._named(each) for each in records])

        def _named(self, record: CallRecord) -> CallRecord:
            name = f"{record.trace_id}-{self._attempt}"
            return msgspec.structs.replace(record, trace_id=name)

    async def wrong(
        self: Courier, batch: Batch, delivery: object, step: object, attempt: int
    ) -> object:
        portal = Numbered(self._portal, attempt)
        return await right(_with(self, portal=portal), batch, delivery, step, attempt)

    return [Swap(Courier, "_send", wrong)]


@mistake("section 2: the trace ID is also written into the trace property")
def trace_property_not_written() -> Swaps:
    """Requests do not carry the trace property."""
    right: Way = codec.create_body

    def wrong(records: Sequence[CallRecord], trace_property: str | None) -> bytes:
        del trace_property
        body: bytes = right(records, None)
        return body

    return [Swap(codec, "create_body", wrong)]


@mistake("section 3: one send is one request")
def client_retries() -> Swaps:
    """The client library repeats a request that got no answer, or a 5xx."""
    right: Way = Client._asked

    async def wrong(self: Client, *request: object, **ways: object) -> Reply[object]:
        reply: Reply[object] = await right(self, *request, **ways)
        if isinstance(reply.verdict, Doubt | Failed):
            reply = await right(self, *request, **ways)
        return reply

    return [Swap(Client, "_asked", wrong)]


@mistake("section 3: a timeout is in doubt")
def timeout_is_not_applied() -> Swaps:
    """A request that ran out of time counts as never sent."""
    wrong = (*client._NEVER_LEFT, TimeoutError)
    return [Swap(client, "_NEVER_LEFT", wrong)]


@mistake("section 3: a reset after the first byte is in doubt")
def reset_is_not_applied() -> Swaps:
    """Any trouble of the connection counts as never sent."""
    wrong = (*client._NEVER_LEFT, ClientConnectionError)
    return [Swap(client, "_NEVER_LEFT", wrong)]
