"""What a check asks the portal, beside preflight's questions."""

import contextlib
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import quote

import msgspec

from loader.hubspot import survey
from loader.hubspot.preflight import Denied, NotThere
from loader.hubspot.refusal import SCHEMA_SCOPE
from loader.model.catalogue import Catalogue, Limit, Owners, Usage
from loader.model.settings import Rate, Settings
from loader.pipeline.limiter import Limiter
from loader.pipeline.stop import Stop

from .check import Told
from .portal import SANDBOX_TOKEN, Preflight, opened_portal, pace_of
from .preparing import prepared

#: pages of a hundred owners that are asked for at most
_MOST_PAGES = 500


async def ask_portal(settings: Settings, *, token: str | None) -> Told:
    """Ask a portal all that a check can use; without a token, the built-in one.

    Raises:
        Stopped: it cannot be asked now.
        UsageError: the wanted trace property cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        sandbox = token is None
        if sandbox:
            settings = await stack.enter_async_context(_sandboxed(settings))
            token = SANDBOX_TOKEN
        client = await stack.enter_async_context(
            opened_portal(settings, token=token, sandbox=None)
        )
        pace = pace_of(settings, Stop())
        asking = Survey(client, pace, patience_s=settings.patience_s)
        if sandbox and settings.trace_property is None:
            await prepared(asking)  # as run does there
        facts = await asking.examine(settings.trace_property)
        catalogue = await asking.catalogue()
        rate = _rate_of(pace.limiter)
    return Told(facts, catalogue, rate, asking.not_told)


@contextlib.asynccontextmanager
async def _sandboxed(settings: Settings) -> AsyncIterator[Settings]:
    """Serve the built-in portal, as new; give settings that lead to it."""
    from loader.sandbox import running  # noqa: PLC0415 - only rehearsals pay for it

    async with running() as portal:
        yield msgspec.structs.replace(settings, base_url=portal.base_url)


def _rate_of(limiter: Limiter) -> Rate | None:
    window = limiter.window
    return None if window is None else Rate(window.limit, window.interval_s)


class Survey(Preflight):
    """Preflight, and what else a portal tells of its calls.

    What changes: ``not_told``, which names what it did not tell, and why.
    """

    not_told: tuple[str, ...] = ()

    async def catalogue(self) -> Catalogue:
        """Ask for all that a check can use; after ``examine``.

        Raises:
            Stopped: the portal cannot be asked now.
        """
        limits = await self._limits()
        owners = await self._owners()
        url = self.endpoints.usage()
        usage = cast("Usage", await self.ask("GET", url, survey.judge_usage))
        if self.properties is None:
            self._miss("names, types and options of properties: not shown")
            return Catalogue(None, owners, usage)
        return Catalogue(survey.facts_of(self.properties, limits), owners, usage)

    async def _limits(self) -> dict[str, tuple[Limit, ...]]:
        url = self.endpoints.rules()
        found = await self.ask("GET", url, survey.judge_rules)
        if isinstance(found, survey.Rules):
            return found.by_property()
        self._miss(f"administrators' validation rules: {_why(found, SCHEMA_SCOPE)}")
        return {}

    async def _owners(self) -> Owners | None:
        """Ask for the owners, page by page, the deactivated ones too."""
        active = await self._owner_ids(archived=False)
        archived = await self._owner_ids(archived=True)
        if active is None or archived is None:
            return None
        if not active:
            self._miss("owners: the portal lists none")
            return None
        return Owners(active, archived)

    async def _owner_ids(self, *, archived: bool) -> frozenset[str] | None:
        ids: frozenset[str] = frozenset()
        start = ""
        for _ in range(_MOST_PAGES):
            url = (
                f"{self.endpoints.owners()}?limit=100"
                f"&archived={str(archived).lower()}{start}"
            )
            page = await self.ask("GET", url, survey.judge_owners)
            if not isinstance(page, survey.OwnerPage):
                self._miss(f"owners: {_why(page, survey.OWNERS_SCOPE)}")
                return None
            ids |= page.ids
            if page.after is None:
                return ids
            start = f"&after={quote(page.after)}"
        self._miss("owners: there are too many")
        return None

    def _miss(self, what: str) -> None:
        if what not in self.not_told:
            self.not_told = (*self.not_told, what)


def _why(answer: object, scope: str) -> str:
    if isinstance(answer, NotThere):
        return "the portal has no such endpoint"
    return answer.why(scope) if isinstance(answer, Denied) else "no answer"
