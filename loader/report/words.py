"""The sentences of a report, the same on the page and in Markdown."""

from collections.abc import Iterator

from loader.model.certificate import Certificate
from loader.model.load import Promise
from loader.model.summary import Ending, Summary

from .facts import Correction, Report, RunFacts, SourceFacts, Step, UndoFacts
from .text import PROMISES, duration

NO_STEPS = (
    "No plots: of this load there is no history (an older version began it, the file "
    "was removed, or it was over in a moment)."
)
PERSONAL = "This report holds personal data: records and messages as they were."
IMPERSONAL = (
    "This report holds no personal data: values of records are taken out of messages."
)


def verdict(report: Report) -> tuple[str, str]:
    """Say in one sentence how it stands, and how that is to be taken."""
    if report.undo is not None:
        return "warn", _undone(report.undo)
    summary = report.summary
    there = summary.created + summary.existing
    if summary.clean:
        return "good", f"All {summary.lines:,} records are on the portal."
    said = f"{there:,} of {summary.lines:,} records are on the portal"
    if summary.finished:
        return "warn", f"{said}; {_rest(summary)}."
    open_ = f"{said}; the load has not come to its end: {summary.unread:,} not sent yet"
    rest = _rest(summary)
    return "bad", f"{open_}{', ' if rest else ''}{rest}."


def _rest(summary: Summary) -> str:
    parts = ((summary.rejected, "rejected"), (summary.in_doubt, "in doubt"))
    return ", ".join(f"{number:,} {name}" for number, name in parts if number)


def counts(summary: Summary) -> Iterator[tuple[str, int, str, str]]:
    """Give each outcome: its name, its number, its tone, and what it means."""
    yield "created", summary.created, "good", "made by this load"
    yield (
        "existing",
        summary.existing,
        "main",
        "there before, or repeated in the source",
    )
    yield "rejected", summary.rejected, "bad", "refused; the reasons are below"
    yield "in doubt", summary.in_doubt, "warn", "may be there; cannot be asked for now"
    yield "not sent", summary.unread, "rest", "no outcome yet"


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """Give what is to be known of the load, by name."""
    summary = report.summary
    portal = summary.portal_id or "not known yet"
    rehearsal = "the built-in portal: a rehearsal, nothing went to HubSpot"
    yield "portal", f"{portal} ({rehearsal})" if report.rehearsal else portal
    yield "promise", _promise(summary)
    if summary.trace_property:
        yield "trace property", summary.trace_property
    if report.key_property:
        yield "key of the source system", report.key_property
    yield "lines of the source", f"{summary.lines:,}"
    if summary.corrected:
        yield "corrected", f"{summary.corrected:,} rejected lines, on the portal since"
    yield (
        "requests",
        (
            f"{summary.requests:,}; {summary.throttled:,} refused for the rate; "
            f"{summary.retried:,} records sent again or asked for"
        ),
    )
    yield "time spent loading", _time(report)
    if summary.ending is not Ending.COMPLETE and summary.reason:
        yield "why it ended early", summary.reason
    if summary.ignored_fields:
        yield (
            "fields left out",
            ", ".join(
                f"{name} ({number:,} lines)"
                for name, number in summary.ignored_fields.items()
            ),
        )


def _promise(summary: Summary) -> str:
    try:
        return f"{summary.promise}: {PROMISES[Promise(summary.promise)]}"
    except ValueError:
        return summary.promise


def _time(report: Report) -> str:
    seconds = report.summary.seconds
    settled = report.summary.lines - report.summary.unread
    pace = f", {settled / seconds:,.0f} records per second" if seconds > 0 else ""
    return f"{duration(seconds)}{pace}"


def checksums(report: Report) -> Iterator[tuple[str, str]]:
    """Give what proves which source and which results this report speaks of."""
    source = report.source
    if source.sha256 is not None and source.size is not None:
        yield f"source, {source.size:,} bytes, SHA-256", source.sha256
    if source.digest is not None:
        yield "source, first line, BLAKE2b-48 (the load belongs to it)", source.digest
    yield f"results, {report.results_rows:,} rows, SHA-256", report.results_sha256


def standing(source: SourceFacts) -> str:
    """Say whether the source is still the one that was loaded."""
    if source.sha256 is None:
        return "The source cannot be read again: a stream, or a file that is gone."
    if source.unchanged:
        return (
            "The part of the source that was loaded is, byte for byte, still what it "
            "was when it was loaded."
        )
    return (
        f"The source has changed since it was loaded, from byte {source.changed_at:,} "
        "on: its checksum is of the file as it is now."
    )


#: columns of the steps as a table
STEP_HEADS = ("seconds", "records", "requests", "allowed", "refused for the rate",
              "failed")  # fmt: skip


def step_row(step: Step) -> tuple[str, ...]:
    """Return a step's cells: what happened in it, and what would have been allowed."""
    allowed = "no limit"
    if step.allowed is not None:
        allowed = f"{step.allowed * step.window_s:,.0f} in {step.window_s:g} s"
    return (
        f"{step.start:,.1f} to {step.end:,.1f}",
        f"{step.settled:,}",
        f"{step.requests:,}",
        allowed,
        f"{step.throttled:,}",
        f"{sum(step.errors.values()):,}",
    )


def run_row(run: RunFacts) -> tuple[str, str, str, str, str]:
    """Return a run's cells: begin, end, ending, records, requests."""
    ending = f"{run.ending}: {run.reason}" if run.reason else run.ending
    return (
        moment(run.began_at),
        moment(run.ended_at) if run.ended_at else "not known",
        ending,
        f"{run.settled:,}",
        f"{run.requests:,}",
    )


def moment(iso: str) -> str:
    """Return a time in UTC as people write it."""
    return iso.replace("T", " ").replace("+00:00", " UTC")


def lines_of(first_lines: list[int], number: int) -> str:
    """Name the first lines of a group."""
    named = ", ".join(f"{line:,}" for line in first_lines)
    return f"{named}, …" if number > len(first_lines) else named


def proof(report: Report) -> Iterator[tuple[str, str]]:
    """Give what the last verification found, by name; nothing without one."""
    certificate = report.certificate
    if certificate is None:
        return
    yield "verdict", _proved(certificate)
    for name in ("equal", "different", "missing", "archived", "unanswered"):
        yield name, f"{getattr(certificate, name):,}"
    if certificate.undone:
        yield "archived by undo", f"{certificate.undone:,}"
    yield "read", f"{moment(certificate.begun_at)} to {moment(certificate.ended_at)}"
    if certificate.results_sha256 != report.results_sha256:
        yield "of", "an earlier state of this load: verify it again"
    elif certificate.source_sha256 != report.source.sha256:
        yield "of", "these results; the source has another checksum now"
    else:
        yield "of", "this very source and these very results, by their checksums"


def _proved(certificate: Certificate) -> str:
    created = f"{certificate.created:,} created records"
    if certificate.proved:
        return f"all {created} were read back, and are as their lines say"
    wrong = certificate.created - certificate.equal
    return f"{wrong:,} of {created} differ from their lines, or are gone"


def _undone(undo: UndoFacts) -> str:
    count = f"{undo.archived:,} of the {undo.calls:,} calls that this load had created"
    if undo.ended_at is None:
        return f"Taken back in part: {count} were archived; 'undo' goes on."
    return f"Taken back: {count} were archived, until {moment(undo.ended_at)}."


def verified(correction: Correction) -> str:
    """Say how many of a correction's records were found as their lines say."""
    certificate = correction.certificate
    return "no" if certificate is None else f"{certificate.equal:,}"
