"""Where the commands speak, and what happens when nobody listens any more.

Everything said on standard error and everything given on standard output goes through
here. A reader may leave (``2>&1 | head``): then what he would have read is lost without
a sound, and the command does its work and keeps its own exit status. For a load that is
the point: it must not end, nor run on untold, because its messages have no reader.
"""

import contextlib
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click

from loader.errors import Stopped, UsageError
from loader.report.files import replaced
from loader.report.text import printable
from loader.telemetry import as_json_line


@dataclass(slots=True)
class Voice:
    """How lines for people are written. What changes: the form, once it is chosen."""

    as_json: bool = False

    def say(self, text: str) -> None:
        """Write a line of text to standard error, as JSON when that was chosen."""
        if self.as_json:
            say_event({"event": "run.said", "text": text})
        else:
            say(text)

    def show(self, error: click.ClickException) -> None:
        """Tell what was wrong with the command line."""
        if self.as_json:
            self.say(f"error: {error.format_message()}")
            return
        shown = io.StringIO()
        error.show(file=shown)  # it may quote what was typed
        for line in shown.getvalue().expandtabs(4).splitlines():
            say(line)


def say(text: str) -> None:
    """Write a line of text to standard error."""
    with _heard(sys.stderr):
        click.echo(printable(text), err=True)


def say_event(event: dict[str, object]) -> None:
    """Write a JSON line to standard error."""
    with _heard(sys.stderr):
        click.echo(as_json_line(event), nl=False, err=True)


def give(pieces: Iterable[bytes]) -> None:
    """Write results to standard output, as they come.

    Raises:
        Stopped: it cannot be written, for another reason than that its reader left.
    """
    try:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard(sys.stdout)
    except OSError as error:
        discard(sys.stdout)
        raise Stopped(
            f"standard output cannot be written ({error.strerror}); make room, or send "
            "it elsewhere, and run the same command again"
        ) from error


def give_lines(lines: Iterable[str]) -> None:
    """Write lines of text to standard output, whatever characters it can show."""
    encoding = sys.stdout.encoding
    give(f"{line}\n".encode(encoding, "backslashreplace") for line in lines)


def put(path: str, pieces: Iterable[bytes]) -> None:
    """Write results to a file: replaced in one step, unless it is none to replace.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        if _is_replaceable(Path(path)):
            with replaced(Path(path)) as file:
                file.writelines(pieces)
        else:  # a FIFO, a link, a device: as the shell would
            with open(path, "wb", buffering=0) as file:  # noqa: PTH123
                file.writelines(pieces)
    except BrokenPipeError:
        return
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror}; give another file with -o, in a "
            "folder that exists and that you can write"
        ) from error


def _is_replaceable(path: Path) -> bool:
    """Whether nothing is there, or a regular file: no FIFO, no link, no device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


def prepare() -> None:
    """Give a process that was started without them somewhere to speak to."""
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()


def discard(stream: TextIO) -> None:
    """Point a stream that cannot be written at nothing, also for its last flush."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


@contextlib.contextmanager
def _heard(stream: TextIO) -> Iterator[None]:
    """Write to a stream as long as it can be written."""
    try:
        yield
    except OSError:
        discard(stream)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for ever


class Screen:
    """As much of a text file as a bar uses, which draws in a thread: never raises."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str, /) -> int:
        """Write, as long as there is a terminal."""
        with _heard(self._stream):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, as long as there is a terminal."""
        with _heard(self._stream):
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return its descriptor, by which its size is found."""
        return self._stream.fileno()
