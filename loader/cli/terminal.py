"""What a person sees while a load runs: a bar on a terminal, plain lines elsewhere.

Events share the bar's console, so that they scroll above it instead of into it. The
bar is drawn only when standard error is a terminal, whatever ``FORCE_COLOR`` says: a
log file is none.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.table import Column
from rich.text import Text
from structlog.typing import EventDict

from loader.model.live import Live
from loader.report.text import printable
from loader.telemetry import Output

from .output import Screen, Voice, say, say_event

#: seconds between two plain lines
_PLAIN_EVERY_S = 5.0
#: the least width of the bar
_BAR = 4
_QUIET = ("time", "level", "event")


@dataclass(frozen=True, slots=True)
class Display:
    """Where a run shows itself: the live counts, the events, and a line of text."""

    observe: Callable[[Live], None]
    event: Output
    say: Callable[[str], None]


@contextlib.contextmanager
def display(log_format: str) -> Iterator[Display]:
    """Open the display that fits: a bar, plain lines, or JSON lines."""
    if log_format == "json":
        yield Display(_json_live, _json_event, Voice(as_json=True).say)
    elif sys.stderr.isatty():
        with _bar() as shown:
            yield shown
    else:
        yield Display(_PlainLines(), _plain_event, say)


def _json_live(live: Live) -> None:
    say_event({"event": "run.progressed", **counts_of(live)})


def _json_event(_: str, event: EventDict) -> None:
    say_event(dict(event))


def counts_of(live: Live) -> dict[str, object]:
    """Return the counts that a line of progress shows."""
    return {
        "created": live.created,
        "existing": live.existing,
        "rejected": live.rejected,
        "in_doubt": live.in_doubt,
        "lines": live.lines,
        "records_per_second": live.records_per_second,
        "rate_use": live.rate_use,
        "seconds_left": live.seconds_left,
        "latency_s": live.latency_s,
        "in_flight": live.in_flight,
        "paused": live.paused,
        "paused_until": live.paused_until,
    }


class _PlainLines:
    """A line every few seconds. What changes: when the last one was written."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, live: Live) -> None:
        now = time.monotonic()
        if now - self._last >= _PLAIN_EVERY_S:
            self._last = now
            say(progress_line(live))


def progress_line(live: Live) -> str:
    """Write the live counts as one line of text."""
    left = "" if live.seconds_left is None else f", {_clock(live.seconds_left)} left"
    return (
        f"{_settled(live):,} of about {live.lines:,} records, "
        f"{live.records_per_second:,.0f}/s, {_use(live)}, "
        f"{live.rejected:,} rejected, {live.in_doubt:,} in doubt{left}"
    )


def _settled(live: Live) -> int:
    return live.created + live.existing + live.rejected + live.in_doubt


def _plain_event(level: str, event: EventDict) -> None:
    if level in ("warning", "error"):
        say(event_line(event))


def event_line(event: EventDict) -> str:
    """Write an event as one line of text."""
    fields = " ".join(
        f"{name}={printable(str(value))}"
        for name, value in event.items()
        if name not in _QUIET and value is not None
    )
    clock = str(event.get("time", ""))[11:19]
    return f"{clock} {event.get('level')} {event.get('event')} {fields}".strip()


def _use(live: Live) -> str:
    if live.paused is not None:
        return paused_line(live)
    if live.rate_use is None or live.rate_limit is None:
        return "no limit"
    return f"{live.rate_use:.0%} of {live.rate_limit}/{live.rate_interval_s:g}s"


def times_line(live: Live) -> str:
    """Say how fast the portal answers."""
    if live.latency_s is None or live.latency_p95_s is None:
        return "no answer yet"
    return (
        f"answers take {live.latency_s * 1000:,.0f} ms, "
        f"95 of 100 at most {live.latency_p95_s * 1000:,.0f} ms"
    )


def paused_line(live: Live) -> str:
    """Say why nothing is sent now, and until when by the local clock."""
    if live.paused_until is None:
        return f"{live.paused}"
    until = datetime.fromisoformat(live.paused_until).astimezone()
    date = "" if until.date() == datetime.now(UTC).astimezone().date() else "%a "
    return f"{live.paused} until {until:{date}%H:%M}"


def _left(live: Live) -> str:
    left = "-:--" if live.seconds_left is None else _clock(live.seconds_left)
    return f"{left} left"


def _clock(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


@dataclass(frozen=True, slots=True)
class _Words:
    """A part of the bar's words: the higher its rank, the sooner it is left out."""

    write: Callable[[Live], str]
    rank: float
    style: str = ""
    #: while nothing is sent
    paused_rank: float | None = None

    def rank_now(self, live: Live) -> float:
        """Return its rank, as the load stands."""
        if live.paused is None or self.paused_rank is None:
            return self.rank
        return self.paused_rank


#: in the order in which they stand
_WORDS = (
    _Words(lambda live: f"{_settled(live) / max(1, live.lines):>4.0%}", 0),
    _Words(lambda live: f"{_settled(live):,}/{live.lines:,}", 1),
    _Words(lambda live: f"{live.records_per_second:,.0f}/s", 5, "cyan"),
    # why nothing is sent is worth more than how much is left
    _Words(_use, 6, paused_rank=1.5),
    _Words(lambda live: f"{live.rejected:,} rejected", 3, "red"),
    _Words(lambda live: f"{live.in_doubt:,} in doubt", 4, "yellow"),
    _Words(_left, 2),
)


class _LiveColumn(ProgressColumn):
    """Words written from the latest counts, as many as fit beside a short bar."""

    def __init__(self, room: Callable[[], int]) -> None:
        self._room = room
        super().__init__()

    def render(self, task: Task) -> Text:
        live = task.fields.get("live")
        if not isinstance(live, Live):
            return Text("")
        return Text(" ").join(fitting(live, self._room()))


def fitting(live: Live, room: int) -> list[Text]:
    """Return the words about a load that fit into so many columns."""
    most, kept = room // 2, dict[_Words, Text]()
    for each in sorted(_WORDS, key=lambda each: each.rank_now(live)):
        text = Text(each.write(live), each.style, no_wrap=True)
        if each.paused_rank is not None and live.paused is not None:
            text.truncate(most, overflow="ellipsis")
        if text.cell_len < room:
            room -= text.cell_len + 1
            kept[each] = text
    return [kept[each] for each in _WORDS if each in kept]


@contextlib.contextmanager
def _bar() -> Iterator[Display]:
    screen = cast("TextIO", Screen(sys.stderr))
    console = Console(file=screen, highlight=False)
    progress = Progress(
        # what is left beside the words, of which a narrow terminal has fewer
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=_BAR)),
        _LiveColumn(lambda: console.width - _BAR),
        console=console,
        expand=True,
        transient=True,
    )
    task = progress.add_task("load", total=None)

    def observe(live: Live) -> None:
        progress.update(
            task, total=max(1, live.lines), completed=_settled(live), live=live
        )

    def say(text: str) -> None:
        console.print(printable(text), markup=False, soft_wrap=True)

    def event(level: str, fields: EventDict) -> None:
        if level in ("warning", "error"):
            style = "red" if level == "error" else "yellow"
            console.print(event_line(fields), markup=False, style=style, soft_wrap=True)

    with progress:
        yield Display(observe, event, say)
