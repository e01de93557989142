"""The parts of a run, made of settings and of what preflight learnt."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from loader.hubspot.client import Client
from loader.ledger.journal import Journal
from loader.ledger.projection import Counts
from loader.model.load import InDoubtPolicy, PortalFacts
from loader.model.settings import Settings
from loader.pipeline.concurrency import Concurrency
from loader.pipeline.courier import Courier, Doubts
from loader.pipeline.gate import Gate
from loader.pipeline.group import Policy
from loader.pipeline.health import Health
from loader.pipeline.metered import Metered
from loader.pipeline.progress import Progress
from loader.source.base import Source
from loader.source.decode import DecodeOptions
from loader.source.files import open_file
from loader.source.streams import Record, open_records, open_stream

from .halting import explain_halt
from .portal import Pace

#: a path, ``-`` for standard input, or records
SourceLike = str | os.PathLike[str] | AsyncIterator[Record]


def opened_source(
    source: SourceLike, name: str, settings: Settings, facts: PortalFacts
) -> contextlib.AbstractAsyncContextManager[Source]:
    """Open a source as what it is."""
    options = DecodeOptions(
        key=settings.key,
        trace_property=facts.trace_property,
        max_line_bytes=settings.max_line_bytes,
    )
    if not isinstance(source, (str, os.PathLike)):
        return open_records(source, options, name=name)
    if name == "-":
        return open_stream(0, options)
    return open_file(Path(name), options)


def policy_of(settings: Settings, facts: PortalFacts) -> Policy:
    """Return what a doubt leads to: with a trace property it is asked about."""
    if facts.trace_property is not None:
        return Policy.ASK
    if settings.in_doubt is InDoubtPolicy.RESEND:
        return Policy.RESEND
    return Policy.HOLD


def courier_of(
    client: Client,
    journal: Journal,
    facts: PortalFacts,
    *,
    settings: Settings,
    pace: Pace,
    progress: Progress,
    ask_first: bool = False,
) -> Courier:
    """Make the courier that all workers share."""
    creates, reads = (
        Health(now=pace.awake, chance=pace.chance, patience_s=settings.patience_s)
        for _ in range(2)
    )
    gate = Gate(
        concurrency=Concurrency(settings.workers),
        limiter=pace.limiter,
        stop=pace.stop,
        progress=progress,
        now=pace.now,
    )
    return Courier(
        portal=Metered(client, progress.meter, now=pace.now),
        journal=journal,
        gate=gate,
        creates=creates,
        reads=reads,
        stop=pace.stop,
        progress=progress,
        doubts=Doubts(
            policy_of(settings, facts), facts.trace_property, ask_first=ask_first
        ),
        chance=pace.chance,
        explain_halt=explain_halt(facts),
    )


def count_from(progress: Progress, before: Counts) -> None:
    """Start the live counts where the ledger stands."""
    progress.created, progress.existing = before.created, before.existing
    progress.rejected, progress.in_doubt = before.rejected, before.in_doubt
    progress.requests += before.requests
    progress.throttled, progress.retried = before.throttled, before.retried
