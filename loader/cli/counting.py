"""How many records a command has done: a bar, or a plain line every few seconds."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from structlog.typing import EventDict

from loader import telemetry
from loader.report.text import printable

from .output import Screen, say
from .terminal import event_line

_PLAIN_EVERY_S = 5.0


class Counting:
    """Shows how many of the records are done. What changes: what was shown last."""

    def __init__(self, label: str, bar: Progress | None) -> None:
        self._label = label
        self._bar = bar
        self._task = None if bar is None else bar.add_task(label, total=None)
        self._last = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Show a count; without a bar now and then."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
            return
        now = time.monotonic()
        if now - self._last >= _PLAIN_EVERY_S:
            self._last = now
            say(f"{self._label} {done:,} of {total:,} records")

    def relabel(self, label: str) -> None:
        """Count something else from now on."""
        self._label = label
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=label, completed=0, total=None)

    def pause(self) -> None:
        """Take the bar away while somebody is asked."""
        if self._bar is not None:
            self._bar.stop()

    def resume(self) -> None:
        """Show it again."""
        if self._bar is not None:
            self._bar.start()

    def say(self, text: str) -> None:
        """Write a line of text, above the bar if there is one."""
        if self._bar is None:
            say(text)
        else:
            self._bar.console.print(printable(text), markup=False, soft_wrap=True)

    def event(self, level: str, event: EventDict) -> None:
        """Show what went wrong."""
        if level in ("warning", "error"):
            self.say(event_line(event))


@contextlib.contextmanager
def counting(label: str) -> Iterator[Counting]:
    """Show counts and warnings as long as the context lasts."""
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(_bar()) if sys.stderr.isatty() else None
        shown = Counting(label, bar)
        stack.enter_context(telemetry.outputs(shown.event))
        yield shown


def _bar() -> Progress:
    screen = cast("TextIO", Screen(sys.stderr))
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=screen, highlight=False),
        expand=True,
        transient=True,
    )
