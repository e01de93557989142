"""The portal of a load: HubSpot, or the built-in one; and what preflight asks it."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from loader.errors import Stopped, UsageError
from loader.hubspot import preflight
from loader.hubspot.address import Endpoints, check_base_url
from loader.hubspot.advice import Advice
from loader.hubspot.client import Client, connected
from loader.hubspot.preflight import Account, Denied, NotThere, Property
from loader.hubspot.refusal import SCHEMA_SCOPE
from loader.hubspot.verdict import RawAnswer
from loader.ledger.store import check_portal
from loader.model.calendar import zone_of
from loader.model.load import LoadIdentity, PortalFacts
from loader.model.settings import Place, Settings, parse_rate
from loader.model.summary import Ending
from loader.model.verdict import Failed, Halt, HaltReason, Unsent, Wait
from loader.pipeline.barrier import Barrier
from loader.pipeline.health import Health
from loader.pipeline.limiter import Limiter
from loader.pipeline.stop import Stop
from loader.telemetry import get_logger

from .folder import private_file

log = get_logger()
T = TypeVar("T")

#: preflight gives up so early, since nothing has been risked yet, in seconds
PREFLIGHT_PATIENCE_S = 30.0
SANDBOX_TOKEN = "sandbox"  # noqa: S105 - the built-in portal takes any


@dataclass(frozen=True, slots=True)
class Pace:
    """What every request of a load shares: one limiter, one wish to stop."""

    stop: Stop
    limiter: Limiter
    chance: random.Random
    now: Callable[[], float]

    def awake(self) -> float:
        """Return the time without rests at the barrier: they try nobody's patience."""
        return self.now() - self.limiter.barrier.rested_s


def pace_of(settings: Settings, stop: Stop, barrier: Barrier | None = None) -> Pace:
    """Make the limiter of a load; inside the running loop."""
    now = asyncio.get_running_loop().time
    chance = random.Random()  # noqa: S311 - jitter, no secret
    limiter = Limiter(
        parse_rate(settings.rate), stop=stop, now=now, chance=chance, barrier=barrier
    )
    return Pace(stop, limiter, chance, now)


@contextlib.asynccontextmanager
async def opened_portal(
    settings: Settings, *, token: str | None, sandbox: Place | None
) -> AsyncIterator[Client]:
    """Connect to HubSpot, or to the built-in portal with its state in a load folder.

    Raises:
        UsageError: the base URL is not safe, or there is no token.
    """
    async with contextlib.AsyncExitStack() as stack:
        base_url = settings.base_url
        if sandbox is not None:
            # a portal takes a tenth of a second to import, which only rehearsals pay
            from loader.sandbox import running  # noqa: PLC0415

            private_file(sandbox.portal)
            portal = await stack.enter_async_context(running(state=sandbox.portal))
            base_url, token = portal.base_url, SANDBOX_TOKEN
        if not token:
            raise UsageError("an access token is needed: HUBSPOT_ACCESS_TOKEN")
        endpoints = Endpoints(check_base_url(base_url), settings.api_version)
        yield await stack.enter_async_context(
            connected(
                endpoints=endpoints,
                token=token,
                connections=settings.workers + 1,
                read_timeout_s=settings.read_timeout_s,
            )
        )


class Preflight:
    """Asks the portal who it is and what it can do, with retries, under the limiter."""

    def __init__(self, client: Client, pace: Pace, *, patience_s: float) -> None:
        self._client = client
        self.endpoints = client.endpoints
        self._pace = pace
        self._health = Health(
            now=pace.awake,
            chance=pace.chance,
            patience_s=min(patience_s, PREFLIGHT_PATIENCE_S),
        )
        #: what the operator should know
        self.notes: list[str] = []
        #: the portal's own list, where it shows one
        self.properties: tuple[Property, ...] | None = None
        #: requests sent so far
        self.requests = 0

    async def examine(
        self, wanted: str | None, *, known: LoadIdentity | None = None
    ) -> PortalFacts:
        """Learn the portal's ID, its zone, and its trace property.

        ``known`` is what the load belongs to, if it does: another portal is refused
        before anything of it is missed, or made.

        Raises:
            Stopped: the portal cannot be asked now.
            UsageError: the wanted trace property cannot be used.
            LedgerMismatch: it is not the portal of the load; names both.
        """
        account = await self.account()
        if known is not None:
            check_portal(known, str(account.portalId))
        self._pace.limiter.barrier.place_in(zone_of(account.timeZone))
        return PortalFacts(
            portal_id=str(account.portalId),
            time_zone=account.timeZone,
            trace_property=await self._trace_property(wanted),
        )

    async def account(self) -> Account:
        """Ask the portal who it is.

        Raises:
            Stopped: the portal cannot be asked now.
        """
        url = self.endpoints.account()
        return cast("Account", await self.ask("GET", url, preflight.judge_account))

    async def types(self) -> Mapping[str, str]:
        """Return the types of the properties of calls, by name.

        None where the portal does not show them: then little is known of their forms.

        Raises:
            Stopped: the portal cannot be asked now.
        """
        url = self.endpoints.properties()
        found = await self.ask("GET", url, preflight.judge_properties)
        if not isinstance(found, tuple):
            return {}
        return {each.name: each.type or "string" for each in found}

    async def _trace_property(self, wanted: str | None) -> str | None:
        url = self.endpoints.properties()
        found = await self.ask("GET", url, preflight.judge_properties)
        if isinstance(found, tuple):
            self.properties = found
            self._client.advice = Advice(each.name for each in found)
        if isinstance(found, NotThere):
            names = [wanted] if wanted else _CANDIDATES
            singles = [await self.property(name) for name in names]
            found = tuple(each for each in singles if isinstance(each, Property))
        if isinstance(found, Denied):
            why = found.why(SCHEMA_SCOPE)
            if wanted is not None and found.status == 403:  # noqa: PLR2004 - HTTP
                raise Stopped(
                    f"this load needs the property {wanted}, and the portal does not "
                    f"show its properties: {why}, then run the same command again"
                )
            if wanted is not None:
                raise UsageError(f"the portal does not show its properties: {why}")
            self.notes.append(
                f"the portal does not show its properties ({found.category}), so no "
                f"trace property can be found: {why}"
            )
            return None
        return preflight.choose_trace_property(
            cast("tuple[Property, ...]", found), wanted
        )

    async def property(self, name: str) -> Property | Denied | None:
        """Ask for one property; None where there is none.

        Raises:
            Stopped: the portal cannot be asked now.
        """
        url = self.endpoints.properties(name)
        found = await self.ask("GET", url, preflight.judge_property)
        return found if isinstance(found, (Property, Denied)) else None

    async def ask(
        self,
        method: str,
        url: str,
        judge: Callable[[RawAnswer], T],
        body: object = None,
    ) -> T:
        """Ask until there is an answer; each question is safe to repeat.

        What comes back is none of the verdicts that ask to wait or to stop.

        Raises:
            Stopped: the portal cannot be asked now.
        """
        pace = self._pace
        while True:
            await pace.stop.rest(self._health.backoff())
            sent_at = await pace.limiter.turn()
            if sent_at is None:
                raise Stopped(_why(pace.stop))
            self.requests += 1
            reply = await self._client.ask(method, url, judge, body)
            pace.limiter.learn(reply.allowance, sent_at, reply.left_at)
            match reply.verdict:
                case Wait(reason, retry_after_s):
                    self._health.waited()
                    pace.limiter.throttled(sent_at, retry_after_s)
                case Failed(reason) | Unsent(reason):
                    self._health.failed()
                case Halt(HaltReason.DAILY_LIMIT as reason) if (
                    pace.limiter.barrier.waits_for_tomorrow()
                ):
                    pass
                case Halt(message=message):
                    raise Stopped(message)
                case _:
                    self._health.succeeded()
                    return reply.verdict
            log.warning("preflight.waited", reason=reason)
            if self._health.is_exhausted:
                raise Stopped(
                    f"the portal does not answer (last: {reason}); check the network "
                    "and HUBSPOT_BASE_URL, then run the same command again"
                )


def _why(stop: Stop) -> str:
    """Say why nothing was sent at all."""
    if stop.ending is Ending.STOPPED and stop.reason is not None:
        return stop.reason
    return "interrupted before the first record was sent"


_CANDIDATES = [preflight.OWN_PROPERTY, preflight.BUILT_IN_PROPERTY]
