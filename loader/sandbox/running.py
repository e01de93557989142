"""A portal that runs: for a test, a rehearsal, or until it is stopped."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import msgspec
from aiohttp import web

from .audit import Audit, StoredCall, audit_store, stored_calls
from .portal import Portal
from .scenario import Scenario
from .server import Server
from .store import Store
from .visits import Visits

#: how long requests in flight may go on when the portal ends
_GRACE_S = 0.1


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A portal that is being served."""

    #: what to put before the path, without a slash at its end
    base_url: str
    portal_id: int
    #: every request it has seen
    requests: Visits
    _store: Store

    def audit(self, *properties: str) -> Audit:
        """Count what the portal has; see ``audit``."""
        return audit_store(self._store, *properties)

    def calls(self) -> Iterator[StoredCall]:
        """Give every call, archived ones too, in order of their IDs."""
        return stored_calls(self._store)


@asynccontextmanager
async def running(
    *,
    state: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    scenario: Scenario | None = None,
    token: str | None = None,
    rate: int | Literal["none"] | None = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Sandbox]:
    """Serve a portal for as long as the context lasts.

    Args:
        state: the file it remembers itself in; None: it forgets.
        host: where it listens.
        port: 0 takes any that is free.
        scenario: what it is like; None: fair weather.
        token: the only bearer it knows; None: any will do.
        rate: requests in ten seconds, in place of the scenario's.
        clock: wall time in seconds.
        monotonic: time for the rolling windows and the weather.

    Raises:
        StateError: the file is not the state of a portal.
        OSError: it cannot listen there.
    """
    scenario = _with_rate(scenario or Scenario(), rate)
    with closing(Store.open(state)) as store:
        portal = Portal(store, scenario, token=token, clock=clock, monotonic=monotonic)
        portal.perform_due()
        chance = Random(f"{scenario.seed}/server")  # noqa: S311 - names, no secret
        server = Server(portal, random=chance, monotonic=monotonic)
        runner = web.AppRunner(
            server.application(scenario.max_body_bytes),
            access_log=None,
            shutdown_timeout=_GRACE_S,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            server.wind()
            yield Sandbox(_base_url(runner), portal.portal_id, server.visits, store)
        finally:
            server.unwind()
            await runner.cleanup()
            server.unwind()


async def serve(
    host: str,
    port: int,
    state: Path | None,
    scenario: Scenario | None,
    on_ready: Callable[[str], None],
) -> None:
    """Serve a portal until cancelled; ``on_ready`` is told its base URL."""
    async with running(state=state, host=host, port=port, scenario=scenario) as sandbox:
        on_ready(sandbox.base_url)
        await asyncio.Event().wait()


def _with_rate(scenario: Scenario, rate: int | Literal["none"] | None) -> Scenario:
    if rate is None:
        return scenario
    quota = msgspec.structs.replace(scenario.quota, limit=rate)
    return msgspec.structs.replace(scenario, quota=quota)


def _base_url(runner: web.AppRunner) -> str:
    """Tell where the portal listens, now that its port is known."""
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
