"""One process: the product's own session, between simulated edges.

``Session._run_bound`` is the product's: plan, verification, journal, pipeline, and the
order among them. What surrounds it here is what surrounds it there, without the folder,
the preflight and the files for people.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from loader.assembly import load
from loader.assembly.binding import oldest
from loader.assembly.family import Family
from loader.assembly.guard import GuardedSource
from loader.assembly.parts import count_from
from loader.assembly.portal import Pace
from loader.assembly.session import Session
from loader.assembly.watch import Watch
from loader.errors import LoaderError, Refused, Stopped
from loader.ledger import projection, store
from loader.ledger.journal import Journal
from loader.ledger.recovery import Plan
from loader.model.load import (
    InDoubtPolicy,
    LoadIdentity,
    PortalFacts,
)
from loader.model.settings import Place, Settings
from loader.model.summary import Ending
from loader.pipeline.limiter import Limiter
from loader.pipeline.stop import Stop
from loader.source.base import Source
from loader.source.decode import DecodeOptions

from .answers import moment
from .disk import SimWriter
from .lines import KEY
from .part import Part
from .plan import READ_TIMEOUT_S, TRACE, rate_of
from .source import NAME, BytesSource
from .wire import SimClient


@dataclass(slots=True)
class QuietWatch:
    """Stands in for the watch: the tally is kept, but nobody is told each second."""

    journal: Journal
    session: "SimSession"

    async def run(self) -> None:
        """Wait to be cancelled: a timer here would hide that all others wait."""
        await asyncio.get_running_loop().create_future()

    async def tell(self) -> None:
        """Record the tally."""
        progress = self.session.progress
        await self.journal.write_tally(
            requests=progress.requests,
            throttled=progress.throttled,
            retried=progress.retried,
            seconds=0.0,
        )


@dataclass(slots=True, kw_only=True)
class SimSession(Session):
    """The product's session without status file and greeting."""

    async def _watched(
        self, source: Source, facts: PortalFacts, journal: Journal, plan: Plan
    ) -> Watch:
        del source, facts, plan
        count_from(self.progress, await self.writer.run(projection.counts))
        return cast("Watch", QuietWatch(journal, self))

    def _announce(self, *_: object) -> None:
        """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class Life:
    """A run. What changes: ``ending``, and what its writer met."""

    part: Part
    by_key: bool
    content: bytes
    #: what it is a correction of
    family: Family | None = None
    writers: list[SimWriter] = field(default_factory=list[SimWriter])
    ending: Ending = Ending.RUNNING
    reason: str = ""
    failure: LoaderError | None = None
    #: why it refused to begin
    refused: str = ""

    async def run(self) -> None:
        """Open, bind, load."""
        part, rng = self.part, self.part.rng
        stop = Stop()
        part.points.interrupt = lambda: stop.interrupt("SIGINT")
        writer = part.writer(part.connections[0])
        self.writers.append(writer)
        limiter = Limiter(rate_of(part.plan), stop=stop, now=part.now, chance=rng)
        session = SimSession(
            source=NAME,
            name=NAME,
            settings=self._settings(),
            place=Place(Path("nowhere")),
            token=None,
            sandbox=None,
            pace=Pace(stop, limiter, rng, part.now),
            writer=writer,
            known=None,
            rebuilding=False,
            observers=[],
            say=lambda _: None,
            family=self.family,
        )
        part.premises.door.frontier = lambda: session.progress.frontier
        try:
            try:
                await load._read_open(writer, session.place, session.family)
            except Refused as refused:
                self.ending, self.refused = Ending.STOPPED, str(refused)
                return
            self.ending = await self._live(session, writer)
            self.reason, self.failure = stop.reason or "", stop.failure
        except Stopped as stopped:
            self.ending, self.reason = Ending.STOPPED, str(stopped)

    def _settings(self) -> Settings:
        plan = self.part.plan
        return Settings(
            base_url="https://portal.invalid",
            rate=plan.rate,
            workers=plan.workers,
            batch_size=plan.batch_size,
            key=KEY if self.by_key else None,
            in_doubt=InDoubtPolicy.RESEND if plan.said_resend else InDoubtPolicy.HOLD,
            patience_s=plan.patience_s,
            read_timeout_s=READ_TIMEOUT_S,
        )

    async def _live(self, session: SimSession, writer: SimWriter) -> Ending:
        """Do what ``Session._prepared`` does, and run."""
        family, trace_property = self.family, TRACE if self.part.plan.keyed else None
        facts = PortalFacts("1", None, trace_property)
        session.known = await writer.run(store.read_identity)
        options = DecodeOptions(key=session.settings.key, trace_property=trace_property)
        source: Source = BytesSource(
            self.content,
            options,
            rng=self.part.rng,
            slow=self.part.plan.slow_source,
            reached=self.part.points.reach,
        )
        identity = LoadIdentity(
            source_name=source.name,
            source_digest=source.digest,
            portal_id=facts.portal_id,
            trace_property=trace_property,
            key_property=session.settings.key,
        )
        if family is not None:
            keyed = trace_property is not None
            source = GuardedSource(source, family, writer, keyed=keyed)
            family.check(identity)
        began = moment(self.part.now())
        await writer.run(
            lambda connection: store.bind(connection, identity, created_at=began)
        )
        client = SimClient(self.part.premises)
        client.oldest_own = await oldest(
            writer, rebuilding=session.rebuilding, family=family
        )
        return await session._run_bound(client, source, facts, identity)
