"""The summary in words: what happened, and what to do next."""

import shlex
from collections.abc import Iterator

from loader.model.load import Promise
from loader.model.summary import Corrects, Ending, Summary

PROMISES = {
    Promise.EXACTLY_ONCE: "every record exactly once, lost answers included",
    Promise.AT_MOST_ONCE: (
        "no record twice; one whose answer is lost is held and shown, since the "
        "portal has no unique property to ask by"
    ),
    Promise.AT_LEAST_ONCE: (
        "no record lost; one whose answer is lost is sent again and may be twice"
    ),
}


def promise_line(promise: str, trace_property: str | None) -> str:
    """Say in one line which promise is in force."""
    if promise not in PROMISES:
        return f"promise: {printable(promise)}"
    by = ""
    if trace_property:
        by = f" (by the unique property {printable(trace_property)})"
    return f"promise: {promise}{by}: {PROMISES[Promise(promise)]}"


def printable(text: str) -> str:
    """Escape control characters, so that no text can steer the terminal."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )


def pasted(name: str) -> str:
    """Quote a name for a command that a person may paste into a shell."""
    return printable(shlex.quote(name))


def summary_lines(summary: Summary, *, source: str, load_dir: str) -> Iterator[str]:
    """Give the lines of the summary, the next command last."""
    yield f"{_headline(summary)} in {duration(summary.seconds)}"
    if summary.reason:
        yield f"reason: {printable(summary.reason)}"
    for name in ("created", "existing", "rejected", "in_doubt", "unread"):
        yield f"  {name:<10}{getattr(summary, name):>12,}"
    yield f"  {'lines':<10}{summary.lines:>12,}"
    if summary.corrected:
        yield f"{summary.corrected:,} of them by corrected copies of rejected records"
    yield (
        f"{summary.requests:,} requests, {summary.throttled:,} throttled, "
        f"{summary.retried:,} records retried; "
        f"{summary.records_per_second:,.0f} records/s in this run"
    )
    if summary.portal_id is not None:  # else nobody was asked what can be promised
        yield promise_line(summary.promise, summary.trace_property)
    if summary.ignored_fields:
        fields = ", ".join(
            f"{printable(name)} ({number:,} lines)"
            for name, number in summary.ignored_fields.items()
        )
        yield f"left out, HubSpot's create input has no such field: {fields}"
    if summary.corrects is not None:
        yield _first_line(summary.corrects)
    yield from _next_steps(summary, source=source, load_dir=load_dir)


def _first_line(first: Corrects) -> str:
    """Say how the load stands whose records were corrected."""
    return (
        f"the first load ({printable(first.load)}) now: {first.lines:,} lines, "
        f"{first.created:,} created, {first.existing:,} existing, "
        f"{first.rejected:,} rejected, {first.in_doubt:,} in doubt, "
        f"{first.corrected:,} of them corrected"
    )


def _headline(summary: Summary) -> str:
    if summary.undone is not None:
        undone = f"{summary.undone:,} of {summary.created:,} created calls"
        return f"undone: {undone} were archived; loaded"
    match summary.ending:
        case Ending.COMPLETE if summary.clean:
            return f"done: all {summary.lines:,} records are on the portal"
        case Ending.COMPLETE:
            missing = summary.lines - summary.created - summary.existing
            records = f"{summary.lines:,} records, {missing:,} of them"
            return f"done: {records} not on the portal,"
        case Ending.INTERRUPTED:
            return "interrupted"
        case Ending.STOPPED:
            return "stopped before the end"
        case Ending.RUNNING:
            return "running"


def _next_steps(summary: Summary, *, source: str, load_dir: str) -> Iterator[str]:
    folder = printable(summary.corrects.load if summary.corrects else load_dir)
    if summary.undone is not None:
        return
    if summary.ending in (Ending.INTERRUPTED, Ending.STOPPED):
        # what is rejected or in doubt so far can wait: a run that was cut off has not
        # renewed its files, and the next one asks for what it can ask for
        yield f"next: run the same command again; it resumes ({printable(source)})"
        return
    if summary.unread and summary.ending is Ending.COMPLETE:
        yield "next: run the same command again; it sends the records that are unread"
    if summary.rejected:
        yield (
            f"next: correct {folder}/rejected.ndjson, or a copy of it, and run that "
            "file; its reasons are in it"
        )
    if summary.in_doubt:
        yield f"next: {_doubt_advice(summary, folder, arguments(source, load_dir))}"
    if summary.clean:
        yield f"next: python -m loader results {arguments(source, load_dir)}"


def arguments(source: str, load_dir: str) -> str:
    """Write what names a load, to be pasted after a command."""
    named = "" if load_dir == f"{source}.load" else f" --load-dir {pasted(load_dir)}"
    return pasted(source) + named


def _doubt_advice(summary: Summary, folder: str, arguments: str) -> str:
    if summary.trace_property is None:
        return (
            f"python -m loader resolve {arguments}: it asks you what became of those "
            f"in doubt ({folder}/in_doubt.ndjson); 'python -m loader prepare' lets "
            "later records be asked for"
        )
    return (
        "the same command again asks the portal for those in doubt that it can ask "
        f"for ({folder}/in_doubt.ndjson); for the others, python -m loader resolve "
        f"{arguments}"
    )


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    if minutes:
        return f"{minutes} min {rest:02.0f} s"
    return f"{rest:.1f} s"
