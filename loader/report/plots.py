"""Plots of a load's steps, as SVG: pygal draws the geometry, the page gives the looks.

pygal would bring its own style sheet and a script with the whole configuration; both
are taken out, so that a plot follows the page from light to dark, and nothing in it
runs. Each plot is drawn twice, for a wide page and for a narrow one: one that shrinks
has letters that nobody can read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol, cast
from xml.etree import ElementTree as ET

from pygal import XY  # pyright: ignore[reportMissingTypeStubs]
from pygal.style import Style  # pyright: ignore[reportMissingTypeStubs]

from .facts import Step

#: width and height of a plot
WIDE = (620, 260)
NARROW = (330, 230)
#: kinds of errors with a line of their own
_KINDS = 4
_TICKS = 5
_MINUTE, _HOUR = 60, 3600
#: seconds between the labels of the axis of time
_TIMES = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
    21600, 43200, 86400, 172800, 604800, 2592000,
)  # fmt: skip

#: of the style only the sizes matter: they make room for the labels
_STYLE = Style(label_font_size=11, major_label_font_size=11)

Point = tuple[float, float]


class _Chart(Protocol):
    """As much of pygal, which has no types, as is used here."""

    x_labels: list[dict[str, float | str]]
    y_labels: list[dict[str, float | str]]

    def add(
        self, title: str, values: Sequence[Point | None], *, fill: bool
    ) -> object: ...
    def render_tree(self) -> ET.Element: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot; ``tone`` is its class on the page."""

    name: str
    tone: str
    points: Sequence[Point | None]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot in words, and drawn twice."""

    name: str
    #: says the same for those who do not see it
    description: str
    lines: Sequence[Line]
    wide: str
    narrow: str


def plots_of(steps: Sequence[Step]) -> list[Plot]:
    """Draw how a load went; nothing where there are no steps."""
    if not steps:
        return []
    return [
        plot for plot in (_pace(steps), _requests(steps), _outcomes(steps),
                          _errors(steps)) if plot is not None
    ]  # fmt: skip


def _pace(steps: Sequence[Step]) -> Plot:
    points = _levels(steps, lambda step: step.settled / (step.end - step.start))
    most = max(_heights(points))
    return _plot(
        "Records per second",
        f"Records settled per second over the time spent loading, at most {most:,.0f}.",
        [Line("records settled", "main", points, filled=True)],
    )


def _requests(steps: Sequence[Step]) -> Plot:
    sent = _rolling(steps)
    lines = [Line("requests sent", "main", sent, filled=True)]
    windows = [step for step in steps if step.allowed is not None]
    name, against = "Requests per second", "without a limit"
    if windows:
        last = windows[-1]
        name = f"Requests per second, over {_time(last.window_s)}"
        against = f"against an allowance of {last.allowed:,.1f} per second at the end"
        lines.append(Line("allowed", "limit", _levels(steps, lambda s: s.allowed)))
    return _plot(name, f"{name}: at most {max(_heights(sent)):,.1f}, {against}.", lines)


def _rolling(steps: Sequence[Step]) -> list[Point | None]:
    """Return how many requests a second left, counted as the portal counts them.

    That is over the time of its window, within which a burst is no offence.
    """
    points: list[Point | None] = []
    for index, step in enumerate(steps):
        since = step.end - max(step.window_s, step.end - step.start)
        sent = sum(
            each.requests * min(1.0, (each.end - since) / (each.end - each.start))
            for each in islice(reversed(steps), len(steps) - 1 - index, None)
            if each.run == step.run and each.end > since
        )
        if not points or steps[index - 1].run != step.run:
            points.append((step.start, 0.0))
        points.append((step.end, sent / (step.end - since)))
    return points


def _outcomes(steps: Sequence[Step]) -> Plot | None:
    last = steps[-1]
    told = (
        ("created", "good", [(step.end, step.created) for step in steps]),
        ("existing", "main", [(step.end, step.existing) for step in steps]),
        ("rejected", "bad", [(step.end, step.rejected) for step in steps]),
        ("in doubt", "warn", [(step.end, step.in_doubt) for step in steps]),
    )
    lines = [
        Line(name, tone, [(steps[0].start, 0.0), *points])
        for name, tone, points in told
        if any(number for _, number in points)
    ]
    if not lines:
        return None
    return _plot(
        "Outcomes",
        f"Records by outcome, added up: at the end {last.created:,} created, "
        f"{last.existing:,} existing, {last.rejected:,} rejected and "
        f"{last.in_doubt:,} in doubt.",
        lines,
    )


def _errors(steps: Sequence[Step]) -> Plot | None:
    totals: dict[str, int] = {}
    for step in steps:
        for kind, number in step.errors.items():
            totals[kind] = totals.get(kind, 0) + number
    if not totals:
        return None
    kinds = sorted(totals, key=lambda kind: -totals[kind])
    lines = [
        Line(kind, tone, _levels(steps, partial(_rate, kinds=[kind])))
        for kind, tone in zip(kinds[:_KINDS], _TONES, strict=False)
    ]
    if rest := kinds[_KINDS:]:
        others = _levels(steps, partial(_rate, kinds=rest))
        lines.append(Line("other kinds", "rest", others))
    told = ", ".join(f"{totals[kind]:,} {kind}" for kind in kinds[:_KINDS])
    return _plot(
        "Failed requests per second", f"Failed requests per second: {told}.", lines
    )


_TONES = ("warn", "bad", "main", "good")


def _rate(step: Step, kinds: Iterable[str]) -> float:
    number = sum(step.errors.get(kind, 0) for kind in kinds)
    return number / (step.end - step.start)


def _levels(
    steps: Iterable[Step], height: Callable[[Step], float | None]
) -> list[Point | None]:
    """Return a line that is level for each step, and broken where there is no value."""
    points: list[Point | None] = []
    for step in steps:
        level = height(step)
        if level is None:
            points.append(None)
        elif points and points[-1] == (step.start, level):
            points[-1] = (step.end, level)  # it goes on as it was
        else:
            points += [(step.start, level), (step.end, level)]
    return points


def _heights(points: Iterable[Point | None]) -> list[float]:
    return [point[1] for point in points if point is not None]


def _plot(name: str, description: str, lines: Sequence[Line]) -> Plot:
    return Plot(name, description, lines, _svg(lines, *WIDE), _svg(lines, *NARROW))


def _svg(lines: Sequence[Line], width: int, height: int) -> str:
    """Draw lines; axes begin at nought and have few, round labels."""
    drawn = [point for line in lines for point in line.points if point is not None]
    end = max((x for x, _ in drawn), default=1.0)
    top = max((y for _, y in drawn), default=0.0) or 1.0
    heights = _ticks(top, _step(top))
    narrow = (width, height) == NARROW
    times = _ticks(end, _time_step(end, few=3 if narrow else 6))
    chart = cast("Callable[..., _Chart]", XY)(
        width=width, height=height, js=[], no_prefix=True, classes=("plot-svg",),
        show_dots=False, show_legend=False, show_x_guides=False, spacing=6,
        margin=4, margin_right=14, allow_interruptions=True, style=_STYLE,
        range=(0, max(top * 1.04, heights[-1])), xrange=(0, end),
    )  # fmt: skip
    chart.y_labels = [{"value": each, "label": _number(each)} for each in heights]
    chart.x_labels = [{"value": each, "label": _time(each)} for each in times]
    for line in lines:
        # an area is closed from its last point to its first: by way of the axis
        points = [*line.points, (end, 0.0)] if line.filled else line.points
        chart.add(line.name, points, fill=line.filled)
    return _bare(chart.render_tree(), lines)


def _bare(root: ET.Element, lines: Sequence[Line]) -> str:
    """Take out style, script and all that only they use; name the lines' tones."""
    for child in list(root):
        if child.tag != "g":  # styles, scripts, a title, comments
            root.remove(child)
    for group in list(root.iter("g")):
        for child in list(group):
            if "overlay" in child.get("class", "") or child.tag == "title":
                group.remove(child)
        classes = group.get("class", "").split()
        for number, line in enumerate(lines):
            if f"serie-{number}" in classes:
                group.set("class", f"series {line.tone}")
    root.attrib.pop("id", None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ET.tostring(root, encoding="unicode")


def _step(top: float) -> float:
    """Return a round distance between labels, so that there are few."""
    unit = 10.0 ** len(str(int(top)))
    while unit * 2 > top:
        unit /= 10
    return next(unit * each for each in (1, 2, 5, 10) if top / (unit * each) <= _TICKS)


def _time_step(end: float, *, few: int) -> float:
    return next((each for each in _TIMES if end / each <= few), end)


def _ticks(end: float, step: float) -> list[float]:
    return [step * number for number in range(int(end / step + 1e-9) + 1)]


def _number(value: float) -> str:
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if sign == 'k' else size):,.10g}{sign}"
    return f"{value:,.10g}"


def _time(seconds: float) -> str:
    if seconds >= _HOUR:
        return f"{seconds / _HOUR:.10g} h"
    if seconds < _MINUTE:
        return f"{seconds:.10g} s"
    minutes, rest = divmod(seconds, _MINUTE)
    return f"{minutes:.0f}:{rest:02.0f} min" if rest else f"{minutes:.0f} min"
