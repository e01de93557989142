"""The end of a verification: counts, checksums, and files in the load folder."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec
import orjson

from loader.errors import LedgerFailed, SourceChanged
from loader.ledger.recovery import read_plan
from loader.ledger.undoing import read_undo
from loader.ledger.verification import Verification, count_findings, read_findings
from loader.model.certificate import Certificate
from loader.model.load import InDoubtPolicy, promise_of
from loader.model.summary import Ending, Summary
from loader.report.files import replaced
from loader.report.findings import finding_rows
from loader.report.rows import ndjson
from loader.source.checksum import Checked, checked
from loader.source.files import count_lines, readable

from .count import read_known, summarise
from .opened import Opened
from .overlay import Overlay

#: what is told of the load itself
_TOLD = ("lines", "created", "existing", "rejected", "in_doubt", "unread")


def certify(
    connection: sqlite3.Connection,
    opened: Opened,
    state: Verification,
    *,
    corrections: Sequence[tuple[Opened, Certificate]],
    with_data: bool,
) -> Certificate:
    """Count, write ``differences.ndjson`` and ``certificate.json``.

    Raises:
        LedgerFailed: a file cannot be written.
        SourceChanged: the source is not what was loaded any more.
    """
    path = opened.source
    identity = opened.identity
    overlay = Overlay(tuple(each.connection for each, _ in corrections))
    corrected = read_known(connection, overlay).corrected
    summary = _summary(connection, opened)
    counts = count_findings(connection, state.compared)
    undo = read_undo(connection)
    try:
        file = _checked_source(connection, path)
        rows = finding_rows(read_findings(connection), with_data=with_data)
        differences_sha256 = _write(opened.place.differences, rows)
        certificate = Certificate(
            complete=summary.finished
            and not summary.in_doubt
            and summary.rejected == corrected
            and counts.equal == summary.created
            and all(each.proved for _, each in corrections),
            corrected=corrected,
            source=summary.source,
            load=readable(str(opened.place.folder)),
            portal_id=identity.portal_id,
            trace_property=identity.trace_property,
            promise=summary.promise,
            **{name: getattr(summary, name) for name in _TOLD},
            **msgspec.structs.asdict(counts),
            undone=undo.archived if undo is not None else 0,
            source_bytes=file.size,
            source_sha256=file.sha256,
            results_sha256=_sha256(ndjson(overlay.results(connection))),
            differences_sha256=differences_sha256,
            begun_at=state.begun_at,
            ended_at=state.ended_at or "",
            requests=state.requests,
            version=version("hubspot-call-loader"),
        )
        _write(opened.place.certificate, [_as_json(certificate)])
    except OSError as error:
        raise LedgerFailed(
            f"the files in {opened.place.folder} could not be written "
            f"({error.strerror}); free the disk and run the same command again"
        ) from error
    return certificate


def _summary(connection: sqlite3.Connection, opened: Opened) -> Summary:
    """Count the load by itself."""
    return summarise(
        read_known(connection),
        source=readable(str(opened.source)),
        count_lines=lambda gaps: count_lines(opened.source, gaps),
        promise=promise_of(opened.identity.trace_property, InDoubtPolicy.HOLD),
        identity=opened.identity,
        ending=Ending.COMPLETE,
    )


def _as_json(certificate: Certificate) -> bytes:
    return orjson.dumps(
        msgspec.to_builtins(certificate),
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )


def _checked_source(connection: sqlite3.Connection, path: Path) -> Checked:
    """Return the checksum of the source, which is still what was loaded.

    Its parts were checked as they were compared, some of them by an earlier run.
    """
    spans = read_plan(connection, keyed=False, resend=False).spans
    file = checked(path, ((each.span, each.digest) for each in spans))
    if file.changed_at is not None:
        raise SourceChanged(
            f"{path} changed while it was verified, at offset {file.changed_at}; "
            "restore it, and verify again",
            offset=file.changed_at,
        )
    return file


def _sha256(pieces: Iterable[bytes]) -> str:
    state = hashlib.sha256()
    for each in pieces:
        state.update(each)
    return state.hexdigest()


def _write(path: Path, pieces: Iterable[bytes]) -> str:
    """Replace a file; return the SHA-256 of what is in it."""
    state = hashlib.sha256()
    with replaced(path) as file:
        for each in pieces:
            state.update(each)
            file.write(each)
    return state.hexdigest()
