"""All that a report says of a load: from its folder, its ledger and its source."""

import contextlib
import hashlib
import os
import sqlite3
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from loader.ledger import projection, recovery, store
from loader.ledger.undoing import Undo, read_undo
from loader.model.certificate import Certificate
from loader.model.load import LoadIdentity
from loader.model.outcome import State
from loader.model.settings import Place, Settings
from loader.report import rows, series
from loader.report.facts import (
    Correction,
    Report,
    RunFacts,
    SourceFacts,
    UndoFacts,
)
from loader.report.groups import Grouping
from loader.report.history import read_rows
from loader.source.checksum import checked
from loader.source.files import line_reader, readable

from .conclude import raw_lines
from .corrections import corrections_of
from .count import read_known
from .inspect import opened, read_last, settled
from .opened import known_place
from .overlay import Overlay, opened_overlay

#: runs that are told one by one: so many of the first, and of the last
RUNS = 20
_CERTIFICATE_BYTES = 1 << 20


def dossier(
    source: str,
    load_dir: str | os.PathLike[str] | None,
    *,
    with_data: bool,
    now: datetime,
) -> Report:
    """Gather what a report says of a load that nobody runs.

    Raises:
        Owned: the load, or a correction of it, is running; names the owner's process.
        UsageError: there is no such load.
        LedgerDamaged: the ledger cannot be read.
    """
    place = known_place(source, load_dir)
    last = read_last(place)
    file = Path(source) if source != "-" and Path(source).is_file() else None
    with opened(place) as connection, opened_overlay(place) as overlay:
        identity = store.read_identity(connection)
        known = read_known(connection, overlay)
        plan = recovery.read_plan(connection, keyed=False, resend=False)
        listed = _Listed(connection, overlay, file, with_data=with_data)
        undo = read_undo(connection)
        corrections = [_correction(each) for each in corrections_of(place)]
    history = series.runs_of(read_rows(place.history))
    runs, further = _told(series.run_facts(history))
    return Report(
        made_at=now.isoformat(timespec="seconds"),
        version=version("hubspot-call-loader"),
        with_data=with_data,
        rehearsal=place.portal.exists(),
        summary=msgspec.structs.replace(
            settled(source, known, identity, last), source=_name(source)
        ),
        key_property=identity.key_property if identity is not None else None,
        source=_source_facts(source, file, identity, plan),
        results_sha256=listed.digest.hexdigest(),
        results_rows=listed.number,
        runs=runs,
        further_runs=further,
        steps=series.steps_of(history),
        errors=series.errors_of(history),
        rejected=listed.rejected.groups(),
        in_doubt=listed.in_doubt.groups(),
        corrections=corrections,
        certificate=_certificate(place),
        undo=_undo_facts(undo),
    )


class _Listed:
    """The rows of ``results``, gone through once: their digest, and what was wrong."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        overlay: Overlay,
        file: Path | None,
        *,
        with_data: bool,
    ) -> None:
        reader = line_reader(file, max_bytes=Settings().max_line_bytes)
        raw_line = raw_lines(connection, overlay, reader)
        self.digest = hashlib.sha256()
        self.number = 0
        self.rejected = Grouping(raw_line, with_data=with_data)
        self.in_doubt = Grouping(raw_line, with_data=with_data)
        for result in overlay.results(connection):
            for line in rows.ndjson([result]):
                self.digest.update(line)
            self.number += 1
            if result.state is State.REJECTED:
                self.rejected.add(result)
            elif result.state is State.IN_DOUBT:
                self.in_doubt.add(result)


def _source_facts(
    source: str, file: Path | None, identity: LoadIdentity | None, plan: recovery.Plan
) -> SourceFacts:
    name = _name(source)
    digest = identity.source_digest if identity is not None else None
    if file is None:
        return SourceFacts(name=name, digest=digest)
    try:
        found = checked(file, ((each.span, each.digest) for each in plan.spans))
    except OSError:
        return SourceFacts(name=name, digest=digest)
    return SourceFacts(
        name=name,
        digest=digest,
        sha256=found.sha256,
        size=found.size,
        unchanged=found.changed_at is None,
        changed_at=found.changed_at,
    )


def _name(source: str) -> str:
    """Return what a source is called in a report, which may be mailed to anybody."""
    return "standard input" if source == "-" else readable(Path(source).name)


def _told(runs: list[RunFacts]) -> tuple[list[RunFacts], int]:
    """Return the runs to be told one by one, and how many are left out."""
    further = max(0, len(runs) - 2 * RUNS)
    return [*runs[:RUNS], *runs[RUNS + further :]], further


def _undo_facts(undo: Undo | None) -> UndoFacts | None:
    if undo is None:
        return None
    return UndoFacts(
        begun_at=undo.begun_at,
        ended_at=undo.ended_at,
        calls=undo.calls,
        archived=undo.archived,
    )


def _correction(place: Place) -> Correction:
    with opened(place) as connection:
        counts = projection.counts(connection)
    history = read_rows(place.history)
    return Correction(
        name=place.folder.name,
        began_at=history[0].at if history else None,
        lines=counts.lines,
        created=counts.created,
        existing=counts.existing,
        rejected=counts.rejected,
        in_doubt=counts.in_doubt,
        certificate=_certificate(place),
    )


def _certificate(place: Place) -> Certificate | None:
    """Return what ``verify`` found last; None without it, or when it cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
        fd = os.open(place.certificate, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            text = file.read(_CERTIFICATE_BYTES)
        return msgspec.json.decode(text, type=Certificate)
    return None
