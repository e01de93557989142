"""What a check found, as one value: for programs as it is, for people as lines."""

from collections.abc import Iterator, Sequence

import msgspec

from .findings import Level, Tally
from .forecast import Forecast

_HEADINGS = {
    Level.REJECTED: "run would reject, without sending them",
    Level.REFUSED: "the portal would refuse",
    Level.WRONG: "would load, but not as meant",
    Level.WARNING: "would load; look whether it is meant",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of finding."""

    #: rejected, refused, wrong or warning
    level: str
    code: str
    #: the property that it is about
    property: str | None
    lines: int
    first_lines: list[int]
    message: str
    advice: str


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """All that a check found."""

    source: str
    seconds: float
    #: the portal that was asked; None: the source was checked by itself
    portal_id: str | None
    trace_property: str | None
    #: lines that are not blank
    lines: int
    #: lines without a problem, at least: one that has a problem by itself, and another
    #: that only the whole source shows, counts for two
    sound: int
    #: lines that run would reject
    rejected: int
    #: further lines that the portal would refuse
    refused: int
    #: further lines that would load, but not as meant
    wrong: int
    #: fields of the lines that HubSpot's create input has no place for
    ignored_fields: dict[str, int]
    findings: list[Finding]
    forecast: Forecast
    #: what was not looked at, and why
    not_checked: list[str]

    @property
    def is_clean(self) -> bool:
        """There is no problem; warnings are none."""
        return not self.rejected and not self.refused and not self.wrong

    @property
    def is_silent(self) -> bool:
        """There is neither a problem nor a warning."""
        return not self.findings


def findings_of(tallies: Sequence[Tally]) -> list[Finding]:
    """Write tallies as findings, in their order."""
    return [
        Finding(
            level=each.kind.level.name.lower(),
            code=each.kind.code,
            property=each.kind.subject,
            lines=each.lines,
            first_lines=each.first,
            message=each.kind.message,
            advice=each.kind.advice,
        )
        for each in tallies
    ]


def outline_lines(outline: Outline) -> Iterator[str]:
    """Write it for people: findings by level, the forecast, what to do next."""
    seconds = f"{outline.seconds:.1f} s"
    yield f"{outline.lines:,} lines checked in {seconds}, {_against(outline)}"
    for level, heading in _HEADINGS.items():
        found = [each for each in outline.findings if each.level == level.name.lower()]
        if found:
            yield ""
            yield f"{heading}:"
        for finding in found:
            yield from _finding_lines(finding)
    if outline.ignored_fields:
        yield ""
        yield "left out, HubSpot's create input has no such field: " + ", ".join(
            f"{name} ({lines:,} lines)"
            for name, lines in outline.ignored_fields.items()
        )
    yield ""
    yield from _forecast_lines(outline.forecast)
    yield ""
    for each in outline.not_checked:
        yield f"not checked: {each}"
    yield _result(outline)


def _against(outline: Outline) -> str:
    if outline.portal_id is None:
        return "without a portal"
    return f"against portal {outline.portal_id}"


def _finding_lines(finding: Finding) -> Iterator[str]:
    where = f"{finding.property}: " if finding.property else ""
    yield f"  {finding.lines:>9,}  {finding.code}  {where}{finding.message}"
    shown = ", ".join(map(str, finding.first_lines))
    more = ", …" if finding.lines > len(finding.first_lines) else ""
    noun = "line" if finding.lines == 1 else "lines"
    yield f"             {noun} {shown}{more}"
    if finding.advice:
        yield f"             do: {finding.advice}"


def _forecast_lines(forecast: Forecast) -> Iterator[str]:
    yield "forecast:"
    cut = ""
    if forecast.cut_by_bytes:
        cut = f", {forecast.cut_by_bytes:,} of them cut short by their bytes"
    yield (
        f"  {forecast.records:,} records in {forecast.requests:,} requests of at most "
        f"{forecast.batch_size}{cut}; about {forecast.body_bytes / 1e6:,.1f} MB"
    )
    day = f"{forecast.daily_limit:,} requests"
    known = (
        "as the portal says"
        if forecast.daily_limit_known
        else "the smallest tier, Free and Starter"
    )
    used = (
        "" if forecast.used_today is None else f", {forecast.used_today:,} used today"
    )
    days = "" if forecast.days == 1 else f"; it takes {forecast.days} days"
    yield f"  {_share(forecast.daily_share)} of the day's {day} ({known}{used}){days}"
    if forecast.seconds is not None:
        yield (
            f"  {_duration(forecast.seconds)} at {forecast.rate} requests in "
            f"{forecast.interval_s:g} s"
        )


def _result(outline: Outline) -> str:
    if outline.is_clean:
        return f"result: no problem in {outline.lines:,} lines"
    problems = outline.lines - outline.sound
    return (
        f"result: {problems:,} of {outline.lines:,} lines have problems "
        f"({outline.rejected:,} rejected, {outline.refused:,} refused, "
        f"{outline.wrong:,} not as meant)"
    )


def _share(share: float) -> str:
    return f"{share:.2%}" if share >= 0.0001 or not share else "under 0.01%"  # noqa: PLR2004 - what two decimals show


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"about {seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"about {hours} h {minutes:02} min" if hours else f"about {minutes} min"
