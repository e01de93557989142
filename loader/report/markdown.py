"""The report as Markdown: for a ticket, a wiki, or a mail in plain text."""

import re
from collections.abc import Iterable, Iterator, Sequence

from . import words
from .facts import Example, Group, Groups, Report
from .series import coarser
from .text import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&!])")


def markdown(report: Report) -> Iterator[str]:
    """Give the report line by line."""
    _, verdict = words.verdict(report)
    yield f"# Load of {text(report.source.name)}"
    yield ""
    yield f"**{verdict}**"
    yield ""
    yield words.PERSONAL if report.with_data else words.IMPERSONAL
    yield f"Report of {words.moment(report.made_at)}."
    yield from _section("Outcomes", _outcomes(report))
    yield from _section("The load", _table(("what", ""), words.facts(report)))
    yield from _section("How it went", _course(report))
    yield from _section("Runs", _runs(report))
    for heading, groups, total in (
        ("Rejected", report.rejected, report.summary.rejected),
        ("In doubt", report.in_doubt, report.summary.in_doubt),
    ):
        yield from _section(f"{heading}: {total:,}", _groups(groups))
    if report.corrections:
        yield from _section("Corrections", _corrections(report))
    if report.certificate:
        yield from _section("Verification", _table(("what", ""), words.proof(report)))
    yield from _section("Checksums", _checksums(report))


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"## {heading}"
    yield ""
    yield from lines


def _outcomes(report: Report) -> Iterator[str]:
    rows = [
        (name, f"{number:,}") for name, number, _, _ in words.counts(report.summary)
    ]
    return _table(
        ("outcome", "records"), [*rows, ("lines", f"{report.summary.lines:,}")]
    )


def _course(report: Report) -> Iterator[str]:
    if not report.steps:
        yield words.NO_STEPS
        return
    rows = [words.step_row(step) for step in coarser(report.steps)]
    yield from _table(words.STEP_HEADS, rows)
    if report.errors:
        yield ""
        failed = [(kind, f"{number:,}") for kind, number in report.errors.items()]
        yield from _table(("failed requests, by kind", "number"), failed)


def _runs(report: Report) -> Iterator[str]:
    if not report.runs:
        yield "Of the runs of this load there is no history."
        return
    heads = ("began", "ended", "how", "records", "requests")
    yield from _table(heads, [words.run_row(run) for run in report.runs])
    if report.further_runs:
        yield ""
        yield f"{report.further_runs:,} runs in between are left out."


def _groups(groups: Groups) -> Iterator[str]:
    if not groups.shown:
        yield "None."
    for group in groups.shown:
        yield from _group(group)
    if groups.others:
        yield f"* {groups.others:,} more, for further reasons"


def _group(group: Group) -> Iterator[str]:
    category = f"{code(group.category)} " if group.category else ""
    lines = words.lines_of(group.first_lines, group.number)
    word = "line" if group.number == 1 else "lines"
    yield f"* **{group.number:,}** {category}{code(group.message)} ({word} {lines})"
    for example in group.examples:
        yield f"  * {_example(example)}"


def _example(example: Example) -> str:
    parts = [f"line {example.line:,}, byte {example.offset:,}"]
    if example.correlation_id:
        parts.append(f"correlation ID {code(example.correlation_id)}")
    if example.trace_id:
        parts.append(f"trace ID {code(example.trace_id)}")
    parts += [code(each) for each in (example.message, example.record) if each]
    return ", ".join(parts)


def _corrections(report: Report) -> Iterator[str]:
    heads = ("correction", "began", "lines", "created", "existing", "rejected",
             "in doubt", "verified")  # fmt: skip
    rows = [
        (
            each.name,
            words.moment(each.began_at) if each.began_at else "not known",
            *(f"{number:,}" for number in (each.lines, each.created, each.existing,
                                           each.rejected, each.in_doubt)),
            words.verified(each),
        )
        for each in report.corrections
    ]  # fmt: skip
    return _table(heads, rows)


def _checksums(report: Report) -> Iterator[str]:
    yield from _table(("of what", ""), words.checksums(report))
    yield ""
    yield words.standing(report.source)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(text, row))} |"


def text(words_: str) -> str:
    """Return text that Markdown and HTML take for nothing but text."""
    return _SPECIAL.sub(r"\\\1", printable(words_)).replace("://", ":\\//")


def code(words_: str) -> str:
    """Return text as it is, between fences that are longer than any inside."""
    shown = printable(words_) or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"
