"""Asks one endpoint about many calls, under the one limiter of the load.

For requests that are safe to repeat: reads, and archiving. Which questions, and what
answers mean, is decided elsewhere; here they are sent, paced, and repeated.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from loader.errors import Stopped
from loader.hubspot.client import Client
from loader.hubspot.raw import RawAnswer
from loader.model.load import PortalFacts
from loader.model.settings import Place, Settings
from loader.model.verdict import (
    Failed,
    Found,
    Halt,
    ReadVerdict,
    Unclear,
    Unsent,
    Wait,
)
from loader.pipeline.health import Health
from loader.pipeline.inquiry import Inquiry
from loader.pipeline.stop import Stop
from loader.telemetry import get_logger

from .halting import explain_halt
from .portal import Pace, Preflight, opened_portal, pace_of
from .walk import SHEAF

log = get_logger()
V = TypeVar("V")

#: calls that one request reads or archives
BATCH = 100
#: the portal had the question, and did not answer it
_NOTHING = (Failed, Unclear)


def now() -> str:
    """Return the time for people, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class Cost:
    """What was asked of the portal so far. What changes: the counts."""

    requests: int = 0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one portal is asked: its client, its ID, and what all questions share."""

    client: Client
    pace: Pace
    portal_id: str
    #: how many requests may be in flight
    in_flight: asyncio.Semaphore
    patience_s: float
    explain: Callable[[Halt], str]
    cost: Cost
    #: the time for people
    today: Callable[[], str] = now
    #: calls to a request, and created records to a sheaf
    batch: int = BATCH
    sheaf: int = SHEAF

    async def types(self) -> Mapping[str, str]:
        """Return the types of the properties of calls, as far as they are shown."""
        asking = Preflight(self.client, self.pace, patience_s=self.patience_s)
        try:
            return await asking.types()
        finally:
            self.cost.requests += asking.requests

    def asker(self) -> "Asker":
        """Return a way to one endpoint."""
        return Asker(self)


@contextlib.asynccontextmanager
async def opened_desk(
    settings: Settings, stop: Stop, *, token: str | None, sandbox: Place | None
) -> AsyncIterator[Desk]:
    """Connect to the portal, and ask it who it is.

    Raises:
        UsageError: the base URL is not safe, or there is no token.
        Stopped: the portal cannot be asked now.
    """
    pace = pace_of(settings, stop)
    async with opened_portal(settings, token=token, sandbox=sandbox) as client:
        asking = Preflight(client, pace, patience_s=settings.patience_s)
        account = await asking.account()
        facts = PortalFacts(str(account.portalId), account.timeZone, None)
        yield Desk(
            client=client,
            pace=pace,
            portal_id=facts.portal_id,
            in_flight=asyncio.Semaphore(settings.workers),
            patience_s=settings.patience_s,
            explain=explain_halt(facts),
            cost=Cost(asking.requests),
        )


class Asker:
    """One endpoint, asked by as many callers as like to.

    What changes: its health, since each endpoint may fail alone, and ``_known``, a call
    of which the portal said something.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._health = Health(
            now=desk.pace.now, chance=desk.pace.chance, patience_s=desk.patience_s
        )
        self._known: str | None = None

    async def ask(
        self, method: str, url: str, judge: Callable[[RawAnswer], V], body: object
    ) -> V | Unsent | Failed:
        """Send one request in its turn.

        Raises:
            Stopped: the portal will not answer, or somebody asked to stop.
        """
        pace, cost = self._desk.pace, self._desk.cost
        async with self._health.passage(pace.stop), self._desk.in_flight:
            await pace.stop.rest(self._health.backoff())
            sent_at = await pace.limiter.turn()
            if sent_at is None:
                raise Stopped(pace.stop.reason or "interrupted")
            cost.requests += 1
            reply = await self._desk.client.ask(method, url, judge, body)
            pace.limiter.learn(reply.allowance, sent_at, reply.left_at)
            self._heed(reply.verdict, sent_at)
        return reply.verdict

    async def each_answered(
        self,
        object_ids: Sequence[str],
        ask: Callable[[Sequence[str]], Awaitable[V]],
        take: Callable[[Sequence[str], V], ReadVerdict],
    ) -> set[str]:
        """Ask about calls in parts until each has an answer, and take what is said.

        Where one alone gets none, or nothing has been answered for some time, another
        one is asked for beside: it tells a bad call from a bad portal.

        Returns:
            those of which the portal says nothing, though it answers others.
        """
        inquiry = Inquiry(object_ids)
        while asked := inquiry.question():
            verdict = take(asked, await ask(asked))
            if isinstance(verdict, Found):
                self._known = asked[0]
            elif isinstance(verdict, _NOTHING) and (
                len(asked) == 1 or self._health.is_open
            ):
                await self._ask_beside(asked, object_ids, ask)
            inquiry.answered(verdict, heard=self._health.accepted, alone=False)
        return inquiry.mute

    async def _ask_beside(
        self,
        asked: Sequence[str],
        among: Sequence[str],
        ask: Callable[[Sequence[str]], Awaitable[V]],
    ) -> None:
        """Ask for a call that had an answer; where none is known, for one of these."""
        others = [each for each in among if len(asked) > 1 or each != asked[0]]
        if self._known is None and not others:
            return
        beside = self._known or self._desk.pace.chance.choice(others)
        said = await ask((beside,))
        if not isinstance(said, (*_NOTHING, Wait, Unsent)):
            self._known = beside
        elif isinstance(said, _NOTHING) and self._known == beside:
            self._known = None

    def _heed(self, verdict: object, sent_at: float) -> None:
        """Tell limiter and health; end it all when it gets nowhere."""
        match verdict:
            case Wait(reason, retry_after_s):
                self._desk.cost.throttled += 1
                self._health.waited()
                pause = self._desk.pace.limiter.throttled(sent_at, retry_after_s)
                log.warning("portal.throttled", reason=reason, pause_s=round(pause, 2))
            case Unsent(reason):
                self._health.failed()
                log.warning("portal.failed", reason=reason)
            case Failed(reason, at_least_s):
                self._health.failed()
                self._desk.pace.limiter.hold_off(at_least_s)
                log.warning("portal.failed", reason=reason)
            case Halt():
                raise Stopped(self._desk.explain(verdict))
            case _:
                self._health.succeeded()
                self._desk.pace.limiter.accepted()
                return
        if self._health.is_exhausted:
            raise Stopped(
                f"the portal has answered nothing for too long (last: {reason}); run "
                "the same command again"
            )
