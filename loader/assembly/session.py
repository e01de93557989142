"""One run of a load, once its folder is locked and its ledger open.

The order matters: portal, source, identity, plan, verification, and only then the first
request that writes. Whatever refuses, refuses before that.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from loader import telemetry
from loader.errors import (
    LedgerFailed,
    LedgerMismatch,
    Refused,
    Stopped,
    UsageError,
)
from loader.hubspot.client import Client
from loader.ledger import projection, recovery
from loader.ledger.journal import Journal
from loader.ledger.seal import reseal
from loader.ledger.writer import Writer
from loader.model.load import InDoubtPolicy, LoadIdentity, PortalFacts, promise_of
from loader.model.settings import Place, Settings
from loader.model.summary import Ending, Summary
from loader.pipeline.batcher import Bounds
from loader.pipeline.progress import Progress
from loader.pipeline.run import Run
from loader.report.text import promise_line
from loader.source.base import Source
from loader.source.files import count_lines, line_reader, readable

from .beside import run_beside
from .binding import bind
from .conclude import Conclusion, conclude, unconcluded
from .count import merged
from .family import Family
from .guard import GuardedSource
from .parts import SourceLike, count_from, courier_of, opened_source
from .portal import Pace, Preflight, opened_portal
from .preparing import prepared
from .verification import split, verify, verify_later
from .watch import Observer, Watch

log = telemetry.get_logger()


@dataclass(slots=True, kw_only=True)
class Session:
    """The parts of one load. What changes: what it learns on its way."""

    source: SourceLike
    name: str
    settings: Settings
    place: Place
    token: str | None = field(repr=False)
    #: where the built-in portal keeps its state, when the load goes there
    sandbox: Place | None
    pace: Pace
    writer: Writer
    #: what the ledger belongs to, or the lost one did, once it belongs to something
    known: LoadIdentity | None
    #: the ledger replaces a lost one: each record is asked for before it is sent
    rebuilding: bool
    observers: list[Observer]
    say: Callable[[str], None]
    #: what it is a correction of
    family: Family | None = None
    progress: Progress = field(default_factory=Progress)
    ignored: dict[str, int] = field(default_factory=dict[str, int])
    began: float = 0.0
    watch: Watch | None = None
    concluding: bool = False
    #: what preflight learnt, once it has
    facts: PortalFacts | None = None

    async def run(self) -> Summary:
        """Prepare, run, conclude."""
        self.began = self.pace.now()
        try:
            async with contextlib.AsyncExitStack() as stack:
                ending = await self._prepared(stack)
                reason = self.pace.stop.reason
        except Stopped as stopped:
            interrupted = self.pace.stop.ending is Ending.INTERRUPTED
            ending = Ending.INTERRUPTED if interrupted else Ending.STOPPED
            reason = str(stopped)
        summary = await self._concluded(ending, reason)
        if isinstance(self.pace.stop.failure, Refused):
            raise self.pace.stop.failure  # found while it ran: the files are renewed
        return summary

    async def _prepared(self, stack: contextlib.AsyncExitStack) -> Ending:
        """Open portal and source, bind the ledger, and run."""
        client = await stack.enter_async_context(
            opened_portal(
                self.settings,
                token=self.token,
                sandbox=self.sandbox,
            )
        )
        self.facts = facts = await self._examined(client)
        client.trace_property = facts.trace_property
        # a stream is silent until its first line comes: a stop must not wait for it
        source = await self.pace.stop.unless(
            stack.enter_async_context(
                opened_source(self.source, self.name, self.settings, facts)
            )
        )
        if source is None:
            raise Stopped("interrupted before the first record was read")
        keyed = facts.trace_property is not None
        if self.family is not None:
            source = GuardedSource(source, self.family, self.writer, keyed=keyed)
        identity = LoadIdentity(
            source_name=source.name,
            source_digest=source.digest,
            portal_id=facts.portal_id,
            trace_property=facts.trace_property,
            key_property=self.settings.key,
        )
        client.oldest_own = await bind(
            self.writer,
            identity,
            seal=self.place.seal,
            lost=self.known if self.rebuilding else None,
            rebuilding=self.rebuilding,
            family=self.family,
        )
        self.known = identity
        try:
            return await self._run_bound(client, source, facts, identity)
        finally:
            self.ignored = source.ignored_fields

    async def _examined(self, client: Client) -> PortalFacts:
        """Preflight; a load stays with the trace property it began with."""
        asking = Preflight(client, self.pace, patience_s=self.settings.patience_s)
        began_with = self.known.trace_property if self.known is not None else None
        wanted = self.settings.trace_property or began_with
        try:
            if self.sandbox and wanted is None:
                await prepared(asking)
            facts = await asking.examine(wanted, known=self.known)
        except UsageError as error:
            if self.settings.trace_property is None:
                raise LedgerMismatch(
                    f"this load needs its trace property: {error}"
                ) from error
            raise
        finally:
            self.progress.requests += asking.requests
        if self.settings.key and self.settings.key == facts.trace_property:
            raise UsageError(
                f"--key {self.settings.key} is also the trace property, which carries "
                "the IDs that are made of the key; name another property by --key, or "
                "by --trace-property"
            )
        for note in asking.notes:
            log.warning("run.noted", note=note)
        return facts

    async def _run_bound(
        self, client: Client, source: Source, facts: PortalFacts, identity: LoadIdentity
    ) -> Ending:
        """Plan and verify, tell what is about to happen, and go."""
        keyed = facts.trace_property is not None
        # the user's word is for portals without a property, and for them alone
        resend = self.settings.in_doubt is InDoubtPolicy.RESEND and not keyed
        journal = Journal(
            self.writer,
            source_digest=identity.source_digest,
            keyed=keyed,
            resend=resend,
        )
        plan: recovery.Plan = await self.writer.run(
            lambda connection: recovery.resume(connection, keyed=keyed, resend=resend)
        )
        self.watch = watch = await self._watched(source, facts, journal, plan)
        later = await self._verified(source, plan)
        self._announce(facts, plan, watch)
        parts = Run(
            source=source,
            known=merged(plan) if source.is_seekable else plan.spans,
            promised=plan.promised,
            journal=journal,
            courier=courier_of(
                client, journal, facts,
                settings=self.settings, pace=self.pace, progress=self.progress,
                ask_first=self.rebuilding or (keyed and self.family is not None),
            ),
            stop=self.pace.stop,
            progress=self.progress,
            bounds=Bounds(self.settings.batch_size, self.settings.max_batch_bytes),
            workers=self.settings.workers,
            linger_s=self.settings.linger_s,
            frontier=plan.frontier.end,
        )  # fmt: skip
        await journal.write_finished(finished=False)
        verifying = verify_later(later, source.digest_of, self.pace.stop)
        ending = await run_beside(parts, watch, verifying)
        try:
            await watch.tell()
            await journal.write_finished(finished=ending is Ending.COMPLETE)
        except LedgerFailed as failure:
            self.pace.stop.fail(failure)
            return self.pace.stop.ending
        return ending

    async def _watched(
        self, source: Source, facts: PortalFacts, journal: Journal, plan: recovery.Plan
    ) -> Watch:
        """Start the live counts where the ledger stands."""
        before = await self.writer.run(projection.counts)
        count_from(self.progress, before)
        return Watch(
            place=self.place,
            source=readable(self.name),
            reseal=lambda: reseal(self.writer, self.place.seal),
            progress=self.progress,
            limiter=self.pace.limiter,
            journal=journal,
            portal_id=facts.portal_id,
            trace_property=facts.trace_property,
            promise=promise_of(facts.trace_property, self.settings.in_doubt),
            ignored=lambda: source.ignored_fields,
            size=source.size,
            known_lines=plan.lines,
            known_bytes=plan.bytes,
            seconds_before=before.seconds,
            began=self.began,
            now=self.pace.now,
            observers=self.observers,
        )

    async def _verified(
        self, source: Source, plan: recovery.Plan
    ) -> list[recovery.KnownSpan]:
        """Check what was loaded before; return what is to be checked beside the run."""
        if not source.is_seekable:
            return []  # a stream is checked as it is read again
        now, later = split(plan.spans)
        await verify(now, source.digest_of)
        return later

    def _announce(self, facts: PortalFacts, plan: recovery.Plan, watch: Watch) -> None:
        self.say(promise_line(watch.promise, facts.trace_property))
        if self.rebuilding:
            self.say(
                "rebuilding the ledger: every record is asked for before it is sent"
            )
        if plan.spans:
            self.say(f"resuming at offset {plan.frontier.end:,}")
        log.info(
            "run.started",
            source=readable(self.name),
            portal_id=facts.portal_id,
            promise=str(watch.promise),
            trace_property=facts.trace_property,
            resumed=bool(plan.spans),
            rebuilding=self.rebuilding,
            frontier=plan.frontier.end,
            version=version("hubspot-call-loader"),
        )

    async def _concluded(self, ending: Ending, reason: str | None) -> Summary:
        self.concluding = True
        path = self.file()
        met = self.facts or self.known
        trace_property = met.trace_property if met is not None else None
        end = Conclusion(
            place=self.place,
            source=readable(self.name),
            identity=self.known,
            promise=promise_of(trace_property, self.settings.in_doubt),
            ending=ending,
            reason=reason,
            run_seconds=self.pace.now() - self.began,
            run_settled=self.progress.settled,
            ignored=self.ignored,
            count_lines=(lambda gaps: count_lines(path, gaps)) if path else None,
            read_line=line_reader(path, max_bytes=self.settings.max_line_bytes),
        )
        if self.writer.failure is not None:
            if self.watch is None:
                raise self.writer.failure
            return unconcluded(self.watch.live(), self.writer.failure, ending, reason)
        return await conclude(self.writer, end)

    def file(self) -> Path | None:
        """Return the source, if it is a file that is there."""
        if not isinstance(self.source, (str, os.PathLike)) or self.name == "-":
            return None
        path = Path(self.name)
        return path if path.is_file() else None
