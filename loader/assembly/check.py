"""A check of a source: reads every line, sends nothing.

What the portal tells is asked before, by ``survey``; this module does without the
network.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from loader.check.examiner import Examiner
from loader.check.findings import Level
from loader.check.forecast import Requests, forecast
from loader.check.outline import Outline, findings_of
from loader.errors import SourceFailed, UsageError
from loader.ledger.seal import read_seal
from loader.model.catalogue import Catalogue
from loader.model.load import PortalFacts
from loader.model.settings import Rate, Settings, checked, parse_rate
from loader.pipeline.batcher import WIRE_OVERHEAD
from loader.source.decode import DecodeOptions, Decoder
from loader.source.files import opened_at_once, readable
from loader.source.lines import PIECE_BYTES, LineReader
from loader.source.rows import Tidied
from loader.source.sight import SeeingDecoder

from .family import first_load_of

#: told how many lines were read and, of a file, which share of it
Watcher = Callable[[int, float | None], None]
_FIRST_LOAD = "what became of these lines in their first load, which run looks at"
_NEVER = "whether the records exist that calls are associated with"


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal told; nothing where none was asked."""

    facts: PortalFacts | None
    catalogue: Catalogue
    rate: Rate | None
    not_told: tuple[str, ...]


_OFFLINE = (
    "what only the portal knows: its properties, options, owners and validation rules "
    "(no token; see --token-file and --sandbox)"
)


def as_run_would(source: str, settings: Settings) -> tuple[Settings, bool]:
    """Return the settings that ``run`` would read a source with.

    And whether it is a corrected copy of a load's rejects: such a copy is read with the
    key and the trace property of that load, after it was tidied.
    """
    first = None if source == "-" else first_load_of(source)
    seal = None if first is None else read_seal(first.seal)
    if seal is None:
        return settings, False
    known = seal.identity
    settings = msgspec.structs.replace(
        settings,
        key=settings.key or known.key_property,
        trace_property=settings.trace_property or known.trace_property,
    )
    return settings, True


def told_nothing(settings: Settings) -> Told:
    """Say what is known where no portal is asked."""
    return Told(None, Catalogue(), parse_rate(settings.rate), (_OFFLINE,))


def check(
    source: str,
    told: Told,
    *,
    settings: Settings,
    corrects: bool = False,
    watcher: Watcher | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Outline:
    """Look at every line of a source.

    Args:
        source: path of an NDJSON file, or ``-`` for standard input.
        told: what the portal told of itself.
        settings: as for ``run``; see ``as_run_would``.
        corrects: it is a corrected copy of a load's rejects.
        watcher: told how far it is, now and then.
        clock: seconds, from any beginning.

    Raises:
        UsageError: the settings or the source cannot be used.
        SourceFailed: the source could not be read to its end.
    """
    settings = checked(settings)
    began = clock()
    trace_property = _trace_property(settings, told)
    requests = Requests(
        inputs=settings.batch_size,
        body_bytes=settings.max_batch_bytes,
        overhead=WIRE_OVERHEAD,
    )
    examiner = Examiner(
        catalogue=told.catalogue,
        requests=requests,
        now=datetime.now(UTC),
        identifying=(settings.key or "", trace_property or ""),
    )
    options = DecodeOptions(
        key=settings.key,
        trace_property=trace_property,
        max_line_bytes=settings.max_line_bytes,
    )
    decoder = SeeingDecoder("check", options)
    try:
        _read(source, decoder, options, examiner, watcher, corrects=corrects)
        examiner.conclude()
    finally:
        examiner.identities.close()
    return _outline(
        source, examiner, told,
        settings=settings, trace_property=trace_property,
        ignored_fields=dict(decoder.ignored_fields), corrects=corrects,
        seconds=clock() - began,
    )  # fmt: skip


def _trace_property(settings: Settings, told: Told) -> str | None:
    found = settings.trace_property
    if told.facts is not None:
        found = told.facts.trace_property
    if settings.key is not None and settings.key == found:
        raise UsageError(
            f"--key {settings.key} is also the trace property, which carries the IDs "
            "that are made of the key; name another property by --key, or by "
            "--trace-property"
        )
    return found


def _read(
    source: str,
    decoder: Decoder,
    options: DecodeOptions,
    examiner: Examiner,
    watcher: Watcher | None,
    *,
    corrects: bool,
) -> None:
    """Read in this thread: nothing else is to be done meanwhile."""
    with opened_at_once(source) as (given, size):
        lines = (
            Tidied(iter(lambda: given.readline(PIECE_BYTES), b""))
            if corrects
            else given
        )
        reader = LineReader(lines, decoder, max_line_bytes=options.max_line_bytes)
        take = examiner.take
        try:
            while chunk := reader.chunk():
                take(chunk)
                if watcher is not None:
                    watcher(examiner.lines, reader.offset / size if size else None)
        except OSError as error:
            raise SourceFailed(
                f"{readable(source)} could not be read beyond offset "
                f"{reader.offset:,} ({error.strerror}); mend this, then run the same "
                "command again"
            ) from error


def _outline(
    source: str,
    examiner: Examiner,
    told: Told,
    *,
    settings: Settings,
    trace_property: str | None,
    ignored_fields: dict[str, int],
    corrects: bool,
    seconds: float,
) -> Outline:
    worst = examiner.worst
    problems = worst[Level.REJECTED] + worst[Level.REFUSED] + worst[Level.WRONG]
    return Outline(
        source=readable(source),
        seconds=round(seconds, 3),
        portal_id=None if told.facts is None else told.facts.portal_id,
        trace_property=trace_property,
        lines=examiner.lines,
        sound=max(0, examiner.lines - problems),
        rejected=worst[Level.REJECTED],
        refused=worst[Level.REFUSED],
        wrong=worst[Level.WRONG],
        ignored_fields=ignored_fields,
        findings=findings_of(examiner.findings.found()),
        forecast=forecast(
            examiner.requests,
            lines=examiner.lines,
            records=examiner.records,
            batch_size=settings.batch_size,
            rate=told.rate,
            usage=told.catalogue.usage,
        ),
        not_checked=[*told.not_told, *([_FIRST_LOAD] if corrects else ()), _NEVER],
    )
