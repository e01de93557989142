"""Whoever watches a run besides its caller: the page of it, and Prometheus."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version

from loader.model.summary import Summary
from loader.pipeline.pause import Pause

from .hours import shown_at_rest
from .session import Session
from .watch import Observer

Farewell = Callable[[Summary | None], Awaitable[None]]


async def run_watched(session: Session, pause: Pause) -> Summary:
    """Run a session, and show it to whoever watches from its first moment on.

    Raises:
        UsageError: a port cannot be taken.
    """
    async with contextlib.AsyncExitStack() as stack:
        farewell = await stack.enter_async_context(_monitors(session, pause))
        await stack.enter_async_context(shown_at_rest(session))
        try:
            summary = await session.run()
        except BaseException:
            await farewell(None)
            raise
        await farewell(summary)
        return summary


async def _nobody(_: Summary | None) -> None:
    """Nobody watches."""


@contextlib.asynccontextmanager
async def _monitors(session: Session, pause: Pause) -> AsyncIterator[Farewell]:
    """Serve what the settings ask for; give what tells the pages of the end."""
    settings = session.settings
    if not settings.dashboard and settings.metrics is None:
        yield _nobody
        return
    # servers take a while to import, which a run that nobody watches need not pay
    from loader.monitor.dashboard import Dashboard  # noqa: PLC0415
    from loader.monitor.metrics import Metrics  # noqa: PLC0415
    from loader.monitor.server import served  # noqa: PLC0415

    observers: list[Observer] = []
    farewells: list[Farewell] = []
    async with contextlib.AsyncExitStack() as stack:
        if settings.dashboard:
            page = Dashboard(pause)
            url = await stack.enter_async_context(
                served(
                    page.application(),
                    settings.dashboard_port,
                    option="--dashboard-port",
                )
            )
            session.say(f"dashboard: {url}")
            observers.append(page.show)
            farewells.append(page.farewell)
        if settings.metrics is not None:
            metrics = Metrics(session.progress.meter, version("hubspot-call-loader"))
            url = await stack.enter_async_context(
                served(metrics.application(), settings.metrics, option="--metrics")
            )
            session.say(f"metrics: {url}metrics")
            observers.append(metrics.show)
        session.observers[:0] = observers

        async def farewell(summary: Summary | None) -> None:
            for each in farewells:
                await each(summary)

        yield farewell
